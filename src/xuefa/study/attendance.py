"""Who signed in to a session, who is excused and who is missing; who was expected at it; a learner by name or id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from random import Random

from xuefa.errors import BadInputError, Finding
from xuefa.records.evening import Opening
from xuefa.records.record import Learner, Record, Session, Verb
from xuefa.records.store import Store

_FIX_LEARNER = "请检查写法，或者先导入名册；同名的人请写编号"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A learner who signed in, and when (aware); `expected` is False for one whom nobody had counted on."""

    learner: Learner
    signed_in_at: datetime
    expected: bool


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A learner who is excused, and why."""

    learner: Learner
    reason: str


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """A session as it stands: arrivals by time, the others by unit and id. Who came after all counts as come.

    `pins_set_at` tells by learner id when each PIN was set (aware); it is no part of how the session stands.
    """

    session: Session
    opening: Opening | None
    signed_in: tuple[Arrival, ...]
    excused: tuple[Absence, ...]
    missing: tuple[Learner, ...]
    pins_set_at: Mapping[str, datetime] = field(default_factory=dict, compare=False)

    @property
    def is_open(self) -> bool:
        return self.opening is not None and self.opening.closed_at is None

    def tell_new_pin(self, learner: Learner, *, time_zone: tzinfo) -> str:
        """That the learner's PIN was set on the session's day, and when; else empty.

        Whoever comes first may set a PIN in another's name. Said where the trainer reads the names, it shows at once.
        """
        set_at = self.pins_set_at.get(learner.learner_id)
        if set_at is None or set_at.astimezone(time_zone).date() != self.session.held_on:
            return ""
        return f"当天 {set_at.astimezone(time_zone):%H:%M} 设的密码"

    @property
    def summary(self) -> str:
        """The counts in one sentence."""
        guests = sum(not arrival.expected for arrival in self.signed_in)
        return (
            f"应到 {len(self.session.expected)} 人，签到 {len(self.signed_in)} 人"
            + (f"（其中 {guests} 人不在应到名单）" if guests else "")
            + f"，请假 {len(self.excused)} 人，未到 {len(self.missing)} 人"
        )


def read_attendance(store: Store, session_id: str) -> Attendance:
    """The attendance of a session as the records have it now; raise BadInputError if there is no such session."""
    session = next((one for one in store.read_sessions() if one.session_id == session_id), None)
    if session is None:
        raise BadInputError(
            Finding(session_id, "没有登记过这场学习活动", "请用 xuefa session list 查看编号，或者先登记")
        )
    opening = next((one for one in store.read_openings() if one.session_id == session_id), None)
    learners = {learner.learner_id: learner for learner in store.read_learners()}
    records = store.read_records(verbs={Verb.SIGNED_IN, Verb.EXCUSED}, session_id=session_id)
    attendance = summarise_attendance(session, opening=opening, learners=learners.values(), records=records)
    return replace(attendance, pins_set_at=store.read_pin_holders())


def summarise_attendance(
    session: Session, *, opening: Opening | None, learners: Iterable[Learner], records: Iterable[Record]
) -> Attendance:
    """The attendance by the session's sign-in and excuse `records` (voided ones left out, by time)."""
    by_id = {learner.learner_id: learner for learner in learners}
    came: dict[str, datetime] = {}
    reasons: dict[str, str] = {}
    for record in records:
        if record.learner_id in by_id:
            if record.verb is Verb.SIGNED_IN:
                came.setdefault(record.learner_id, record.occurred_at)
            else:
                reasons.setdefault(record.learner_id, record.text or "")
    absent = _sort_by_unit(by_id[one] for one in (session.expected | set(reasons)) - set(came))
    return Attendance(
        session=session,
        opening=opening,
        signed_in=tuple(
            Arrival(learner=by_id[one], signed_in_at=at, expected=one in session.expected) for one, at in came.items()
        ),
        excused=tuple(
            Absence(learner=one, reason=reasons[one.learner_id]) for one in absent if one.learner_id in reasons
        ),
        missing=tuple(one for one in absent if one.learner_id not in reasons),
    )


def select_expected(learners: Sequence[Learner], *, people: Sequence[str], units: Sequence[str]) -> tuple[Learner, ...]:
    """Those of `learners` with these names or ids and those of these units; everyone if neither is given.

    Raises BadInputError with a finding for every name, id or unit that is unknown or not the only one.
    """
    if not people and not units:
        return tuple(learners)
    findings: list[Finding] = []
    chosen: dict[str, Learner] = {}
    for unit in units:
        members = [learner for learner in learners if learner.unit == unit.strip()]
        if not members:
            known = "、".join(dict.fromkeys(learner.unit for learner in learners))
            findings.append(Finding(f"单位“{unit}”", "名册里没有在岗的人属于这个单位", f"可用的单位：{known}"))
        chosen |= {learner.learner_id: learner for learner in members}
    for person in people:
        try:
            learner = find_learner(learners, person)
        except BadInputError as error:
            findings += error.findings
        else:
            chosen[learner.learner_id] = learner
    if findings:
        raise BadInputError(*findings)
    return tuple(chosen.values())


def find_learner(learners: Sequence[Learner], text: str) -> Learner:
    """The learner of that id, or the only one of that name; raise BadInputError for none or several."""
    wanted = text.strip()
    by_id = [learner for learner in learners if learner.learner_id == wanted]
    found = by_id or [learner for learner in learners if learner.name == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInputError(Finding(f"“{wanted[:40]}”", "名册里没有这个人，或者现在不在岗", _FIX_LEARNER))
    ids = "、".join(learner.learner_id for learner in found)
    raise BadInputError(
        Finding(f"“{wanted[:40]}”", f"名册里有 {len(found)} 个人叫这个名字（编号 {ids}）", _FIX_LEARNER)
    )


def draw_code(openings: Iterable[Opening], *, rng: Random) -> str:
    """Six digits that no session still open has; `rng` is to be `random.SystemRandom` where it counts."""
    taken = {opening.code for opening in openings if opening.closed_at is None}
    while (code := f"{rng.randrange(10**6):06d}") in taken:
        pass
    return code


def _sort_by_unit(learners: Iterable[Learner]) -> tuple[Learner, ...]:
    return tuple(sorted(learners, key=lambda learner: (learner.unit, learner.learner_id)))
