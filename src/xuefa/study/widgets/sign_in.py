"""签到: choose one's name and today's session; each session counts once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xuefa.records.record import SESSION_KIND_NAMES, Learner, Record, Session, Verb
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets


class SignInWidget(StudyWidget):
    """The sign-in card; on success the presence is told and with it the page's other widgets."""

    _esm, _css = read_assets("sign_in")

    def __init__(self, *, writer: RecordWriter) -> None:
        super().__init__()
        self._writer = writer
        self._saved_at = ""
        self._again = False
        self._read_choices()
        self.show()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        if name != "sign_in":
            raise BadRequestError(name)
        self._read_choices()
        learner = self._learners.get(str(request.get("learner")))
        session_id = request.get("session")
        session = self._sessions.get(str(session_id)) if session_id else None
        if learner is None or (session_id and session is None):
            raise BadRequestError("unknown learner or session")
        self._sign_in(learner, session)
        self.show()

    def show(self, *, problem: str = "") -> None:
        present = self._writer.presence
        self.view = {
            "learners": [
                {"id": learner.learner_id, "name": learner.name, "unit": learner.unit}
                for learner in self._learners.values()
            ],
            "sessions": [{"id": session.session_id, "label": _label(session)} for session in self._sessions.values()],
            "present": {
                "name": present.learner.name,
                "unit": present.learner.unit,
                "session": _label(present.session),
                "saved_at": self._saved_at,
                "again": self._again,
            }
            if present.learner
            else None,
            "problem": problem,
        }

    def _sign_in(self, learner: Learner, session: Session | None) -> None:
        earlier = self._earlier_sign_in(learner, session)
        if earlier is None:
            record = self._writer.make_for(learner, session, Verb.SIGNED_IN)
            self._writer.append(record)
        self._again = earlier is not None
        self._saved_at = f"{self._writer.local_time((earlier or record).occurred_at):%H:%M}"
        self._writer.presence.enter(learner, session)

    def _earlier_sign_in(self, learner: Learner, session: Session | None) -> Record | None:
        """The record of the same sign-in: same session, or for 自学 same module on the same day."""
        records = self._writer.store.read_records(
            verbs={Verb.SIGNED_IN},
            learner_id=learner.learner_id,
            session_id=session.session_id if session else None,
            module=None if session else self._writer.module,
        )
        today = self._writer.today()
        for record in records:
            if session or (record.session_id is None and self._writer.local_time(record.occurred_at).date() == today):
                return record
        return None

    def _read_choices(self) -> None:
        """Read who is on the roster today and which sessions are held today."""
        today = self._writer.today()
        self._learners = {
            learner.learner_id: learner for learner in self._writer.store.read_learners() if learner.is_here(today)
        }
        self._sessions = {
            session.session_id: session for session in self._writer.store.read_sessions() if session.held_on == today
        }


def _label(session: Session | None) -> str:
    return f"{SESSION_KIND_NAMES[session.kind]}：{session.title}" if session else "自学"
