"""The values that the records hold refuse what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from xuefa.records.record import Learner, Record, Verb, find_taken_back, is_learner_id, make_record_id

NOON = datetime(2022, 3, 1, 4, 0, 0, 123456, tzinfo=UTC)
RECORD_ID = make_record_id(NOON, 1)


@pytest.mark.parametrize("text", ["学员01", "A-1", "a_b", "7", "㐂㐂", "𠮷田", "字" * 40])
def test_a_learner_id_may_hold_letters_digits_chinese_and_hyphens(text: str) -> None:
    assert is_learner_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "../x", "a/b", "a\\b", ".", "..", "a.b", "-rf", "_x", "é", "A\n", "A\0", "字" * 41),
        *("CON", "con", "Nul", "COM1", "lpt9", "\uf900", "Ａ"),
    ],
)
def test_a_learner_id_names_a_folder_on_every_system(text: str) -> None:
    assert not is_learner_id(text)


def test_a_learner_cannot_be_made_with_an_id_that_is_a_path() -> None:
    with pytest.raises(ValueError, match="not a learner id"):
        Learner(learner_id="../../x", name="张三", unit="党政办", post="", since=date(2022, 3, 1))


def test_a_learner_cannot_leave_before_joining() -> None:
    with pytest.raises(ValueError, match="leaves before"):
        Learner(learner_id="x", name="张三", unit="党政办", post="", since=date(2022, 3, 1), until=date(2022, 2, 28))


def test_a_record_keeps_its_time_in_utc() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=8)))
    record = Record(record_id=RECORD_ID, verb=Verb.SIGNED_IN, occurred_at=local, source="test")
    assert record.occurred_at == NOON
    assert record.occurred_at.tzinfo is UTC


def test_a_record_refuses_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Record(record_id=RECORD_ID, verb=Verb.SIGNED_IN, occurred_at=NOON.replace(tzinfo=None), source="test")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_record_refuses_numbers_that_are_not_finite(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Record(record_id=RECORD_ID, verb=Verb.ANSWERED, occurred_at=NOON, source="test", points=number)


@pytest.mark.parametrize(("verb", "voids"), [(Verb.VOIDED, None), (Verb.ANSWERED, RECORD_ID)])
def test_only_a_voiding_record_voids_another(verb: Verb, voids: UUID | None) -> None:
    with pytest.raises(ValueError, match="VOIDED"):
        Record(record_id=RECORD_ID, verb=verb, occurred_at=NOON, source="test", voids=voids)


def test_a_record_id_is_a_uuid_of_version_7_that_begins_with_its_milliseconds() -> None:
    made = make_record_id(NOON, (1 << 74) - 1)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOON.timestamp() * 1000)
    assert made < make_record_id(NOON + timedelta(milliseconds=1), 0)


@pytest.mark.parametrize("random_bits", [-1, 1 << 74])
def test_a_record_id_needs_74_random_bits(random_bits: int) -> None:
    with pytest.raises(ValueError, match="74"):
        make_record_id(NOON, random_bits)


def test_taking_back_a_taking_back_restores_the_record() -> None:
    text, returned, voided = (make_record_id(NOON + timedelta(minutes=minute), 1) for minute in range(3))
    handed_in = Record(record_id=text, verb=Verb.REFLECTED, occurred_at=NOON, source="")
    back = Record(
        record_id=returned, verb=Verb.RETURNED, occurred_at=NOON + timedelta(minutes=1), source="", voids=text
    )
    undo = Record(
        record_id=voided, verb=Verb.VOIDED, occurred_at=NOON + timedelta(minutes=2), source="", voids=returned
    )
    assert find_taken_back([handed_in]) == {}
    assert find_taken_back([back, handed_in]) == {text: back}
    assert find_taken_back([handed_in, undo, back]) == {returned: undo}
