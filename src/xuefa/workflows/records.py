"""The roster, the session ledger and the records: enter, import, merge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import TIME_ZONE, now, open_site_store, read_site_bank, select_present

if TYPE_CHECKING:
    from xuefa.records.merge import MergeSummary
    from xuefa.records.record import Learner, Record, Session, SessionKind, Verb


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
    from xuefa.records.record import Session

    if minutes < 1:
        raise BadInputError(Finding("--minutes", f"时长不能是 {minutes} 分钟", "请填 1 以上的整数"))
    catalogue = read_site_bank(settings).catalogue
    slugs = []
    for title_of_law in laws:
        law = catalogue.find(title_of_law)
        if law is None:
            known = "、".join(entry.short_title for entry in catalogue)
            raise BadInputError(Finding("--law", f"目录里没有《{title_of_law}》", f"可用的名称：{known}"))
        slugs.append(law.slug)
    with open_site_store(settings) as store:
        same_day = [session for session in store.read_sessions() if session.held_on == held_on]
        session = Session(
            session_id=f"{held_on.isoformat()}-{len(same_day) + 1}",
            held_on=held_on,
            kind=kind,
            title=title,
            minutes=minutes,
            host=host,
            laws=tuple(slugs),
            expected=frozenset(expected)
            or frozenset(learner.learner_id for learner in select_present(store.read_learners(), held_on)),
        )
        store.write_sessions([session])
    return session


def add_record(*, settings: Settings, verb: Verb, day: date, learner_id: str | None, text: str | None) -> Record:
    """Enter one fact that happened outside the kit: a push, a pass of the official exam, a paper handed in."""
    from xuefa.records.record import Record, make_record_id

    with open_site_store(settings) as store:
        known = {learner.learner_id for learner in store.read_learners()}
        if learner_id is not None and learner_id not in known:
            raise BadInputError(Finding("--learner", f"名册里没有 {learner_id}", "请检查编号，或者先导入名册"))
        record = Record(
            record_id=make_record_id(now(), SystemRandom().getrandbits(74)),
            verb=verb,
            occurred_at=datetime.combine(day, time(12), TIME_ZONE).astimezone(UTC),
            source="ledger",
            learner_id=learner_id,
            text=text,
        )
        store.append_records([record])
    return record


def merge_records(*, settings: Settings, file: Path) -> MergeSummary:
    """Take in the records that another machine kept."""
    from xuefa.records.merge import merge_records as merge

    with open_site_store(settings) as store:
        return merge(store, file)
