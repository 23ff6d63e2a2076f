"""签到: find one's name, prove it with the PIN, choose an open session and give its code; each session counts once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hmac import compare_digest
from typing import Any

from xuefa.errors import BadInputError, Finding
from xuefa.records.evening import Opening, Pin
from xuefa.records.pins import CodeTry, admit, check_ticket, make_ticket
from xuefa.records.record import SESSION_KIND_NAMES, Learner, Record, Session, Verb
from xuefa.study.name_search import read_initials
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets

_SALT_BYTES = 16


class SignInWidget(StudyWidget):
    """The sign-in card; on success the presence is told and with it the page's other widgets.

    Messages: `sign_in` {learner, pin, again, session, code}, `resume` {ticket, session}, `leave`, and now and then
    `look`, which brings sessions opened or closed meanwhile and ends the presence with the day and with a PIN that was
    reset. A ticket, sent once as {"ticket": …} and never part of `view`, spares the same tab the PIN on the next pages.
    """

    _esm, _css = read_assets("sign_in")

    def __init__(self, *, writer: RecordWriter) -> None:
        super().__init__(writer=writer)
        self._saved_at = ""
        self._again = False
        self._entered: tuple[date, datetime] | None = None
        self._initials: dict[str, tuple[str, ...]] = {}
        self._read_choices()
        self.show()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        self._read_choices()
        with_pin = self._pin_holders
        try:
            match name, request:
                case "sign_in", {"learner": str(learner_id), "pin": str(pin), "again": str(again), "code": str(code)}:
                    self._prove(self._require_learner(learner_id), pin, again, request.get("session"), code)
                case "resume", {"ticket": str(ticket)}:
                    self._resume(ticket, request.get("session"))
                case "leave", _:
                    self._writer.presence.leave()
                case "look", _:
                    self._look()
                    return
                case _:
                    raise BadRequestError(name)
        except BadInputError as error:
            self._read_choices()
            is_set = request.get("learner") in self._pin_holders.keys() - with_pin.keys()
            said = "密码已经设好。" if is_set else ""
            self.show(problem=said + "".join(f"{finding.fault}。{finding.fix}。" for finding in error.findings))
            return
        self.show()

    def show(self, *, problem: str = "") -> None:
        present = self._writer.presence
        self.view = {
            "learners": [
                {
                    "id": learner.learner_id,
                    "name": learner.name,
                    "unit": learner.unit,
                    "initials": self._find_initials(learner.name),
                    "pin_set_at": self._tell_when_set(learner.learner_id),
                }
                for learner in self._learners.values()
            ],
            "sessions": self._show_sessions(),
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

    def _show_sessions(self) -> list[dict[str, Any]]:
        return [
            {"id": session.session_id, "label": _label(session), "expected": sorted(session.expected)}
            for session in self._sessions.values()
        ]

    def _look(self) -> None:
        """Redraw only for what the learner has to know; else whoever is typing would be disturbed."""
        learner = self._writer.presence.learner
        if learner and self._entered not in {None, (self._writer.today(), self._pin_holders.get(learner.learner_id))}:
            self._writer.presence.leave()
            self.show()
        elif self.view["sessions"] != self._show_sessions():
            self.show(problem=self.view["problem"])

    def _prove(self, learner: Learner, pin: str, again: str, session_id: object, code: str) -> None:
        session = self._require_session(session_id) if session_id else None
        proof = admit(
            self._writer.store,
            learner_id=learner.learner_id,
            pin=pin,
            again=again,
            now=self._writer.clock(),
            salt=self._writer.rng.randbytes(_SALT_BYTES),
            code=self._check_code(session, code),
        )
        self._enter(learner, session, proof)

    def _resume(self, ticket: str, session_id: object) -> None:
        """Go on as the holder of the ticket: in the session they have signed in to, else on their own."""
        proof = check_ticket(self._writer.store, ticket, now=self._writer.clock())
        learner = self._learners.get(proof.learner_id) if proof else None
        if proof is None or learner is None:
            self.send({"ticket": ""})
            return
        session = self._sessions.get(session_id) if isinstance(session_id, str) else None
        if session is not None and self._earlier_sign_in(learner, session) is None:
            session = None
        self._enter(learner, session, proof)

    def _enter(self, learner: Learner, session: Session | None, proof: Pin) -> None:
        earlier = self._earlier_sign_in(learner, session)
        if earlier is None:
            record = self._writer.make_for(learner, session, Verb.SIGNED_IN)
            self._writer.append(record)
        self._again = earlier is not None
        self._entered = (self._writer.today(), proof.set_at)
        self._saved_at = f"{self._writer.local_time((earlier or record).occurred_at):%H:%M}"
        self.send({"ticket": make_ticket(proof, now=self._writer.clock())})
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

    def _require_learner(self, learner_id: str) -> Learner:
        if learner_id not in self._learners:
            raise BadRequestError("unknown learner")
        return self._learners[learner_id]

    def _require_session(self, session_id: object) -> Session:
        if not isinstance(session_id, str) or session_id not in self._sessions:
            raise BadInputError(Finding("签到", "这场学习没有开场，或者已经收场", "请重新选择今天参加什么"))
        return self._sessions[session_id]

    def _check_code(self, session: Session | None, code: str) -> CodeTry:
        if session is None:
            return "not_asked"
        is_right = compare_digest(self._codes[session.session_id].encode(), code.encode(errors="replace"))
        return "right" if is_right else "wrong"

    def _read_choices(self) -> None:
        """Read who is on the roster today, who has a PIN and which sessions are open for signing in."""
        store, today = self._writer.store, self._writer.today()
        self._learners = {learner.learner_id: learner for learner in store.read_learners() if learner.is_here(today)}
        self._pin_holders = store.read_pin_holders()
        self._codes, self._sessions = _select_open(store.read_openings(), store.read_sessions(), today)

    def _tell_when_set(self, learner_id: str) -> str:
        """When that learner's PIN was set, empty if there is none: whoever never set one sees that another did."""
        if learner_id not in self._pin_holders:
            return ""
        at = self._writer.local_time(self._pin_holders[learner_id])
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"

    def _find_initials(self, name: str) -> tuple[str, ...]:
        if name not in self._initials:
            self._initials[name] = read_initials(name)
        return self._initials[name]


def _select_open(
    openings: tuple[Opening, ...], sessions: tuple[Session, ...], today: date
) -> tuple[dict[str, str], dict[str, Session]]:
    """The codes and the sessions that one can sign in to today; one that nobody closed ends with its day."""
    codes = {opening.session_id: opening.code for opening in openings if opening.closed_at is None}
    chosen = {one.session_id: one for one in sessions if one.held_on == today and one.session_id in codes}
    return codes, chosen


def _label(session: Session | None) -> str:
    return f"{SESSION_KIND_NAMES[session.kind]}：{session.title}" if session else "自学"
