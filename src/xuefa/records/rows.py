"""Records, learners and sessions as rows: reads and writes them on an open transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Row, Table, and_, delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from xuefa.errors import BadInputError, Finding, RecordsError
from xuefa.records import tables
from xuefa.records.conflicts import FIELDS, Contradictions, index_by_id, render_brief
from xuefa.records.record import Learner, Posting, Record, Session, SessionKind, Verb, select_taken_back

_CHUNK = 1000
_COLUMNS = tuple(tables.records.c[name] for name in FIELDS[Record])
_CONTENT = attrgetter(*FIELDS[Record])
_KNOWN, _FRESH = "数据库里", "新内容"
_T = TypeVar("_T")


def append_records(connection: Connection, records: Iterable[Record]) -> int:
    """Add the records that are not there yet and return how many those are; see `Store.append_records`."""
    contradictions = Contradictions(known_in=_KNOWN, fresh_in=_FRESH)
    added = append_new_records(connection, index_by_id(records, origin=_FRESH), contradictions)
    contradictions.require_none()
    return added


def append_new_records(connection: Connection, fresh: dict[UUID, Record], contradictions: Contradictions) -> int:
    """Add those of the records by id that are not there yet and return how many those are.

    What is there with another content is told to `contradictions`, whose `require_none` is to be called at last.
    """
    added = 0
    for ids in _chunks(sorted(fresh)):
        known = {record.record_id: record for record in find_records(connection, ids)}
        contradictions.add((known[record_id] for record_id in ids if record_id in known), fresh)
        new = [fresh[record_id] for record_id in ids if record_id not in known]
        if new:
            connection.execute(
                insert(tables.records), [dict(zip(FIELDS[Record], _CONTENT(one), strict=True)) for one in new]
            )
        added += len(new)
    return added


def find_records(connection: Connection, ids: Sequence[UUID]) -> Iterator[Record]:
    """See `Store.find_records`."""
    for some in _chunks(ids):
        for row in connection.execute(select(*_COLUMNS).where(tables.records.c.record_id.in_(some))):
            yield _record(row)


def stream_records(
    connection: Connection, *, since: datetime, until: datetime, session_ids: Collection[str], verbs: Collection[Verb]
) -> Iterator[Record]:
    """See `Store.stream_records`."""
    columns = tables.records.c
    wanted = or_(
        and_(columns.occurred_at >= since, columns.occurred_at < until),
        columns.session_id.in_(session_ids),
        columns.verb.in_([verb.value for verb in verbs]),
    )
    query = select(*_COLUMNS).where(wanted).order_by(columns.occurred_at, columns.record_id)
    for row in connection.execution_options(yield_per=_CHUNK).execute(query):
        yield _record(row)


def stream_all_records(connection: Connection) -> Iterator[Sequence[Record]]:
    """Every record, voided ones and those that take back included, a few at a time in the order of the ids."""
    query = select(*_COLUMNS).order_by(tables.records.c.record_id)
    for some in connection.execution_options(yield_per=_CHUNK).execute(query).partitions():
        yield [_record(row) for row in some]


def read_records(
    connection: Connection,
    *,
    verbs: Collection[Verb] | None = None,
    learner_id: str | None = None,
    session_id: str | None = None,
    module: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    with_voided: bool = False,
) -> tuple[Record, ...]:
    """See `Store.read_records`."""
    columns = tables.records.c
    query = select(*_COLUMNS).order_by(columns.occurred_at, columns.record_id)
    if verbs is not None:
        query = query.where(columns.verb.in_([verb.value for verb in verbs]))
    if learner_id is not None:
        query = query.where(columns.learner_id == learner_id)
    if session_id is not None:
        query = query.where(columns.session_id == session_id)
    if module is not None:
        query = query.where(columns.module == module)
    if since is not None:
        query = query.where(columns.occurred_at >= since)
    if until is not None:
        query = query.where(columns.occurred_at < until)
    if with_voided:
        return tuple(_record(row) for row in connection.execute(query))
    voided = read_voided_ids(connection)
    query = query.where(columns.voids.is_(None))
    return tuple(_record(row) for row in connection.execute(query) if row.record_id not in voided)


def read_voided_ids(connection: Connection) -> set[UUID]:
    """The ids of the records taken back."""
    columns = tables.records.c
    query = select(columns.occurred_at, columns.record_id, columns.voids).where(columns.voids.is_not(None))
    takers = ((row.occurred_at, row.record_id, row.voids) for row in connection.execute(query))
    return set(select_taken_back(takers))


def write_learners(connection: Connection, learners: Iterable[Learner]) -> None:
    """See `Store.write_learners`."""
    fresh = index_by_id(learners, origin=_FRESH)
    upsert_rows(connection, tables.learners, [_plain(learner) for learner in fresh.values()])


def read_learners(connection: Connection) -> tuple[Learner, ...]:
    """All learners, by id; the order is that of the code points on every database."""
    rows = connection.execute(select(tables.learners))
    return tuple(sorted((_learner(row) for row in rows), key=lambda learner: learner.learner_id))


def write_sessions(connection: Connection, sessions: Iterable[Session]) -> None:
    """See `Store.write_sessions`."""
    fresh = index_by_id(sessions, origin=_FRESH)
    _require_on_roster(connection, fresh.values())
    columns = [name for name in FIELDS[Session] if name != "expected"]
    rows = [
        {**{name: getattr(session, name) for name in columns}, "laws": list(session.laws)} for session in fresh.values()
    ]
    upsert_rows(connection, tables.sessions, rows)
    for ids in _chunks(list(fresh)):
        connection.execute(delete(tables.expected).where(tables.expected.c.session_id.in_(ids)))
    expected = [
        {"session_id": session.session_id, "learner_id": learner_id}
        for session in fresh.values()
        for learner_id in sorted(session.expected)
    ]
    for chunk in _chunks(expected):
        connection.execute(insert(tables.expected), chunk)


def read_sessions(connection: Connection) -> tuple[Session, ...]:
    """All sessions, by day and id."""
    expected: dict[str, set[str]] = {}
    for session_id, learner_id in connection.execute(
        select(tables.expected.c.session_id, tables.expected.c.learner_id)
    ):
        expected.setdefault(session_id, set()).add(learner_id)
    rows = connection.execute(select(tables.sessions))
    sessions = (_session(row, frozenset(expected.get(row.session_id, ()))) for row in rows)
    return tuple(sorted(sessions, key=lambda session: (session.held_on, session.session_id)))


def remove_session(connection: Connection, session_id: str) -> None:
    """See `Store.remove_session`."""
    belonging = read_records(connection, session_id=session_id, with_voided=True)
    if any(record.verb is not Verb.CORRECTED for record in belonging):
        raise BadInputError(
            Finding(
                f"学习活动 {session_id}",
                "已经有人签到、请假或留下别的记录，不能删去",
                "主题、日期等登记错的，请用 xuefa session edit 更正；"
                "签到、请假登记错的，请用 xuefa records void 逐条作废",
            )
        )
    for table in (tables.openings, tables.expected, tables.sessions):
        connection.execute(delete(table).where(table.c.session_id == session_id))


def _require_on_roster(connection: Connection, sessions: Collection[Session]) -> None:
    roster = set(connection.scalars(select(tables.learners.c.learner_id)))
    findings = [
        Finding(
            f"学习活动 {session.session_id}",
            f"应到人员 {'、'.join(sorted(strangers)[:5])} 不在名册里",
            "请先导入名册，或者改正编号",
        )
        for session in sessions
        if (strangers := session.expected - roster)
    ]
    if findings:
        raise BadInputError(*findings)


def _record(row: Row[Any]) -> Record:
    values = dict(zip(FIELDS[Record], row, strict=True))
    try:
        values["verb"] = Verb(values["verb"])
        return Record(**values)
    except ValueError as error:
        raise unreadable(f"记录 {row.record_id}") from error


def _learner(row: Row[Any]) -> Learner:
    try:
        values = row._asdict()
        values["earlier"] = tuple(
            Posting(since=date.fromisoformat(since), until=date.fromisoformat(until), unit=unit, post=post)
            for since, until, unit, post in values["earlier"]
        )
        return Learner(**values)
    except ValueError as error:
        raise unreadable(f"学员 {render_brief(row.learner_id)}") from error


def _session(row: Row[Any], expected: frozenset[str]) -> Session:
    values = row._asdict()
    try:
        values["kind"] = SessionKind(values["kind"])
    except ValueError as error:
        raise unreadable(f"学习活动 {render_brief(row.session_id)}") from error
    values["laws"] = tuple(values["laws"])
    return Session(**values, expected=expected)


def unreadable(place: str) -> RecordsError:
    """The error for a value at that place that this code cannot read."""
    return RecordsError(
        Finding(
            place,
            "里面有本程序不认识的内容",
            "请把学法程序更新到最新版本；如果已经是最新，请换上最近的备份",
        )
    )


def _plain(value: Learner) -> dict[str, Any]:
    earlier = [(str(posting.since), str(posting.until), posting.unit, posting.post) for posting in value.earlier]
    return {**{name: getattr(value, name) for name in FIELDS[Learner]}, "earlier": earlier}


def upsert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows, or replace those of the same primary key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key},
    )
    for chunk in _chunks(rows):
        connection.execute(statement, chunk)


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
