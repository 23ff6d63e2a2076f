"""What became of a section's basis since it was written: added, voided, corrected, or tampered with; told in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from uuid import UUID

from xuefa.errors import Finding
from xuefa.records.record import VERB_NAMES, Record, Verb
from xuefa.report.basis import Basis, Holdings, digest_contents
from xuefa.report.progress import Progress

ChangeKind = Literal["added", "voided", "corrected", "altered", "gone"]

_WORDS: dict[ChangeKind, str] = {
    "added": "新增",
    "voided": "作废",
    "corrected": "更正",
    "altered": "被改动",
    "gone": "不见了",
}
_NAMED_AT_MOST = 5
_TEXT_AT_MOST = 20


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was: how, in words which, and the ids of the rows that it may stand behind.

    A record is only ever added or voided; `altered` and `gone` records are the marks of tampering. Sessions, people of
    the roster and exam results may rightly be corrected. `learner_id` is whose record it is.
    """

    kind: ChangeKind
    says: str
    touches: tuple[str, ...]
    learner_id: str | None = None

    @property
    def is_tampering(self) -> bool:
        return self.kind in ("altered", "gone")

    def concerns(self, rows: frozenset[str]) -> bool:
        """Whether one of those rows is, or is part of, what changed."""
        return not rows.isdisjoint(self.touches)

    def is_of(self, people: frozenset[str]) -> bool:
        """Whether it is a record of one of those people, or has a row of theirs."""
        return self.learner_id in people or any(touch.rpartition("/")[2] in people for touch in self.touches)


def find_changes(
    then: Basis, now: Holdings, *, time_zone: tzinfo, progress: Progress | None = None
) -> tuple[Change, ...]:
    """Everything that differs between a basis and what is held now, in the order of the ids.

    `progress` is told (done, all) of the records.
    """
    return tuple(_Comparison(then, now, time_zone).find(progress))


def explain(changes: tuple[Change, ...], rows: frozenset[str]) -> str:
    """Why a figure of those rows (then and now) is another: at most a few changes in words, and how many more.

    Where the rows are people (人均学时, 持证率 …) and the roster did not change, it is what these people did.
    """
    concerned = [change for change in changes if change.concerns(rows)]
    concerned = concerned or [change for change in changes if change.is_of(rows)]
    if not concerned:
        return (
            "没有找到记录的增减或更正，可能是登记在前的学习活动到了日期，"
            "也可能是上一年的记录、设置、法律目录或者程序的算法变了"
        )
    named = "；".join(f"{_WORDS[change.kind]}：{change.says}" for change in concerned[:_NAMED_AT_MOST])
    return named + (f"；等共 {len(concerned)} 条" if len(concerned) > _NAMED_AT_MOST else "")


def check_tampering(changes: tuple[Change, ...]) -> tuple[Finding, ...]:
    """A finding for each sealed record that was altered or is gone: records are append-only."""
    faults = {"altered": "封存以后这条记录被改动过", "gone": "封存时有这条记录，现在数据库里没有了"}
    return tuple(
        Finding(change.says, faults[change.kind], "记录只能新增或者作废，请查明是谁改了数据库，并用备份恢复")
        for change in changes
        if change.is_tampering
    )


