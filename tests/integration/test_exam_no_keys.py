"""No key reaches a learner: what is released, what the widgets hold and send, searched for every secret of a paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from tests.exam_course import PAPER_ID, STARTED_AT, Course, learners, release_practice_course
from tests.exam_secrets import Secrets, secrets_of
from xuefa.exam.answer_sheet import AnswerSheet
from xuefa.exam.answer_sheet.room_widget import ExamDoor, open_exam_room
from xuefa.exam.hand_in_file import write_hand_in_file
from xuefa.records.store import open_store

WHO = "学员01"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The practice paper from the project's own bank, whose explanations are long enough to be recognised."""
    return release_practice_course(tmp_path_factory.mktemp("no-keys") / "course", expected=2)


@pytest.fixture(scope="module")
def secrets(course: Course) -> Secrets:
    return secrets_of(course.paper, course.bank)


def files_of(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes().decode("utf-8", errors="replace")


def sit_wrongly(course: Course, secrets: Secrets) -> list[str]:
    """A whole sitting through both widgets, every answer wrong; all that they held and sent, as JSON texts."""
    heard: list[Any] = []
    store = open_store(f"sqlite:///{(course.course_dir / 'records.db').as_posix()}")
    store.write_learners(learners(2))
    room = open_exam_room(course_dir=course.course_dir, store=store, clock=lambda: STARTED_AT, rng=SystemRandom())

    def tell(widget: Any, **message: Any) -> None:
        widget.send = heard.append
        widget._receive(widget, {"id": "1", **message}, [])
        heard.append(widget.get_state())

    (door,) = room.children
    assert isinstance(door, ExamDoor)
    heard.append(door.get_state())
    tell(door, do="enter", learner=WHO, pin="2580", again="2580")
    tell(door, do="sit", paper=PAPER_ID)
    _, sheet = room.children
    assert isinstance(sheet, AnswerSheet)
    heard.append(sheet.get_state())
    for question_id in secrets.keys:
        tell(sheet, do="save", responses={question_id: secrets.wrong(question_id)}, revisions={})
    tell(sheet, do="save", responses=dict.fromkeys(secrets.keys, "Z"), revisions={})
    tell(sheet, do="time")
    tell(sheet, do="hand_in")
    assert sheet.page["stage"] == "handed_in"
    tell(door, do="look")
    return [json.dumps(one, ensure_ascii=False, default=str) for one in heard]


def test_nothing_that_is_released_tells_a_key(course: Course, secrets: Secrets) -> None:
    released = list(files_of(course.course_dir / "release"))
    assert {path.suffix for path, _ in released} == {".ipynb", ".json"}
    assert {str(path): secrets.find(text) for path, text in released if secrets.find(text)} == {}


def test_nothing_that_the_widgets_hold_or_send_during_a_sitting_tells_a_key(
    course: Course, secrets: Secrets, tmp_path: Path
) -> None:
    heard = sit_wrongly(course, secrets)
    assert len(heard) > 2 * len(secrets.keys)
    assert [secrets.find(text) for text in heard if secrets.find(text)] == []
    submitted = [text for _, text in files_of(course.course_dir / "submitted")]
    packed = write_hand_in_file(course.paper, course_dir=course.course_dir, learner_id=WHO, folder=tmp_path)
    assert [
        secrets.find(text) for text in (*submitted, packed.read_bytes().decode("latin-1")) if secrets.find(text)
    ] == []


def test_the_search_finds_what_the_staff_have_and_every_sort_of_planted_secret(
    course: Course, secrets: Secrets
) -> None:
    source = (course.course_dir / "source" / PAPER_ID / f"{PAPER_ID}.ipynb").read_text(encoding="utf-8")
    kept = (course.course_dir / "kept" / f"{PAPER_ID}.json").read_text(encoding="utf-8")
    assert len(secrets.find(source)) >= len(secrets.keys)
    assert len(secrets.find(kept)) >= len(secrets.texts)
    assert len(secrets.texts) >= len(course.paper.questions)
    question_id, key = next(iter(secrets.keys.items()))
    for planted in (
        json.dumps({"responses": {question_id: key}}),
        json.dumps({"newer": {question_id: [key, 1]}}),
        json.dumps(json.dumps({"id": question_id, "key": key})),
        f"MarkingKey(question_id='x', key='{key}')",
        json.dumps({"note": secrets.texts[0]}),
        json.dumps({"note": secrets.texts[-1][:20]}, ensure_ascii=False),
    ):
        assert secrets.find(f"<p>{planted}</p>"), planted
