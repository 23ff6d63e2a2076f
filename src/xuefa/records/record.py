"""The values that the records hold: what someone did and when, the learners of the roster, the study sessions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID


class Verb(StrEnum):
    """What a record says was done."""

    SIGNED_IN = "signed_in"
    EXCUSED = "excused"
    ANSWERED = "answered"
    FINISHED = "finished"
    REFLECTED = "reflected"
    PRESENTED = "presented"
    PUBLISHED = "published"
    CERTIFIED = "certified"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    VOIDED = "voided"


VERB_NAMES: dict[Verb, str] = {
    Verb.SIGNED_IN: "签到",
    Verb.EXCUSED: "请假",
    Verb.ANSWERED: "答题",
    Verb.FINISHED: "完成",
    Verb.REFLECTED: "心得体会",
    Verb.PRESENTED: "研讨材料",
    Verb.PUBLISHED: "推送",
    Verb.CERTIFIED: "执法考试通过",
    Verb.RETURNED: "退回",
    Verb.ACCEPTED: "收下",
    Verb.CORRECTED: "更正",
    Verb.VOIDED: "作废",
}

TAKES_BACK = frozenset({Verb.VOIDED, Verb.RETURNED})
"""What names in `voids` a record that no longer counts."""


class SessionKind(StrEnum):
    """What kind of gathering a session was."""

    EVENING = "evening"
    TWENTY_MINUTES = "twenty_minutes"
    STUDY_GROUP = "study_group"
    SEMINAR = "seminar"
    LECTURE = "lecture"
    COURT_VISIT = "court_visit"


SESSION_KIND_NAMES: dict[SessionKind, str] = {
    SessionKind.EVENING: "干部夜学",
    SessionKind.TWENTY_MINUTES: "党委会“学法二十分”",
    SessionKind.STUDY_GROUP: "中心组学习",
    SessionKind.SEMINAR: "学习研讨",
    SessionKind.LECTURE: "专题讲座",
    SessionKind.COURT_VISIT: "旁听庭审",
}


_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_LEARNER_ID = re.compile(rf"[A-Za-z0-9{_HAN}][A-Za-z0-9{_HAN}_-]{{0,39}}")
_WINDOWS_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10))}
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One thing that happened, never changed afterwards.

    `record_id` is a UUIDv7; `occurred_at` is an aware time, kept in UTC; numbers are finite. What does not apply is
    None: `points` of `max_points`, `response` (letters as answered), `seconds` spent, `text` written (of ANSWERED and
    FINISHED the round they belong to, as `练习 0123456789ab`). `item_id` is a question id of the bank (`xzss-0017`,
    `xzss-0030.1`), `item_version` the digest of the item then. `source` says where the record came from (`notebook`,
    `ledger`, `demo`, a file name). `voids` names the record that this one (verb VOIDED, or RETURNED for a text that its
    writer is to write again) takes back; of ACCEPTED, `item_id` is the id of
    the record with the text; of CORRECTED, `response` holds the changed fields of the session (`records.corrections`).
    """

    record_id: UUID
    verb: Verb
    occurred_at: datetime
    source: str
    learner_id: str | None = None
    session_id: str | None = None
    module: int | None = None
    item_id: str | None = None
    item_version: str | None = None
    points: float | None = None
    max_points: float | None = None
    response: str | None = None
    seconds: float | None = None
    text: str | None = None
    voids: UUID | None = None

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None:
            raise ValueError("occurred_at must be an aware time")
        if (self.voids is not None) != (self.verb in TAKES_BACK):
            raise ValueError("a record voids another if and only if its verb is VOIDED or RETURNED")
        for number in (self.points, self.max_points, self.seconds):
            if number is not None and not math.isfinite(number):
                raise ValueError("points and seconds must be finite")
        if self.occurred_at.tzinfo is not UTC:
            object.__setattr__(self, "occurred_at", self.occurred_at.astimezone(UTC))


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A time that someone served in a unit, both days included; `until` is None while it lasts."""

    unit: str
    post: str
    since: date
    until: date | None


@dataclass(frozen=True, kw_only=True)
class Learner:
    """One person of the roster; `until` is the last day, None while they are here; the id names folders.

    Who moved between units, left and came back, or was on long leave has `earlier` postings, oldest first, each ended
    before the next began. On a day between two postings they are not on the roster, so that nobody expects them.
    """

    learner_id: str
    name: str
    unit: str
    post: str
    since: date
    until: date | None = None
    exam_eligible: bool = False
    earlier: tuple[Posting, ...] = ()

    def __post_init__(self) -> None:
        if not is_learner_id(self.learner_id):
            raise ValueError(f"not a learner id: {self.learner_id!r}")
        if any(posting.until is not None and posting.until < posting.since for posting in self.postings):
            raise ValueError("nobody leaves before they join")
        if any(one.until is None or one.until >= other.since for one, other in pairwise(self.postings)):
            raise ValueError("one posting ends before the next begins")

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Every posting, oldest first; the last is that of `unit`, `post`, `since` and `until`."""
        return (*self.earlier, Posting(unit=self.unit, post=self.post, since=self.since, until=self.until))

    def is_here(self, day: date) -> bool:
        """Whether they are on the roster on that day."""
        return any(p.since <= day and (p.until is None or day <= p.until) for p in self.postings)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One study session: when, what kind, which laws (slugs), how long, who hosted, who was expected (learner ids)."""

    session_id: str
    held_on: date
    kind: SessionKind
    title: str
    minutes: int
    host: str
    laws: tuple[str, ...] = ()
    expected: frozenset[str] = field(default_factory=frozenset)


def is_learner_id(text: str) -> bool:
    """Whether `text` can be a learner's id, which also names folders on every system.

    At most 40 letters, digits, Chinese characters, - and _, not beginning with - or _, and no device name of Windows
    (CON, NUL, COM1 …; Microsoft, “Naming Files, Paths, and Namespaces”).
    """
    return _LEARNER_ID.fullmatch(text) is not None and text.upper() not in _WINDOWS_DEVICES


def find_taken_back(records: Iterable[Record]) -> dict[UUID, Record]:
    """The record that takes back each one that no longer counts, by the id of the latter; see `select_taken_back`."""
    takers = {record.record_id: record for record in records if record.voids}
    taken = select_taken_back((one.occurred_at, one.record_id, one.voids) for one in takers.values() if one.voids)
    return {target: takers[taker] for target, taker in taken.items()}


def select_taken_back(takers: Iterable[tuple[datetime, UUID, UUID]]) -> dict[UUID, UUID]:
    """Which record takes back which, target → taker, from (time, id, target) of all that take something back.

    From the newest on, so that taking back a taking-back restores the record; of several takers the first counts.
    """
    taken: dict[UUID, UUID] = {}
    for _, record_id, target in sorted(takers, reverse=True):
        if record_id not in taken:
            taken[target] = record_id
    return taken


def make_record_id(occurred_at: datetime, random_bits: int) -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7) of the time in milliseconds and 74 random bits."""
    if not 0 <= random_bits < 1 << 74:
        raise ValueError("74 random bits are needed")
    milliseconds = int(occurred_at.astimezone(UTC).timestamp() * 1000)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


@dataclass(frozen=True, kw_only=True)
class ExamResult:
    """What the gradebook says of one expected learner (应考) in one paper; scores are points, None for 缺考."""

    paper_id: str
    paper_title: str
    held_on: date
    learner_id: str
    score: float | None
    max_score: float
    pass_score: float
    excellent_score: float


@dataclass(frozen=True, kw_only=True)
class UnmarkedPaper:
    """A practice paper that was released and of which nothing is marked yet."""

    paper_id: str
    paper_title: str
    held_on: date
