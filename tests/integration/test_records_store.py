"""The store keeps what it is given and gives back the same, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.records_values import START, make_learner, make_record, make_session
from xuefa.errors import BadInputError, ConflictError
from xuefa.records.record import Record, SessionKind, Verb, make_record_id
from xuefa.records.store import Store, open_store

pytest_plugins = ["tests.integration.records_databases"]

_NUMBERED = count()
_TEXTS = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
_RECORDS = st.builds(
    Record,
    record_id=st.just(UUID(int=0)),
    verb=st.sampled_from([verb for verb in Verb if verb not in {Verb.VOIDED, Verb.RETURNED}]),
    occurred_at=st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001  hypothesis asks for bounds without a zone
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001  likewise
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    ),
    source=_TEXTS.map(lambda value: value or ""),
    learner_id=_TEXTS,
    session_id=_TEXTS,
    module=st.none() | st.integers(1, 12),
    item_id=_TEXTS,
    item_version=_TEXTS,
    points=_NUMBERS,
    max_points=_NUMBERS,
    response=_TEXTS,
    seconds=_NUMBERS,
    text=_TEXTS,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(_RECORDS, max_size=5))
def test_any_record_comes_back_equal_to_the_microsecond(store: Store, records: list[Record]) -> None:
    records = [replace(record, record_id=UUID(int=next(_NUMBERED))) for record in records]  # one store for all examples
    store.append_records(records)
    read = {record.record_id: record for record in store.read_records()}
    assert [read[record.record_id] for record in records] == records
    assert all(record.occurred_at.tzinfo is UTC for record in read.values())


def test_records_are_ordered_by_time_and_then_by_id(store: Store) -> None:
    moment = START + timedelta(microseconds=1)
    twins = [make_record(0, record_id=make_record_id(START, number), occurred_at=moment) for number in (2, 1)]
    store.append_records([make_record(5), *twins, make_record(0), make_record(-5)])
    assert store.read_records() == (make_record(-5), make_record(0), twins[1], twins[0], make_record(5))


def test_appending_twice_adds_nothing(store: Store) -> None:
    assert store.append_records([make_record(1), make_record(2), make_record(1)]) == 2
    assert store.append_records([make_record(2), make_record(3)]) == 1
    assert store.append_records([]) == 0
    assert len(store.read_records()) == 3


def test_more_records_than_one_statement_takes_are_appended_once(store: Store) -> None:
    records = [make_record(number) for number in range(2500)]
    assert store.append_records(records) == 2500
    assert store.append_records(reversed(records)) == 0
    assert store.read_records() == tuple(records)


def test_one_id_with_two_contents_is_refused_and_nothing_is_written(store: Store) -> None:
    store.append_records([make_record(1, response="B", points=2.0)])
    with pytest.raises(ConflictError) as caught:
        store.append_records([make_record(2), make_record(1, response="C", points=0.0)])
    [finding] = caught.value.findings
    assert finding.place == f"记录 {make_record(1).record_id}"
    assert "得分 2.0，作答 B" in finding.fault
    assert "得分 0.0，作答 C" in finding.fault
    assert store.read_records() == (make_record(1, response="B", points=2.0),)


def test_one_id_with_two_contents_in_one_call_is_refused(store: Store) -> None:
    with pytest.raises(ConflictError, match="同一个编号有两种内容"):
        store.append_records([make_record(1), make_record(1, module=4)])
    assert store.read_records() == ()


def test_a_conflict_of_long_texts_shows_where_they_part(store: Store) -> None:
    same = "依法行政" * 30
    with pytest.raises(ConflictError, match=r"文字 ….{10}甲.*文字 ….{10}乙"):
        store.append_records([make_record(1, text=same + "甲"), make_record(1, text=same + "乙")])


def test_many_conflicts_are_named_up_to_a_readable_number(store: Store) -> None:
    store.append_records(make_record(number) for number in range(50))
    with pytest.raises(ConflictError) as caught:
        store.append_records(make_record(number, points=0.0) for number in range(50))
    assert len(caught.value.findings) == 21
    assert "还有 30 处" in caught.value.findings[-1].fault


@pytest.mark.parametrize("hidden", ["\0", "\ud800"])
def test_text_that_no_database_keeps_is_refused_and_nothing_is_written(store: Store, hidden: str) -> None:
    with pytest.raises(BadInputError, match="“文字”：含有不能保存的字符"):
        store.append_records([make_record(1), make_record(2, text=f"心得{hidden}体会")])
    with pytest.raises(BadInputError, match="“姓名”：含有不能保存的字符"):
        store.write_learners([make_learner("学员01", name=f"张{hidden}三")])
    assert (store.read_records(), store.read_learners()) == ((), ())


def test_records_are_selected_by_every_condition(store: Store) -> None:
    signed_in = make_record(1, verb=Verb.SIGNED_IN, session_id="夜学01")
    other = make_record(2, learner_id="学员02", module=3)
    store.append_records([signed_in, other, make_record(3, module=3)])
    assert store.read_records(verbs=[Verb.SIGNED_IN, Verb.EXCUSED]) == (signed_in,)
    assert store.read_records(verbs=[]) == ()
    assert store.read_records(session_id="夜学01") == (signed_in,)
    assert store.read_records(module=3, learner_id="学员02") == (other,)
    assert store.read_records(module=3) == (other, make_record(3, module=3))
    assert store.read_records(since=other.occurred_at) == (other, make_record(3, module=3))
    assert store.read_records(until=other.occurred_at) == (signed_in,)


def test_records_are_streamed_of_a_span_and_of_sessions_and_verbs_of_any_time(store: Store) -> None:
    first, last = START, START + timedelta(days=3)
    within = [make_record(number) for number in range(2500)]
    before = make_record(0, record_id=UUID(int=1), occurred_at=first - timedelta(microseconds=1))
    after = make_record(0, record_id=UUID(int=2), occurred_at=last)
    at_session = replace(after, record_id=UUID(int=3), session_id="s9")
    passed = replace(before, record_id=UUID(int=4), verb=Verb.CERTIFIED)
    voiding = make_record(2600, verb=Verb.VOIDED, voids=within[0].record_id)
    store.append_records([*within, before, after, at_session, passed, voiding])
    more = store.stream_records(since=first, until=last, session_ids=["s9", "s8"], verbs={Verb.CERTIFIED})

    assert tuple(store.stream_records(since=first, until=last)) == (*within, voiding)
    assert tuple(more) == (passed, *within, voiding, at_session)


def test_records_are_found_by_their_ids_voided_ones_too(store: Store) -> None:
    records = [make_record(number) for number in range(1500)]
    voiding = make_record(1600, verb=Verb.VOIDED, voids=records[0].record_id)
    store.append_records([*records, voiding])
    wanted = [records[0], *records[100:], voiding]

    assert store.find_records([UUID(int=99), *(one.record_id for one in wanted)]) == {
        one.record_id: one for one in wanted
    }


def test_a_span_given_in_another_zone_is_the_same_span(store: Store) -> None:
    store.append_records([make_record(0), make_record(1)])
    local = START.astimezone(timezone(timedelta(hours=8)))
    assert store.read_records(since=local, until=local + timedelta(minutes=1)) == (make_record(0),)


def test_a_voided_record_is_left_out_with_the_one_that_voids_it(store: Store) -> None:
    voiding = make_record(5, verb=Verb.VOIDED, voids=make_record(1).record_id)
    store.append_records([make_record(1), make_record(2), voiding])
    assert store.read_records() == (make_record(2),)
    assert store.read_records(with_voided=True) == (make_record(1), make_record(2), voiding)


def test_voiding_the_voiding_record_brings_the_first_back(store: Store) -> None:
    voiding = make_record(5, verb=Verb.VOIDED, voids=make_record(1).record_id)
    restoring = make_record(6, verb=Verb.VOIDED, voids=voiding.record_id)
    store.append_records([make_record(1), voiding, restoring])
    assert store.read_records() == (make_record(1),)


def test_two_records_that_void_each_other_do_not_hang_reading(store: Store) -> None:
    first, second = make_record(1), make_record(2)
    store.append_records(
        [
            replace(first, verb=Verb.VOIDED, voids=second.record_id),
            replace(second, verb=Verb.VOIDED, voids=first.record_id),
        ]
    )
    assert store.read_records() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET points = 2",
        "DELETE FROM records",
        "UPDATE records SET points = 2 WHERE learner_id = '学员01'",
    ],
)
def test_the_database_itself_refuses_to_change_a_record(store: Store, statement: str) -> None:
    store.append_records([make_record(1)])
    with pytest.raises(DBAPIError, match="append-only"), store._database.engine.begin() as connection:
        connection.execute(text(statement))
    assert store.read_records() == (make_record(1),)


def test_the_database_itself_refuses_to_replace_or_empty_the_records(store: Store) -> None:
    store.append_records([make_record(1)])
    replacing = (
        "INSERT OR REPLACE INTO records (record_id, verb, occurred_at, source)"
        " SELECT record_id, 'answered', 0, 'forged' FROM records"
    )
    statement = "TRUNCATE records" if store._database.file is None else replacing
    with pytest.raises(DBAPIError, match="append-only"), store._database.engine.begin() as connection:
        connection.execute(text(statement))
    assert store.read_records() == (make_record(1),)


def test_learners_come_back_in_the_order_of_their_ids(store: Store) -> None:
    learners = [make_learner(name) for name in ("学员02", "b", "B", "a", "学员01", "10", "9")]
    store.write_learners(learners)
    assert [learner.learner_id for learner in store.read_learners()] == ["10", "9", "B", "a", "b", "学员01", "学员02"]


def test_a_learner_written_again_replaces_the_old_and_leaves_the_others(store: Store) -> None:
    store.write_learners([make_learner("学员01"), make_learner("学员02", exam_eligible=True)])
    left = make_learner("学员01", until=date(2022, 9, 30))
    store.write_learners([left])
    assert store.read_learners() == (left, make_learner("学员02", exam_eligible=True))


def test_one_learner_id_for_two_people_is_refused(store: Store) -> None:
    with pytest.raises(ConflictError, match=r"姓名 张三.*姓名 李四"):
        store.write_learners([make_learner("学员01"), make_learner("学员01", name="李四")])
    assert store.read_learners() == ()


def test_sessions_come_back_with_laws_and_expected_learners(store: Store) -> None:
    store.write_learners([make_learner("学员01"), make_learner("学员02")])
    late = make_session("a", held_on=date(2022, 4, 1), kind=SessionKind.SEMINAR, laws=())
    early = make_session("b", expected=frozenset({"学员01", "学员02"}))
    store.write_sessions([late, early])
    assert store.read_sessions() == (early, late)


def test_a_session_written_again_replaces_who_was_expected(store: Store) -> None:
    store.write_learners([make_learner("学员01"), make_learner("学员02")])
    store.write_sessions([make_session("a", expected=frozenset({"学员01"})), make_session("b")])
    changed = make_session("a", expected=frozenset({"学员02"}), minutes=90)
    store.write_sessions([changed])
    assert store.read_sessions() == (changed, make_session("b"))


def test_a_session_that_expects_a_stranger_is_refused_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(BadInputError, match="应到人员 学员09 不在名册里"):
        store.write_sessions([make_session("a"), make_session("b", expected=frozenset({"学员09"}))])
    assert store.read_sessions() == ()


def test_what_was_written_is_there_after_opening_again(database_url: str) -> None:
    with open_store(database_url) as store:
        store.append_records([make_record(1)])
    with open_store(database_url) as store:
        assert store.read_records() == (make_record(1),)
