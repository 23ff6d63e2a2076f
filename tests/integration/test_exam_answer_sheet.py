"""The kernel's side of the answer sheet, driven by the messages that its page sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exam_course import PAPER_ID, STARTED_AT, Course, release_course
from xuefa.errors import BadInputError
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

    def save(self, question_id: str, response: str, *, revision: int = 0, **fields: Any) -> dict[str, Any]:
        return self.ask("save", responses={question_id: response}, revisions={question_id: revision}, **fields)

    def stored(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "answers.json").read_bytes()))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("exam") / "released", expected=3)


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    return released.copy_to(tmp_path / "course")


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
    assert not desk.ask("save", responses={"xczx-0001": "B"})["ok"]
    assert not desk.folder.exists()


def test_how_choices_of_several_are_marked_is_said_before_the_time_runs(desk: Desk) -> None:
    assert desk.sheet.page["rules"][:2] == [
        "第二大题的多选题有两个以上正确答案：少选且没有错选的，得该题分值的 50%；有错选的不得分。",
        "第三大题的多选题有两个以上正确答案：多选、少选、错选均不得分。",
    ]


def test_an_answer_is_on_disk_before_the_page_hears_that_it_is_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask("sign_in", learner=NAME)
    events: list[str] = []

    def send(content: dict[str, Any], buffers: object = None) -> None:  # noqa: ARG001  ipywidgets' own signature
        events.append(f"reply {desk.stored()['answers']['xczx-0001']['response']}")
        desk.heard.append(content)

    def write(*args: Any, **kwargs: Any) -> Any:
        answers = written(*args, **kwargs)
        events.append("written")
        return answers

    written = submission.write_answers
    monkeypatch.setattr("xuefa.exam.answer_sheet.widget.write_answers", write)
    monkeypatch.setattr(desk.sheet, "send", send)
    desk.now += timedelta(minutes=3)
    reply = desk.ask("save", responses={"xczx-0001": "B"})
    assert reply["ok"]
    assert (reply["saved_at"], reply["seconds_left"]) == ("19:33:00", 27 * 60)
    assert events == ["written", "reply B"]
    assert {path.name for path in desk.folder.iterdir()} - {".answers.lock.tmp"} == {
        "answers.json",
        f"{PAPER_ID}.ipynb",
    }


def test_a_failed_write_is_told_and_never_acknowledged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={"xczx-0001": "B"})
    before = (desk.folder / "answers.json").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xuefa.atomic_file.os.fsync", fail)
    reply = desk.save("xczx-0001", "C", revision=1)
    assert not reply["ok"]
    assert "没有保存" in reply["fault"]
    assert (desk.folder / "answers.json").read_bytes() == before
    assert desk.sheet.responses == {"xczx-0001": "B"}


def test_answers_are_found_again_in_a_new_kernel_and_time_goes_on(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.ask("save", responses={"xczx-0001": "B", course.essay_id: "第一段"})
    later = sit_down(course)
    later.now = STARTED_AT + timedelta(minutes=10)
    assert later.ask("sign_in", learner=NAME)["seconds_left"] == 20 * 60
    assert later.sheet.responses == {"xczx-0001": "B", course.essay_id: "第一段"}


def test_an_answer_taken_back_is_gone_and_no_older_one_comes_back(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.save("xzss-0011", "AB")
    desk.save("xzss-0011", "", revision=1)
    answer = desk.stored()["answers"]["xzss-0011"]
    assert (answer["response"], answer["revision"]) == ("", 2)
    assert desk.save("xzss-0011", "AC", revision=1)["refused"] == ["xzss-0011"]


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
    assert "已经交卷" in desk.ask("save", responses={"xczx-0001": "A"})["fault"]


@pytest.mark.parametrize(
    "message",
    [
        {"do": "save", "responses": {"xzss-9999": "A"}},
        {"do": "save", "responses": {"xczx-0001": "Z"}},
        {"do": "save", "responses": {"xczx-0001": ["A"]}},
        {"do": "save", "responses": {"xczx-0001": "B", "xzss-0002": "../../x"}},
        {"do": "save", "responses": "A"},
        {"do": "save"},
        {"do": "save", "responses": {}, "flagged": {"xzss-9999": True}},
        {"do": "save", "responses": {}, "flagged": {"xczx-0001": "yes"}},
        {"do": "save", "responses": {}, "seconds": {"xczx-0001": -1}},
        {"do": "save", "responses": {}, "seconds": {"xczx-0001": float("nan")}},
        {"do": "save", "responses": {"xczx-0001": "B"}, "revisions": {"xczx-0001": True}},
        {"do": "save", "responses": {"xczx-0001": "B"}, "revisions": {"xczx-0001": 2**40}},
        {"do": "save", "responses": {"xczx-0001": "B"}, "revisions": [1]},
        {"do": "save", "responses": {"xczx-0001": "B"}, "sent": {"xczx-0001": [1]}},
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
    desk.sheet.set_state({"page": {"stage": "handed_in"}, "responses": {"xczx-0001": "B"}, "paper": {}})
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


# Two pages, two kernels


def test_an_answer_based_on_an_older_one_is_refused_and_the_newer_one_is_shown(desk: Desk, course: Course) -> None:
    other = sit_down(course)
    for one in (desk, other):
        one.ask("sign_in", learner=NAME)
    desk.save("xczx-0001", "B")
    reply = other.ask("save", responses={"xczx-0001": "C", "xzss-0002": "A"}, revisions={})
    assert reply["ok"]
    assert reply["refused"] == ["xczx-0001"]
    assert reply["newer"] == {"xczx-0001": ["B", 1], "xzss-0002": ["A", 1]}
    assert {key: one["response"] for key, one in desk.stored()["answers"].items()} == reply_of(reply)
    assert other.save("xczx-0001", "C", revision=1)["refused"] == []
    assert desk.stored()["answers"]["xczx-0001"]["response"] == "C"


def reply_of(reply: dict[str, Any]) -> dict[str, str]:
    return {key: response for key, (response, _) in reply["newer"].items()}


def test_a_page_that_never_heard_the_reply_is_not_in_its_own_way(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.save("xczx-0001", "B")
    assert desk.save("xczx-0001", "B")["newer"] == {"xczx-0001": ["B", 1]}
    reply = desk.save("xczx-0001", "D", sent={"xczx-0001": ["A", "B"]})
    assert (reply["refused"], reply["newer"]) == ([], {"xczx-0001": ["D", 2]})


def test_the_heartbeat_brings_what_another_kernel_wrote_and_that_it_handed_in(desk: Desk, course: Course) -> None:
    other = sit_down(course)
    for one in (desk, other):
        one.ask("sign_in", learner=NAME)
    other.save("xczx-0001", "B", flagged={"xzss-0002": True})
    reply = desk.ask("time", revisions={})
    assert (reply["newer"], reply["flagged"]) == ({"xczx-0001": ["B", 1]}, ["xzss-0002"])
    other.ask("hand_in")
    desk.ask("time")
    assert desk.sheet.page == other.sheet.page
    assert desk.sheet.page["stage"] == "handed_in"


def test_kernels_that_save_at_the_same_time_lose_nothing(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    ids = [one.question_id for one in course.paper.questions if one.kind == "single"]

    def save(question_id: str) -> None:
        submission.write_answers(
            course.paper,
            course_dir=course.course_dir,
            learner_id=NAME,
            responses={question_id: "A"},
            now=STARTED_AT,
            page=submission.PageState(seconds={question_id: 0.0}),
        )

    with ThreadPoolExecutor(max_workers=len(ids)) as pool:
        list(pool.map(save, ids))
    assert sorted(desk.stored()["answers"]) == sorted(ids)


# Time


def test_when_the_time_is_up_saves_are_refused_and_the_paper_is_handed_in_as_of_its_end(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.now = STARTED_AT + timedelta(minutes=30, seconds=8)
    assert desk.save("xczx-0001", "B")["ok"]
    desk.now += timedelta(seconds=3)
    reply = desk.save("xczx-0001", "C", revision=1)
    assert "没有接受" in reply["fault"]
    stored = desk.stored()
    assert stored["answers"]["xczx-0001"]["response"] == "B"
    assert (stored["handed_in_at"], stored["handed_in_by"]) == ("2022-11-20T12:00:00+00:00", "time")
    assert desk.sheet.page["handed_in_by"] == "time"


def test_the_sitting_closes_for_everyone_at_the_same_time(desk: Desk) -> None:
    desk.sheet._closes_at = STARTED_AT + timedelta(minutes=12)
    assert desk.ask("sign_in", learner=NAME)["seconds_left"] == 12 * 60
    desk.now += timedelta(minutes=13)
    desk.ask("time")
    assert desk.stored()["handed_in_at"] == "2022-11-20T11:42:00+00:00"


def test_submissions_that_nobody_handed_in_are_handed_in_as_of_their_end(desk: Desk, course: Course) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.save("xczx-0001", "B")
    course.sit("学员02", {"xczx-0001": "B"})
    spoilt = course.course_dir / "submitted" / "学员03" / PAPER_ID / "answers.json"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("{", encoding="utf-8")

    def run(minutes: int) -> tuple[str, ...]:
        return submission.hand_in_overdue(
            course.paper,
            course_dir=course.course_dir,
            sitting_closes_at=None,
            now=STARTED_AT + timedelta(minutes=minutes),
        )

    assert (run(30), run(31), run(32)) == ((), (NAME,), ())
    assert desk.stored()["handed_in_by"] == "time"
    assert (desk.folder / "timestamp.txt").read_text(encoding="utf-8").startswith("2022-11-20 12:00:00.000000")
    assert spoilt.read_text(encoding="utf-8") == "{"


def test_a_clock_that_jumps_back_gives_no_more_time_and_a_notice(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.now += timedelta(minutes=10)
    desk.save("xczx-0001", "B")
    desk.now -= timedelta(hours=3)
    reply = desk.save("xczx-0001", "C", revision=1)
    assert reply["ok"]
    assert "校准电脑时间" in reply["notice"]
    assert reply["seconds_left"] == 20 * 60
    assert desk.stored()["answers"]["xczx-0001"]["response"] == "C"


def test_seconds_per_question_never_sum_up_to_more_than_has_passed(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    desk.now += timedelta(seconds=60)
    desk.ask("save", responses={}, seconds={"xczx-0001": 20.25, "xzss-0002": 5})
    desk.ask("save", responses={}, seconds={"xczx-0001": 1, "xzss-0002": 900})
    assert desk.stored()["seconds"] == {"xczx-0001": 21.2, "xzss-0002": 38.8}


# Files and orders


def test_a_spoilt_answers_file_is_told_and_left_as_it_is(desk: Desk) -> None:
    desk.ask("sign_in", learner=NAME)
    (desk.folder / "answers.json").write_text('{"format": 1', encoding="utf-8")
    for reply in (desk.save("xczx-0001", "B"), desk.ask("time"), desk.ask("hand_in")):
        assert "答卷读不出来" in reply["fault"]
        assert "告诉监考人员" in reply["fault"]
    assert (desk.folder / "answers.json").read_text(encoding="utf-8") == '{"format": 1'


def test_a_learner_who_signed_in_elsewhere_is_not_asked(course: Course) -> None:
    sitting = read_course_sitting(PAPER_ID, course_dir=course.course_dir)

    def open_for(learner_id: str) -> AnswerSheet:
        return AnswerSheet(
            paper=course.paper.model_copy(update={"shuffle": "all"}),
            course_dir=course.course_dir,
            candidates=sitting.candidates,
            clock=lambda: STARTED_AT,
            learner_id=learner_id,
        )

    sheet = open_for(NAME)
    assert sheet.page == {"stage": "exam", "learner": [NAME, NAME]}
    assert sheet.paper["shows_letters"] is False
    with pytest.raises(BadInputError, match="应考名单里没有"):
        open_for("外人")
    sheet.close()
