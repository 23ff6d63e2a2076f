"""The kernel's side of the answer sheet, driven by the messages that its page sends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exam_course import PAPER_ID, STARTED_AT, Course, release_course
from xuefa.exam import submission
from xuefa.exam.answer_sheet import AnswerSheet, open_answer_sheet
from xuefa.exam.sitting import read_course_sitting

NAME = "学员01"


@dataclass
class Desk:
    """An answer sheet, the clock on the wall, and what the page has heard."""

    sheet: AnswerSheet
    folder: Path
    now: datetime = STARTED_AT
    heard: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Send a message as the page does; give the reply."""
        self.sheet._receive(self.sheet, {"id": f"m{len(self.heard)}", "do": name, **fields}, [])
        assert self.heard[-1]["done"] == f"m{len(self.heard) - 1}"
        return self.heard[-1]

    def stored(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "answers.json").read_bytes()))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("exam") / "released", expected=3)


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    shutil.copytree(released.course_dir, tmp_path / "course")
    return replace(released, course_dir=tmp_path / "course")


def sit_down(course: Course) -> Desk:
    sheet = open_answer_sheet(
        paper_folder=course.course_dir / "release" / PAPER_ID,
        course_dir=course.course_dir,
        candidates=read_course_sitting(PAPER_ID, course_dir=course.course_dir).candidates,
        clock=lambda: seat.now,
        environ={},
    )
    assert isinstance(sheet, AnswerSheet)
    seat = Desk(sheet, course.course_dir / "submitted" / NAME / PAPER_ID)
    sheet.send = seat.heard.append  # the page's ear
    return seat


@pytest.fixture
def desk(course: Course) -> Iterator[Desk]:
    desk = sit_down(course)
    yield desk
    desk.sheet.close()


def test_before_signing_in_the_page_knows_names_but_no_question(desk: Desk) -> None:
    assert desk.sheet.page["candidates"] == [["学员01", "学员01"], ["学员02", "学员02"], ["学员03", "学员03"]]
    assert (desk.sheet.paper, desk.sheet.responses) == ({}, {})
    assert not desk.ask("save", responses={"xzss-0001": "B"})["ok"]
    assert not desk.folder.exists()


def test_an_answer_is_on_disk_before_the_page_hears_that_it_is_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask("sign_in", learner=NAME)
    events: list[str] = []

    def send(content: dict[str, Any], buffers: object = None) -> None:  # noqa: ARG001  ipywidgets' own signature
        events.append(f"reply {desk.stored()['answers']['xzss-0001']['response']}")
        desk.heard.append(content)

    def write(*args: Any, **kwargs: Any) -> Any:
        answers = written(*args, **kwargs)
        events.append("written")
        return answers

    written = submission.write_answers
    monkeypatch.setattr("xuefa.exam.answer_sheet.widget.write_answers", write)
    monkeypatch.setattr(desk.sheet, "send", send)
    desk.now += timedelta(minutes=3)
    reply = desk.ask("save", responses={"xzss-0001": "B"})
    assert reply["ok"]
    assert (reply["saved_at"], reply["seconds_left"]) == ("19:33:00", 27 * 60)
    assert events == ["written", "reply B"]
    assert [path.name for path in desk.folder.iterdir() if path.name.endswith(".tmp")] == []


def test_a_failed_write_is_told_and_never_acknowledged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={"xzss-0001": "B"})
    before = (desk.folder / "answers.json").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xuefa.atomic_file.os.fsync", fail)
    reply = desk.ask("save", responses={"xzss-0001": "C"})
    assert not reply["ok"]
    assert "没有保存" in reply["fault"]
    assert (desk.folder / "answers.json").read_bytes() == before
    assert desk.sheet.responses == {"xzss-0001": "B"}


