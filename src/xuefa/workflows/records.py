"""The roster, the session ledger and the records: enter, import, merge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import (
    TAKES_BACK,
    Learner,
    Record,
    Session,
    SessionKind,
    Verb,
    find_taken_back,
    make_record_id,
)
from xuefa.settings import TIME_ZONE, Settings
from xuefa.workflows.demonstration import demo_settings
from xuefa.workflows.site import now, open_site_store, read_site_catalogue, select_present

if TYPE_CHECKING:
    from xuefa.laws.catalogue import Catalogue
    from xuefa.records.merge import MergeSummary
    from xuefa.records.store import Store

LONGEST_SESSION_MINUTES = 600


def import_roster(*, settings: Settings, file: Path) -> tuple[Learner, ...]:
    """Take the roster from a CSV or Excel file; the whole file is checked before any of it is written."""
    from xuefa.records.roster import read_roster

    learners = read_roster(file)
    with open_site_store(settings) as store:
        store.write_learners(learners)
    return learners


def write_roster_template(*, to: Path) -> None:
    """Write an empty roster to fill in."""
    from xuefa.records.roster import write_roster_template as write

    write(to)


def add_session(
    *,
    settings: Settings,
    held_on: date,
    kind: SessionKind,
    title: str,
    minutes: int,
    host: str,
    laws: Sequence[str],
    expected: Sequence[str],
) -> Session:
    """Enter a study session; without `expected` everybody on the roster that day is expected."""
    require_title_and_minutes(title, minutes)
    slugs = find_laws(read_site_catalogue(settings), laws)
    with open_site_store(settings) as store:
        sessions = store.read_sessions()
        require_no_other(sessions, held_on=held_on, kind=kind, title=title)
        corrected = store.read_records(verbs={Verb.CORRECTED}, with_voided=True)
        taken = {session.session_id for session in sessions} | {record.session_id for record in corrected}
        session = Session(
            session_id=next(one for number in count(1) if (one := f"{held_on.isoformat()}-{number}") not in taken),
            held_on=held_on,
            kind=kind,
            title=title,
            minutes=minutes,
            host=host,
            laws=slugs,
            expected=frozenset(expected)
            or frozenset(learner.learner_id for learner in select_present(store.read_learners(), held_on)),
        )
        store.write_sessions([session])
    return session


def require_title_and_minutes(title: str, minutes: int) -> None:
    """Raise BadInputError if a session cannot be called so, or cannot last so long."""
    if not 1 <= minutes <= LONGEST_SESSION_MINUTES:
        raise BadInputError(
            Finding("--minutes", f"时长不能是 {minutes} 分钟", f"请填 1 至 {LONGEST_SESSION_MINUTES} 的整数")
        )
    if not title.strip():
        raise BadInputError(Finding("--title", "主题是空的", "请写明学习的主题"))


def find_laws(catalogue: Catalogue, titles: Sequence[str]) -> tuple[str, ...]:
    """The slugs of the laws with these full or short titles, each once; raise BadInputError for one not there."""
    laws = {title: catalogue.find(title) for title in titles}
    for title, law in laws.items():
        if law is None:
            known = "、".join(entry.short_title for entry in catalogue)
            raise BadInputError(Finding("--law", f"目录里没有《{title}》", f"可用的名称：{known}"))
    return tuple(dict.fromkeys(law.slug for law in laws.values() if law))


def require_no_other(sessions: Iterable[Session], *, held_on: date, kind: SessionKind, title: str) -> None:
    """Raise BadInputError if one of the sessions is of that day, kind and title."""
    if any((one.held_on, one.kind, one.title) == (held_on, kind, title) for one in sessions):
        raise BadInputError(Finding(f"{held_on}", f"“{title}”已经登记过", "不用再登记；如果是另一场，请换个主题"))


def add_record(*, settings: Settings, verb: Verb, day: date, learner_id: str | None, text: str | None) -> Record:
    """Enter one fact that happened outside the kit: a push, a pass of the official exam, a paper handed in."""
    with open_site_store(settings) as store:
        known = {learner.learner_id for learner in store.read_learners()}
        if learner_id is not None and learner_id not in known:
            raise BadInputError(Finding("--learner", f"名册里没有 {learner_id}", "请检查编号，或者先导入名册"))
        record = _make_entry(
            verb, datetime.combine(day, time(12), TIME_ZONE).astimezone(UTC), learner_id=learner_id, text=text
        )
        store.append_records([record])
    return record


def add_attendance(
    *, settings: Settings, session_id: str, present: Sequence[str], excused: Sequence[str]
) -> tuple[Record, ...]:
    """Enter who signed in and who was excused on paper; whoever is recorded so already is left as they are.

    `present` and `excused` are ids or names, as they stand on the paper. Raises BadInputError for all that are unknown.
    """
    from xuefa.study.attendance import find_learner, select_expected

    with open_site_store(settings) as store:
        session = next((one for one in store.read_sessions() if one.session_id == session_id), None)
        if session is None:
            raise BadInputError(
                Finding(session_id, "没有登记过这场学习活动", "请用 xuefa session list 查看编号，或者先登记")
            )
        roster = store.read_learners()
        select_expected(roster, people=(*present, *excused), units=())
        came = [find_learner(roster, one).learner_id for one in present]
        stayed = [find_learner(roster, one).learner_id for one in excused]
        if both := set(came) & set(stayed):
            raise BadInputError(Finding("、".join(sorted(both)), "既写了签到又写了请假", "请只留一个"))
        known = {
            (record.verb, record.learner_id)
            for record in store.read_records(verbs={Verb.SIGNED_IN, Verb.EXCUSED}, session_id=session_id)
        }
        at = datetime.combine(session.held_on, time(19), TIME_ZONE).astimezone(UTC)
        wanted = [(Verb.SIGNED_IN, one) for one in came] + [(Verb.EXCUSED, one) for one in stayed]
        added = tuple(
            _make_entry(verb, at, learner_id=learner_id, session_id=session_id)
            for verb, learner_id in dict.fromkeys(wanted)
            if (verb, learner_id) not in known
        )
        store.append_records(added)
    return added


@dataclass(frozen=True)
class HeldSession:
    """A session of the ledger and how many distinct people signed in and were excused."""

    session: Session
    present: int
    excused: int


def list_sessions(*, settings: Settings) -> tuple[HeldSession, ...]:
    """The sessions of the ledger with their attendance, oldest first."""
    with open_site_store(settings) as store:
        attended = {
            (one.session_id, one.verb, one.learner_id)
            for one in store.read_records(verbs={Verb.SIGNED_IN, Verb.EXCUSED})
        }
        return tuple(
            HeldSession(
                session,
                present=sum(key[:2] == (session.session_id, Verb.SIGNED_IN) for key in attended),
                excused=sum(key[:2] == (session.session_id, Verb.EXCUSED) for key in attended),
            )
            for session in store.read_sessions()
        )


def list_records(*, settings: Settings, day: date | None, learner_id: str | None) -> tuple[Record, ...]:
    """The records that count, of one local day and one learner or of all."""
    start = datetime.combine(day, time(), TIME_ZONE) if day else None
    with open_site_store(settings) as store:
        return store.read_records(
            learner_id=learner_id, since=start, until=start + timedelta(days=1) if start else None
        )


def void_record(*, settings: Settings, record_id: str, reason: str) -> Record:
    """Take a record back by another one that names it; both stay."""
    with open_site_store(settings) as store:
        record = _find_counting(store, record_id)
        if record is None:
            raise BadInputError(Finding(record_id, "没有这条记录，或者它已经作废", "请用 xuefa records list 查看编号"))
        if record.verb is Verb.CORRECTED:
            fix = f"如果更正错了，请用 xuefa session edit {record.session_id} 再更正一次"
            raise BadInputError(Finding(record_id, "是一场学习活动的更正，不能作废", fix))
        voiding = _make_entry(Verb.VOIDED, now(), text=reason, voids=record.record_id)
        store.append_records([voiding])
    return voiding


def _find_counting(store: Store, record_id: str) -> Record | None:
    """The record of that id, if it is neither taken back nor takes another back."""
    try:
        found = store.find_records([UUID(record_id)])
    except ValueError:
        return None
    taken_back = find_taken_back(store.read_records(verbs=TAKES_BACK, with_voided=True))
    return next((one for one in found.values() if one.voids is None and one.record_id not in taken_back), None)


def merge_records(*, settings: Settings, file: Path) -> MergeSummary:
    """Take in the records that another machine kept."""
    from xuefa.records.merge import merge_records as merge

    demo_dir = demo_settings(settings).site_dir
    if file.resolve().is_relative_to(demo_dir) and settings.site_dir != demo_dir:
        raise BadInputError(Finding(str(file), "这是演示数据", "演示数据不能并入自己的记录，请选别的文件"))
    with open_site_store(settings) as store:
        return merge(store, file)


def _make_entry(
    verb: Verb,
    occurred_at: datetime,
    *,
    learner_id: str | None = None,
    session_id: str | None = None,
    text: str | None = None,
    voids: UUID | None = None,
) -> Record:
    """A record that a person enters by hand."""
    return Record(
        record_id=make_record_id(now(), SystemRandom().getrandbits(74)),
        verb=verb,
        occurred_at=occurred_at,
        source="ledger",
        learner_id=learner_id,
        session_id=session_id,
        text=text,
        voids=voids,
    )