class _Comparison:
    def __init__(self, then: Basis, now: Holdings, time_zone: tzinfo) -> None:
        self._then, self._now, self._time_zone = then, now, time_zone
        self._records: dict[UUID, Record] = {}
        self._sessions = {session.session_id: session for session in now.sessions}
        self._learners = {learner.learner_id: learner for learner in now.learners}
        self._voided_by = now.find_taken_back()
        self._within_session: dict[str, list[str]] = defaultdict(list)
        self._of_learner: dict[str, list[str]] = defaultdict(list)
        self._corrections: dict[str, list[str]] = defaultdict(list)
        for row in then.rows:
            head, slash, tail = row.rpartition("/")
            if slash:
                self._within_session[head].append(row)
                self._of_learner[tail].append(row)

    def find(self, progress: Progress | None) -> Iterator[Change]:
        before = dict(self._then.contents)
        differing: dict[str, tuple[str | None, str | None]] = {}
        held = digest_contents(
            self._now, year=self._then.year, time_zone=self._time_zone, progress=progress, expected=len(before)
        )
        for key, after in held:
            was = before.pop(key, None)
            if was != after:
                differing[key] = (was, after)
        differing |= {key: (was, None) for key, was in before.items()}
        named = [UUID(key.removeprefix("r:")) for key in differing if key.startswith("r:")]
        self._records = self._now.store.find_records(named)
        for record_id in sorted(self._records):
            record = self._records[record_id]
            if record.verb is Verb.CORRECTED and record.session_id:
                self._corrections[record.session_id].append(record.text or "没有写原因")
        for key in sorted(differing):
            yield self._describe(key, *differing[key])

    def _describe(self, key: str, before: str | None, after: str | None) -> Change:
        kind, _, value_id = key.partition(":")
        if kind == "r":
            return self._describe_record(value_id, before, after)
        how: ChangeKind = "added" if before is None else "corrected"
        if kind == "s":
            why = "".join(f"（{text}）" for text in self._corrections[value_id])
            return Change(how, f"学习活动{self._session(value_id)}{why}", self._rows_of_session(value_id))
        if kind == "l":
            return Change(how, f"名册里的{self._person(value_id)}", self._rows_of_learner(value_id))
        paper, _, learner_id = value_id.rpartition("/")
        return Change(how, f"试卷 {paper} {self._person(learner_id)}的成绩", (value_id,))

    def _describe_record(self, record_id: str, before: str | None, after: str | None) -> Change:
        record = self._records.get(UUID(record_id))
        if record is None:
            return Change("gone", f"记录 {record_id}", (record_id,))
        is_at_session = record.session_id and record.learner_id
        touches = (record_id, *((f"{record.session_id}/{record.learner_id}",) if is_at_session else ()))
        says = self._record(record)
        if before is None:
            return Change("added", says, touches, record.learner_id)
        if after is not None:
            return Change("altered", says, touches, record.learner_id)
        voiding = self._voided_by.get(record.record_id)
        if voiding is None:  # it is there, but was moved out of what the year rests on
            return Change("altered", says, touches, record.learner_id)
        return Change("voided", f"{says}（{voiding.text or '没有写原因'}）", touches, record.learner_id)

    def _record(self, record: Record) -> str:
        day = record.occurred_at.astimezone(self._time_zone).date()
        parts = [f"{day}", self._person(record.learner_id) if record.learner_id else "", VERB_NAMES[record.verb]]
        if record.session_id:
            parts.append(self._session(record.session_id))
        elif text := record.item_id or record.text:
            parts.append(f"“{text if len(text) <= _TEXT_AT_MOST else text[:_TEXT_AT_MOST] + '…'}”")
        return " ".join(part for part in parts if part)

    def _session(self, session_id: str) -> str:
        session = self._sessions.get(session_id)
        return f"{session.held_on}“{session.title}”" if session else f" {session_id}（已删去）"

    def _person(self, learner_id: str) -> str:
        learner = self._learners.get(learner_id)
        return f"{learner.name}（{learner_id}）" if learner else learner_id

    def _rows_of_session(self, session_id: str) -> tuple[str, ...]:
        session = self._sessions.get(session_id)
        within = self._within_session[session_id]
        named = (*session.laws, *session.expected) if session else ()
        return (session_id, *within, *(f"{session_id}/{name}" for name in named))

    def _rows_of_learner(self, learner_id: str) -> tuple[str, ...]:
        """Also the records of a person: a change of unit moves them to another unit's figures."""
        own = (str(one.record_id) for one in self._now.store.read_records(learner_id=learner_id, with_voided=True))
        return (learner_id, *self._of_learner[learner_id], *own)