def test_answers_are_found_again_in_a_new_kernel_and_time_goes_on(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={"xzss-0001": "B", course.essay_id: "第一段"})
    later = sit_down(course)
    later.now = STARTED_AT + timedelta(minutes=10)
    assert later.ask("sign_in", learner=NAME)["seconds_left"] == 20 * 60
    assert later.sheet.responses == {"xzss-0001": "B", course.essay_id: "第一段"}


def test_an_answer_taken_back_is_gone(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={"xzss-0011": "AB"})
    desk.ask("save", responses={"xzss-0011": ""})
    assert desk.stored()["answers"] == {}


def test_handing_in_leaves_what_stock_nbgrader_expects(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={course.essay_id: "十五日内"})
    desk.now += timedelta(minutes=9, microseconds=5)
    assert desk.ask("hand_in")["ok"]
    assert desk.sheet.page["stage"] == "handed_in"
    assert (desk.folder / "timestamp.txt").read_text(encoding="utf-8") == "2022-11-20 11:39:00.000005 UTC\n"
    notebook = json.loads((desk.folder / f"{PAPER_ID}.ipynb").read_bytes())
    essay = next(cell for cell in notebook["cells"] if cell["id"] == course.essay_id)
    assert "<p>十五日内</p>" in "".join(essay["source"])
    assert desk.stored()["handed_in_at"] == "2022-11-20T11:39:00.000005+00:00"
    assert "已经交卷" in desk.ask("save", responses={"xzss-0001": "A"})["fault"]


@pytest.mark.parametrize(
    "message",
    [
        {"do": "save", "responses": {"xzss-9999": "A"}},
        {"do": "save", "responses": {"xzss-0001": "Z"}},
        {"do": "save", "responses": {"xzss-0001": ["A"]}},
        {"do": "save", "responses": {"xzss-0001": "B", "xzss-0002": "../../x"}},
        {"do": "save", "responses": "A"},
        {"do": "save"},
        {"do": "sign_in", "learner": "../../x"},
        {"do": "sign_in", "learner": "外人"},
        {"do": "sign_in", "learner": 1},
        {"do": "delete"},
        {},
    ],
)
def test_what_our_page_would_never_send_is_refused_and_changes_nothing(desk: Desk, message: dict[str, Any]) -> None:
    desk.ask("sign_in", learner=NAME)
    before = (desk.folder / "answers.json").read_bytes()
    desk.sheet._receive(desk.sheet, {"id": "x", **message}, [])
    assert not desk.heard[-1]["ok"]
    assert desk.heard[-1]["fault"]
    assert (desk.folder / "answers.json").read_bytes() == before
    assert sorted(path.name for path in desk.folder.parent.parent.iterdir()) == [NAME]


def test_state_pushed_by_a_browser_is_not_taken(desk: Desk) -> None:
    desk.sheet.set_state({"page": {"stage": "handed_in"}, "responses": {"xzss-0001": "B"}, "paper": {}})
    assert desk.sheet.page["stage"] == "sign_in"
    assert desk.sheet.responses == {}


def test_widget_state_holds_no_key(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    questions = [one for section in desk.sheet.paper["sections"] for one in section["questions"]]
    assert len(questions) == 14
    for question in questions:
        assert question.keys() == {"id", "kind", "story", "stem", "options", "points"}
    state = {name: value for name, value in desk.sheet.get_state().items() if name not in {"_esm", "_css"}}
    assert {"page", "paper", "responses"} < state.keys()
    text = json.dumps(state, default=str, ensure_ascii=False)
    for question in course.paper.questions:
        assert question.stem in text
        assert course.bank.question(question.question_id).explanation not in text


def test_under_nbgrader_the_sheet_is_one_line_of_text(course: Course) -> None:
    shown = open_answer_sheet(
        paper_folder=course.course_dir / "release" / PAPER_ID,
        course_dir=course.course_dir,
        candidates=(),
        clock=lambda: datetime.now(UTC),
        environ={"NBGRADER_EXECUTION": "autograde"},
    )
    assert shown == "阅卷时不显示答题卡。"
    assert not (course.course_dir / "submitted").exists()
