"""A year read as columns says the same as its records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from tests.integration.records_values import START, make_learner, make_record
from tests.report_years import CATALOGUE, project_options, small_year
from xuefa.records.columns import AnswerColumns, Coded, EventColumns, make_columns
from xuefa.records.record import Posting, Record, Verb
from xuefa.records.store import Store
from xuefa.report.figures import build_figures
from xuefa.report.frames import build_frames
from xuefa.report.record_ids import RecordIds
from xuefa.settings import TIME_ZONE

pytest_plugins = ["tests.integration.records_databases"]

ALWAYS: dict[str, Any] = {"since": datetime(1990, 1, 1, tzinfo=UTC), "until": datetime(2100, 1, 1, tzinfo=UTC)}


def decode(column: Coded) -> list[str | None]:
    return [None if code < 0 else column.values[code] for code in column.codes]


def table(columns: AnswerColumns | EventColumns) -> dict[str, tuple[Any, ...]]:
    """Record id → its other fields."""
    names = sorted(name for name in vars(columns) if name != "ids")
    values = [
        decode(column) if isinstance(column, Coded) else np.asarray(column).tolist()
        for column in (getattr(columns, name) for name in names)
    ]
    rows = [tuple("空" if value != value else value for value in row) for row in zip(*values, strict=True)]  # noqa: PLR0124  NaN
    return dict(zip(RecordIds(columns.ids), rows, strict=True))


def test_columns_of_a_store_equal_those_of_its_records(store: Store) -> None:
    ledger = small_year()
    store.append_records(ledger.records)
    store.append_records([make_voiding(ledger.records[0]), make_voiding(ledger.records[-1])])
    read, made = store.read_columns(**ALWAYS), make_columns(store.read_records(with_voided=True))

    assert table(read.answers) == table(made.answers)
    assert table(read.events) == table(made.events)
    assert list(table(read.events)) == list(table(made.events))
    assert len(table(read.answers)) + len(table(read.events)) == len(ledger.records) - 2


def make_voiding(record: Record) -> Record:
    return Record(
        record_id=UUID(int=record.record_id.int + 1000),
        verb=Verb.VOIDED,
        occurred_at=record.occurred_at + timedelta(days=1),
        source="test",
        voids=record.record_id,
    )


def test_answers_are_read_from_the_first_instant_up_to_the_last_and_events_always(store: Store) -> None:
    instants = [START + timedelta(microseconds=step) for step in (-1, 0, 1, 2)]
    store.append_records(
        make_record(number, occurred_at=instant, verb=verb)
        for number, (instant, verb) in enumerate(
            (instant, verb) for instant in instants for verb in (Verb.ANSWERED, Verb.REFLECTED)
        )
    )
    columns = store.read_columns(since=START, until=START + timedelta(microseconds=2))
    first = round(START.timestamp()) * 1_000_000

    assert columns.answers.occurred_at.tolist() == [first, first + 1]
    assert columns.events.occurred_at.tolist() == [first - 1, first, first + 1, first + 2]


def test_figures_are_the_same_from_the_store_as_from_values(store: Store) -> None:
    ledger = small_year()
    store.write_learners(ledger.learners)
    store.write_sessions(ledger.sessions)
    store.append_records(ledger.records)
    frames = build_frames(
        records=store.read_columns(**ALWAYS),
        learners=store.read_learners(),
        sessions=store.read_sessions(),
        exam_results=ledger.exam_results,
        catalogue=CATALOGUE,
        year=2022,
        time_zone=TIME_ZONE,
    )
    here, there = (build_figures(part, project_options()) for part in (frames, ledger.frames()))

    assert [(f.figure_id, f.text, f.row_ids) for f in here.values()] == [
        (f.figure_id, f.text, f.row_ids) for f in there.values()
    ]


def test_reading_looks_up_time_and_again_and_ends_with_what_that_raises(store: Store) -> None:
    store.append_records(small_year().records)
    looks: list[int] = []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) > 2:
            raise InterruptedError

    store.read_columns(**ALWAYS, look=look)
    assert looks == [0, 1]
    with pytest.raises(InterruptedError):
        store.read_columns(**ALWAYS, look=look)
    assert store.append_records(small_year().records) == 0


def test_an_empty_store_has_empty_columns(store: Store) -> None:
    columns = store.read_columns(**ALWAYS)

    assert table(columns.answers) == table(columns.events) == {}


def test_a_column_of_record_ids_reads_as_the_text_of_the_ids() -> None:
    texts = [str(UUID(int=number << 64 | 7)) for number in (1, 2**60, 3)]
    ids = RecordIds._from_sequence(texts)

    assert list(ids) == texts
    assert ids[1] == texts[1]
    assert list(ids[np.array([True, False, True])]) == [texts[0], texts[2]]
    assert ids.nbytes == 48
    with pytest.raises(ValueError, match="never missing"):
        ids.take([0, -1], allow_fill=True)


def test_earlier_postings_come_back_as_they_were(store: Store) -> None:
    earlier = (
        Posting(unit="党政办", post="", since=date(2019, 1, 1), until=date(2020, 2, 29)),
        Posting(unit="农业站", post="站长", since=date(2020, 3, 1), until=date(2021, 12, 31)),
    )
    moved = make_learner("学员01", since=date(2022, 1, 1), earlier=earlier)
    store.write_learners([moved, make_learner("学员02")])

    assert store.read_learners() == (moved, make_learner("学员02"))


def test_a_learner_whose_postings_overlap_is_refused() -> None:
    earlier = (Posting(unit="党政办", post="", since=date(2019, 1, 1), until=date(2022, 1, 1)),)

    with pytest.raises(ValueError, match="one posting ends before the next begins"):
        make_learner("学员01", since=date(2022, 1, 1), earlier=earlier)
