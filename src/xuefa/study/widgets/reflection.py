"""心得体会: write, hand in; what was handed in stays in sight with its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xuefa.records.record import Record, Verb
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets

MAX_CHARACTERS = 20_000


class ReflectionWidget(StudyWidget):
    """The box for a 心得体会. The draft stays in the browser; only what is handed in becomes a record."""

    _esm, _css = read_assets("reflection")

    def __init__(self, *, writer: RecordWriter) -> None:
        super().__init__()
        self._writer = writer
        self._unsaved: Record | None = None
        self._handed_in: tuple[Record, ...] = ()
        writer.presence.subscribe(self._note_presence)
        self._note_presence()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        learner = self._writer.presence.learner
        if name != "hand_in" or learner is None:
            raise BadRequestError(name)
        text = _clean_text(request.get("text"))
        if all(record.text != text for record in self._handed_in):  # handed in twice, it counts once
            if self._unsaved is None or self._unsaved.text != text:
                self._unsaved = self._writer.make(Verb.REFLECTED, text=text)
            self._writer.append(self._unsaved)
            self._handed_in = (*self._handed_in, self._unsaved)
            self._unsaved = None
        self.show()

    def show(self, *, problem: str = "") -> None:
        learner = self._writer.presence.learner
        self.view = {
            "learner": {"id": learner.learner_id, "name": learner.name} if learner else None,
            "module": self._writer.module,
            "max_characters": MAX_CHARACTERS,
            "handed_in": [
                {
                    "text": record.text or "",
                    "at": f"{self._writer.local_time(record.occurred_at):%Y年%m月%d日 %H:%M}",
                }
                for record in self._handed_in
            ],
            "problem": problem,
        }

    def _note_presence(self) -> None:
        """Show what this learner has handed in for this module before."""
        learner = self._writer.presence.learner
        self._unsaved = None
        self._handed_in = (
            self._writer.store.read_records(
                verbs={Verb.REFLECTED}, learner_id=learner.learner_id, module=self._writer.module
            )
            if learner
            else ()
        )
        self.show()


def _clean_text(value: object) -> str:
    """The text with plain line ends; raise BadRequestError for none, too much, or what no database can hold."""
    if not isinstance(value, str):
        raise BadRequestError("no text")
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not text or len(text) > MAX_CHARACTERS:
        raise BadRequestError("empty or too long")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRequestError("half a character") from None
    return text
