"""The exam page's door: nobody takes a seat in another's name, whatever a browser sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from tests.exam_course import PAPER_ID, STARTED_AT, Course, learners, release_course
from xuefa.exam.answer_sheet.room_widget import ExamDoor, open_exam_room
from xuefa.records import pins
from xuefa.records.pins import admit, make_ticket
from xuefa.records.store import Store, open_store

OWNER, OTHER, OUTSIDER = "学员01", "学员02", "学员03"
PIN = "2580"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("room") / "course", expected=2)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(pins, "_COST", (2, 1, 1))
    with open_store(f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}") as store:
        store.write_learners(learners(3))
        yield store


def open_door(course: Course, store: Store) -> ExamDoor:
    (door,) = open_exam_room(
        course_dir=course.course_dir, store=store, clock=lambda: STARTED_AT, rng=SystemRandom()
    ).children
    assert isinstance(door, ExamDoor)
    return door


def tell(door: ExamDoor, **message: Any) -> dict[str, Any]:
    door._receive(door, {"id": "1", **message}, [])
    return dict(door.view)


def enter(door: ExamDoor, learner: str, *, pin: str = PIN, again: str = PIN) -> dict[str, Any]:
    return tell(door, do="enter", learner=learner, pin=pin, again=again)


def test_the_pin_is_set_once_and_asked_for_later_and_the_rules_are_told_before_one_begins(
    course: Course, store: Store
) -> None:
    door = open_door(course, store)
    assert [person[2] for person in door.view["people"]] == [False, False]
    seen = enter(door, OWNER)
    assert seen["learner"] == [OWNER, OWNER]
    assert "第三大题的多选题有两个以上正确答案：多选、少选、错选均不得分。" in seen["exams"][0]["rules"]
    other = open_door(course, store)
    assert [person[2] for person in other.view["people"]] == [True, False]
    assert "密码不对" in enter(other, OWNER, pin="1357", again="1357")["fault"]
    assert other.view["stage"] == "names"
    assert enter(other, OWNER, again="")["stage"] == "exams"


@pytest.mark.parametrize(
    "message",
    [
        {"do": "enter", "learner": OWNER},
        {"do": "enter", "learner": OWNER, "pin": None, "again": None},
        {"do": "enter", "learner": [OWNER], "pin": PIN, "again": PIN},
        {"do": "enter", "learner": OUTSIDER, "pin": PIN, "again": PIN},
        {"do": "enter", "learner": "../../x", "pin": PIN, "again": PIN},
        {"do": "resume", "ticket": f"{OWNER}|{STARTED_AT.isoformat()}|{'0' * 64}"},
        {"do": "resume", "ticket": None},
        {"do": "sit", "paper": PAPER_ID},
        {},
    ],
)
def test_a_forged_message_opens_no_seat(course: Course, store: Store, message: dict[str, Any]) -> None:
    admit(store, learner_id=OWNER, pin=PIN, again=PIN, now=STARTED_AT, salt=b"s")
    door = open_door(course, store)
    assert tell(door, **message)["stage"] == "names"
    assert tell(door, do="sit", paper=PAPER_ID)["stage"] == "names"
    assert set(store.read_pin_holders()) == {OWNER}
    assert not (course.course_dir / "submitted" / OWNER).exists()


def test_guessing_is_slowed_across_pages(course: Course, store: Store) -> None:
    enter(open_door(course, store), OWNER)
    for number in range(5):
        fault = enter(open_door(course, store), OWNER, pin=f"{1357 + number}")["fault"]
    assert "请过 1 分钟再试" in fault
    assert "暂时不能再试" in enter(open_door(course, store), OWNER)["fault"]


def test_whoever_signed_in_on_the_tab_enters_by_ticket_as_nobody_else(course: Course, store: Store) -> None:
    proof = admit(store, learner_id=OWNER, pin=PIN, again=PIN, now=STARTED_AT, salt=b"s")
    ticket = make_ticket(proof, now=STARTED_AT)
    assert tell(open_door(course, store), do="resume", ticket=ticket)["learner"] == [OWNER, OWNER]
    assert tell(open_door(course, store), do="resume", ticket=ticket.replace(OWNER, OTHER))["stage"] == "names"


def test_the_doors_state_tells_of_a_pin_only_that_there_is_one(course: Course, store: Store) -> None:
    door = open_door(course, store)
    enter(door, OWNER)
    pin = store.read_pin(OWNER)
    assert pin
    tell(door, do="leave")
    state = {name: value for name, value in door.get_state().items() if name not in {"_esm", "_css"}}
    told = json.dumps(state, ensure_ascii=False, default=str)
    assert [secret for secret in (PIN, pin.hash, "ticket", "scrypt", "wrong") if secret in told] == []
