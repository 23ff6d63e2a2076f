"""心得体会 and 研讨材料: drafts kept as one types, handed in, and what the trainer said of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from xuefa.errors import BadInputError, RecordsError
from xuefa.records.evening import Draft, StaleDraftError
from xuefa.records.record import VERB_NAMES, Record, Verb
from xuefa.records.writings import WRITING_VERBS, Writing, read_writings
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets
from xuefa.study.written_text import MAX_CHARACTERS, MAX_FILE_BYTES, clean_text, read_docx_text

_MAX_BASE64 = MAX_FILE_BYTES * 4 // 3 + 4


class ReflectionWidget(StudyWidget):
    """The place to write. A draft is kept in the database for its writer alone; what is handed in becomes a record.

    Messages: `draft` {kind, text, based_on}, `attach` {content: base64 of a .docx}, `hand_in` {kind, text}; `kind` is
    a verb of WRITING_VERBS. `attach` answers once with {"attached": text}; the page puts it where one writes. A draft
    that another page has changed meanwhile is not written over: `newer` holds that one.
    """

    _esm, _css = read_assets("reflection")

    def __init__(self, *, writer: RecordWriter) -> None:
        super().__init__(writer=writer)
        self._unsaved: Record | None = None
        self._writings: tuple[Writing, ...] = ()
        self._drafts: dict[Verb, Draft] = {}
        self._newer: dict[Verb, Draft] = {}
        writer.presence.subscribe(self._note_presence)
        self._note_presence()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        learner = self._writer.presence.learner
        if learner is None:
            raise BadRequestError(name)
        try:
            match name, request:
                case "draft", {"kind": kind, "text": text, "based_on": int(based_on)}:
                    self._keep_draft(learner.learner_id, _require_kind(kind), _require_text(text), based_on)
                case "attach", {"content": str(content)}:
                    self._attach(content)
                case "hand_in", {"kind": kind, "text": text}:
                    self._hand_in(learner.learner_id, _require_kind(kind), _require_text(text))
                case _:
                    raise BadRequestError(name)
        except BadInputError as error:
            self.show(problem="".join(f"{finding.fault}。{finding.fix}。" for finding in error.findings))
            return
        self.show()

    def show(self, *, problem: str = "") -> None:
        learner = self._writer.presence.learner
        self.view = {
            "learner": {"id": learner.learner_id, "name": learner.name} if learner else None,
            "module": self._writer.module,
            "max_characters": MAX_CHARACTERS,
            "kinds": [[verb.value, VERB_NAMES[verb]] for verb in WRITING_VERBS],
            "writings": [self._show_writing(one) for one in self._writings],
            "drafts": {verb.value: self._show_draft(draft) for verb, draft in self._drafts.items()},
            "newer": {verb.value: self._show_draft(draft) for verb, draft in self._newer.items()},
            "problem": problem,
        }

    def _keep_draft(self, learner_id: str, kind: Verb, text: str, based_on: int) -> None:
        draft = Draft(learner_id=learner_id, key=self._key(kind), text=text, saved_at=self._writer.clock())
        try:
            self._drafts[kind] = self._writer.store.write_draft(draft, based_on=based_on)
            self._newer.pop(kind, None)
        except StaleDraftError as error:
            if error.newer is None:  # handed in from another page: this text is a new draft
                self._drafts[kind] = self._writer.store.write_draft(draft, based_on=0)
            else:
                self._newer[kind] = error.newer

    def _attach(self, content: str) -> None:
        if len(content) > _MAX_BASE64:
            raise BadRequestError("larger than the page sends")
        try:
            data = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise BadRequestError("not base64") from None
        self.send({"attached": read_docx_text(data)})

    def _hand_in(self, learner_id: str, kind: Verb, written: str) -> None:
        text = clean_text(written)
        if not text:
            raise BadRequestError("no text")
        standing = [one.record for one in self._writings if one.stage != "returned"]
        if all((record.verb, record.text) != (kind, text) for record in standing):  # handed in twice, it counts once
            if self._unsaved is None or (self._unsaved.verb, self._unsaved.text) != (kind, text):
                self._unsaved = self._writer.make(kind, text=text)
            self._writer.append(self._unsaved)
            self._unsaved = None
        # The text is saved; a draft that stays behind shows again and does no harm.
        with suppress(RecordsError):
            self._writer.store.remove_draft(learner_id, self._key(kind))
        self._drafts.pop(kind, None)
        self._newer.pop(kind, None)
        self._writings = read_writings(self._writer.store, learner_id=learner_id, module=self._writer.module)

    def _key(self, kind: Verb) -> str:
        return f"{kind.value}:{self._writer.module}"

    def _note_presence(self) -> None:
        """Show what this learner has handed in for this module before, and the drafts."""
        learner = self._writer.presence.learner
        store = self._writer.store
        self._unsaved = None
        self._writings, self._drafts, self._newer = (), {}, {}
        if learner is not None:
            self._writings = read_writings(store, learner_id=learner.learner_id, module=self._writer.module)
            drafts = ((kind, store.read_draft(learner.learner_id, self._key(kind))) for kind in WRITING_VERBS)
            self._drafts = {kind: draft for kind, draft in drafts if draft is not None}
        self.show()

    def _show_writing(self, one: Writing) -> dict[str, Any]:
        return {
            "kind": one.record.verb.value,
            "text": one.record.text or "",
            "at": f"{self._writer.local_time(one.record.occurred_at):%Y年%m月%d日 %H:%M}",
            "stage": one.stage,
            "reason": one.reason,
        }

    def _show_draft(self, draft: Draft) -> dict[str, Any]:
        saved_at = f"{self._writer.local_time(draft.saved_at):%H:%M:%S}"
        return {"text": draft.text, "revision": draft.revision, "saved_at": saved_at}


def _require_kind(value: object) -> Verb:
    kind = next((verb for verb in WRITING_VERBS if verb.value == value), None)
    if kind is None:
        raise BadRequestError("neither 心得体会 nor 研讨材料")
    return kind


def _require_text(value: object) -> str:
    """The text as it came; raise BadRequestError for none, too much, or what no database can hold."""
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise BadRequestError("no text, or too long")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRequestError("half a character") from None
    return value.replace("\0", "")
