"""nbgrader's own exchange, with its real commands: released, fetched, answered, submitted, collected, marked."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exam_course import PAPER_ID, STARTED_AT, Course, release_course
from xuefa.exam.answer_sheet import AnswerSheet, open_answer_sheet
from xuefa.exam.exchange import adopt_fetched_paper
from xuefa.exam.marking import mark_paper
from xuefa.exam.sitting import read_sitting

WHO = "学员02"


def run_nbgrader(*arguments: str, folder: Path, exchange: Path) -> str:
    """Run one of nbgrader's commands in a folder; what it logged."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nbgrader", *arguments, "--course", "xuefa"),
            *(f"--Exchange.root={exchange}", f"--Exchange.cache={exchange.parent / 'cache'}"),
        ],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


class Page:
    """A learner at the answer sheet in a fetched folder; messages go in as the browser sends them."""

    def __init__(self, folder: Path, *, course_dir: Path) -> None:
        sitting = read_sitting(folder / "sitting.json")
        self.now = STARTED_AT
        sheet = open_answer_sheet(
            paper_folder=folder,
            course_dir=course_dir,
            candidates=sitting.candidates,
            closes_at=sitting.closes_at,
            clock=lambda: self.now,
            environ={},
        )
        assert isinstance(sheet, AnswerSheet)
        self.sheet = sheet
        self.heard: list[Any] = []
        sheet.send = self.heard.append

    def tell(self, **message: Any) -> None:
        self.sheet._receive(self.sheet, {"id": 1, **message}, [])
        assert self.heard[-1]["ok"], self.heard[-1]["fault"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return release_course(tmp_path / "course", expected=3)


def test_a_paper_goes_through_nbgraders_exchange_and_our_marking_takes_what_comes_back(
    course: Course, tmp_path: Path
) -> None:
    exchange, pc = tmp_path / "exchange", tmp_path / "pc"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    pc.mkdir()
    run_nbgrader("release_assignment", PAPER_ID, folder=course.course_dir, exchange=exchange)
    run_nbgrader("fetch_assignment", PAPER_ID, folder=pc, exchange=exchange)
    assert sorted(path.name for path in (pc / PAPER_ID).iterdir()) == [
        "paper.json",
        f"{PAPER_ID}.ipynb",
        "sitting.json",
    ]

    page = Page(pc / PAPER_ID, course_dir=tmp_path / "site" / "grading")
    page.tell(do="sign_in", learner=WHO)
    essay = "十五日内提交证据和答辩状。"
    page.tell(do="save", responses={**course.right_answers(), course.essay_id: essay})
    assert not (pc / PAPER_ID / "answers.json").exists()
    page.now = STARTED_AT + timedelta(minutes=20)
    page.tell(do="hand_in")
    assert "提交这份试卷" in page.sheet.page["advice"]

    run_nbgrader("submit", PAPER_ID, f"--CourseDirectory.student_id={WHO}", folder=pc, exchange=exchange)
    run_nbgrader("collect", PAPER_ID, folder=course.course_dir, exchange=exchange)
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert summary.refused == ()
    assert [(one.learner_id, one.score, one.needs_manual_grade) for one in summary.marked] == [(WHO, 30, True)]
    # the time that counts is nbgrader's, of submitting; the sitting closed in 2022
    assert summary.marked[0].seconds_late > 0
    assert summary.absent == ("学员01", "学员03")
    marked = course.course_dir / "autograded" / WHO / PAPER_ID / f"{PAPER_ID}.ipynb"
    assert essay in marked.read_text(encoding="utf-8")


def test_the_courses_own_release_folder_is_no_fetched_one_and_a_known_paper_is_not_written_over(
    course: Course, tmp_path: Path
) -> None:
    released = course.course_dir / "release" / PAPER_ID
    assert adopt_fetched_paper(released, course_dir=course.course_dir) is None
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    for path in released.iterdir():
        (fetched / path.name).write_bytes(path.read_bytes())
    (fetched / "sitting.json").write_text("{}", encoding="utf-8")
    before = (released / "sitting.json").read_bytes()
    assert adopt_fetched_paper(fetched, course_dir=course.course_dir) == fetched
    assert (released / "sitting.json").read_bytes() == before
