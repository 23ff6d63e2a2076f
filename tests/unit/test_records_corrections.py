"""Corrections of a session: however two machines edit and merge, both end with the newest correction of each field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuefa.errors import RecordsError
from xuefa.records.corrections import Correction, SessionChange, list_former, parse_corrections, settle_session
from xuefa.records.record import Record, Session, SessionKind, Verb, make_record_id

ENTERED = Session(
    session_id="2022-03-01-1",
    held_on=date(2022, 3, 1),
    kind=SessionKind.EVENING,
    title="学习刑法",
    minutes=60,
    host="学员01",
    laws=("xzss",),
    expected=frozenset({"学员01", "学员02"}),
)
CONTENTS: dict[str, list[Any]] = {
    "held_on": [date(2022, 3, 1), date(2022, 3, 2), date(2022, 4, 1)],
    "kind": [SessionKind.EVENING, SessionKind.LECTURE],
    "title": ["学习刑法", "学习行政诉讼法", "学习行政处罚法"],
    "minutes": [60, 90, 120],
    "laws": [(), ("xzss",), ("xzss", "xzcf")],
    "expected": [frozenset({"学员01"}), frozenset({"学员01", "学员02"}), frozenset({"学员02", "学员03"})],
}
EDITS = st.sampled_from([{name: content} for name, contents in CONTENTS.items() for content in contents])
STEPS = st.lists(st.tuples(st.sampled_from(["here", "there"]), st.one_of(st.none(), EDITS)), max_size=12)


@dataclass
class Machine:
    """What one machine holds of the session."""

    session: Session
    corrections: tuple[Correction, ...] = ()

    def edit(self, after: Session) -> Correction:
        correction = Correction(self.session.session_id, SessionChange(**_pairs(self.session, after)))
        self.session, self.corrections = after, (*self.corrections, correction)
        return correction

    def take_in(self, other: Machine, order: list[Correction]) -> None:
        both = {id(one): one for one in (*self.corrections, *other.corrections)}
        merged = tuple(one for one in order if id(one) in both)
        settled = settle_session(self.session, other.session, merged)
        assert settled is not None
        self.session, self.corrections = settled, merged


def _pairs(before: Session, after: Session) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in CONTENTS}
    pairs["expected"] = (tuple(sorted(before.expected)), tuple(sorted(after.expected)))
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@given(STEPS)
def test_two_machines_that_edit_and_merge_in_any_order_end_with_the_newest_correction_of_each_field(
    steps: list[tuple[str, dict[str, Any] | None]],
) -> None:
    machines = {"here": Machine(ENTERED), "there": Machine(ENTERED)}
    order: list[Correction] = []
    newest: dict[str, Any] = {}
    for where, edit in steps:
        machine = machines[where]
        if edit is None:
            machine.take_in(machines["there" if where == "here" else "here"], order)
        elif (after := replace(machine.session, **edit)) != machine.session:
            order.append(machine.edit(after))
            newest |= edit
    here, there = machines["here"], machines["there"]
    backwards = settle_session(there.session, here.session, order)
    here.take_in(there, order)
    there.take_in(here, order)
    assert here.session == there.session == backwards == replace(ENTERED, **newest)


@given(st.lists(EDITS, max_size=6))
def test_the_former_contents_lead_back_to_what_was_entered(edits: list[dict[str, Any]]) -> None:
    machine, stood = Machine(ENTERED), [ENTERED]
    for edit in edits:
        if (after := replace(machine.session, **edit)) != machine.session:
            machine.edit(after)
            stood.append(after)
    former = list_former(machine.session, machine.corrections)
    assert [*reversed(former), machine.session] == stood


def test_contents_that_no_correction_knows_are_not_settled() -> None:
    machine = Machine(ENTERED)
    machine.edit(replace(ENTERED, title="学习行政诉讼法"))
    assert settle_session(machine.session, replace(ENTERED, minutes=90), machine.corrections) is None
    assert settle_session(machine.session, replace(ENTERED, title="另一场"), machine.corrections) is None
    elsewhere = tuple(replace(one, session_id="2022-03-02-1") for one in machine.corrections)
    assert settle_session(machine.session, ENTERED, elsewhere) is None


@pytest.mark.parametrize(
    "response", [None, "", "[]", '{"title": "甲"}', '{"minutes": ["60", "90"]}', '{"id": ["甲", "乙"]}']
)
def test_a_correction_that_cannot_be_read_is_told(response: str | None) -> None:
    at = datetime(2022, 3, 2, tzinfo=UTC)
    record = Record(
        record_id=make_record_id(at, 1),
        verb=Verb.CORRECTED,
        occurred_at=at,
        source="ledger",
        session_id=ENTERED.session_id,
        response=response,
    )
    with pytest.raises(RecordsError, match=f"记录 {record.record_id}：里面有本程序不认识的内容"):
        parse_corrections([record])


def test_corrections_are_read_by_time_and_other_records_left_out() -> None:
    at = datetime(2022, 3, 2, tzinfo=UTC)
    records = [
        Record(
            record_id=make_record_id(at + timedelta(minutes=number), number),
            verb=verb,
            occurred_at=at + timedelta(minutes=number),
            source="ledger",
            session_id=ENTERED.session_id,
            response=f'{{"minutes":[60,{60 + number}]}}',
        )
        for number, verb in ((3, Verb.CORRECTED), (1, Verb.CORRECTED), (2, Verb.SIGNED_IN))
    ]
    assert [one.change.minutes for one in parse_corrections([*records, *records])] == [(60, 61), (60, 63)]
