"""Records as columns of numbers: a year of ten million answers is read without making a value of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, Text, cast, extract, func, select, type_coerce

from xuefa.records import rows, tables
from xuefa.records.record import Record, Verb, find_taken_back

_CHUNK = 1000  # rows that fit into the processor's cache: ten times as many take a third longer
_Rows = Sequence[Sequence[Any]]
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of text: `codes` (int32; -1 where there is none) point into `values`."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AnswerColumns:
    """Answers of n records that are not taken back, by time.

    `ids` are the two halves of each record id, uint64 (n, 2); `occurred_at` microseconds since 1970 UTC, int64;
    `points` and `max_points` float64, NaN where there are none.
    """

    ids: NDArray[np.uint64]
    occurred_at: NDArray[np.int64]
    learner_id: Coded
    item_id: Coded
    points: NDArray[np.float64]
    max_points: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class EventColumns:
    """Every other record that is not taken back, by time and id; `ids`, `occurred_at` as in `AnswerColumns`.

    `module` is int16, -1 where there is none.
    """

    ids: NDArray[np.uint64]
    occurred_at: NDArray[np.int64]
    verb: Coded
    learner_id: Coded
    session_id: Coded
    module: NDArray[np.int16]
    text: Coded


@dataclass(frozen=True, eq=False)
class RecordColumns:
    """The records of a span of time as columns."""

    answers: AnswerColumns
    events: EventColumns


def read_columns(
    connection: Connection, *, since: datetime, until: datetime, look: Callable[[], None] | None = None
) -> RecordColumns:
    """See `Store.read_columns`."""
    columns = tables.records.c
    voided = rows.read_voided_ids(connection)
    answers = (columns.learner_id, columns.item_id, columns.points, columns.max_points)
    span = (columns.verb == Verb.ANSWERED.value, *_within(connection, since, until))
    events = (columns.verb, columns.learner_id, columns.session_id, columns.module, columns.text)
    others = (columns.verb != Verb.ANSWERED.value, columns.voids.is_(None))
    return RecordColumns(
        _collect_answers(_watch(_read_chunks(connection, answers, *span), look), voided),
        _collect_events(_watch(_read_chunks(connection, events, *others), look), voided),
    )


def make_columns(records: Iterable[Record]) -> RecordColumns:
    """The columns of records at hand; one that comes twice counts once, and what was taken back is left out."""
    by_id = {record.record_id: record for record in records}
    voided = set(find_taken_back(by_id.values()))
    heads = {
        record_id: (record_id.hex, (record.occurred_at - tables.EPOCH) // _MICROSECOND)
        for record_id, record in by_id.items()
    }
    answers = [
        (*heads[r.record_id], r.learner_id, r.item_id, r.points, r.max_points)
        for r in by_id.values()
        if r.verb is Verb.ANSWERED
    ]
    events = [
        (*heads[r.record_id], r.verb.value, r.learner_id, r.session_id, r.module, r.text)
        for r in by_id.values()
        if r.verb is not Verb.ANSWERED and r.voids is None
    ]
    return RecordColumns(_collect_answers([answers], voided), _collect_events([events], voided))


def _read_chunks(connection: Connection, columns: Sequence[Any], *where: Any) -> Iterator[_Rows]:
    """Rows of (id in 32 hexadecimal digits, microseconds since 1970, *columns)."""
    query = select(*_head(connection), *columns).where(*where)
    if connection.dialect.name == "postgresql":
        yield from connection.execution_options(stream_results=True).execute(query).partitions(_CHUNK)
        return
    with connection.execute(query) as result:
        cursor: Any = result.cursor  # the driver's own rows: SQLAlchemy's would take most of the time
        while chunk := cursor.fetchmany(_CHUNK):
            yield chunk


def _watch(chunks: Iterator[_Rows], look: Callable[[], None] | None) -> Iterator[_Rows]:
    for chunk in chunks:
        if look:
            look()
        yield chunk


def _head(connection: Connection) -> tuple[Any, Any]:
    columns = tables.records.c
    if connection.dialect.name == "postgresql":
        microseconds = cast(extract("epoch", columns.occurred_at) * 1_000_000, BigInteger)
        return func.replace(cast(columns.record_id, Text), "-", ""), microseconds
    return type_coerce(columns.record_id, Text), type_coerce(columns.occurred_at, BigInteger)


def _within(connection: Connection, since: datetime, until: datetime) -> tuple[Any, Any]:
    occurred_at = tables.records.c.occurred_at
    if connection.dialect.name == "postgresql":
        return occurred_at >= since, occurred_at < until
    # a sum keeps SQLite off the index on the time: to look up nearly every row through it takes half as long again
    microseconds = type_coerce(occurred_at, BigInteger) + 0
    first, end = ((moment - tables.EPOCH) // _MICROSECOND for moment in (since, until))
    return microseconds >= first, microseconds < end


class _Codes(dict[str | None, int]):
    """Numbers the texts it is asked for as they come; None is -1."""

    def __init__(self) -> None:
        super().__init__({None: -1})

    def __missing__(self, text: str | None) -> int:
        code = self[text] = len(self) - 1
        return code

    def encode(self, texts: Sequence[str | None]) -> NDArray[np.int32]:
        return np.fromiter(map(self.__getitem__, texts), np.int32, len(texts))

    def coded(self, codes: NDArray[np.int32]) -> Coded:
        return Coded(codes, tuple(text for text in self if text is not None))


def _collect_answers(chunks: Iterable[_Rows], voided: Collection[UUID]) -> AnswerColumns:
    learners, items = _Codes(), _Codes()
    columns = _Columns(_halves, _whole, learners.encode, items.encode, _number, _number)
    ids, occurred_at, learner, item, points, max_points = columns.collect(chunks)
    order = _order(ids, occurred_at, voided)
    return AnswerColumns(
        ids=ids[order],
        occurred_at=occurred_at[order],
        learner_id=learners.coded(learner[order]),
        item_id=items.coded(item[order]),
        points=points[order],
        max_points=max_points[order],
    )


def _collect_events(chunks: Iterable[_Rows], voided: Collection[UUID]) -> EventColumns:
    verbs, learners, sessions, texts = _Codes(), _Codes(), _Codes(), _Codes()
    columns = _Columns(_halves, _whole, verbs.encode, learners.encode, sessions.encode, _module, texts.encode)
    ids, occurred_at, verb, learner, session, module, text = columns.collect(chunks)
    order = _order(ids, occurred_at, voided)
    order = order[np.lexsort((ids[order, 1], ids[order, 0], occurred_at[order]))]
    return EventColumns(
        ids=ids[order],
        occurred_at=occurred_at[order],
        verb=verbs.coded(verb[order]),
        learner_id=learners.coded(learner[order]),
        session_id=sessions.coded(session[order]),
        module=module[order],
        text=texts.coded(text[order]),
    )


class _Columns:
    """Turns rows into one array a column, chunk by chunk, so that few rows are values of Python at a time."""

    def __init__(self, *encoders: Callable[[Sequence[Any]], NDArray[Any]]) -> None:
        self._encoders = encoders

    def collect(self, chunks: Iterable[_Rows]) -> list[NDArray[Any]]:
        parts: list[list[NDArray[Any]]] = [[encode(())] for encode in self._encoders]
        for chunk in chunks:
            for column, encode, values in zip(parts, self._encoders, zip(*chunk, strict=True), strict=False):
                column.append(encode(values))
        joined = []
        for column in parts:
            joined.append(np.concatenate(column))
            column.clear()
        return joined


def _halves(ids: Sequence[str]) -> NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(ids)), ">u8").astype(np.uint64).reshape(-1, 2)


def _whole(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def _number(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array(values, np.float64)  # None becomes NaN


def _module(values: Sequence[int | None]) -> NDArray[np.int16]:
    return np.array([-1 if value is None else value for value in values], np.int16)


def _order(ids: NDArray[np.uint64], occurred_at: NDArray[np.int64], voided: Collection[UUID]) -> NDArray[np.intp]:
    """The positions by time, without those of voided records; at equal times as they came."""
    order = np.argsort(occurred_at, kind="stable")
    if not voided:
        return order
    taken_back = _halves([record_id.hex for record_id in voided])
    maybe = np.flatnonzero(np.isin(ids[:, 0], taken_back[:, 0]))
    gone = {tuple(pair) for pair in taken_back.tolist()}
    is_gone = np.zeros(len(ids), bool)
    is_gone[maybe] = [tuple(pair) in gone for pair in ids[maybe].tolist()]
    return order[~is_gone[order]]
