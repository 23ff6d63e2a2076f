"""The oracle: stock `nbgrader autograde`, which executes notebooks, gives the gradebook that our marking gives."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exam_course import DUE_AT, PAPER_ID, Course, release_course
from xuefa.exam.marking import MarkingSummary, mark_paper

GRADES = """
select s.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade, gc.max_score
from grade g join base_cell c on c.id = g.cell_id join grade_cells gc on gc.id = c.id
join submitted_notebook n on n.id = g.notebook_id join submitted_assignment s on s.id = n.assignment_id
order by 1, 2
"""
SUBMISSIONS = """
select s.student_id, s.timestamp, n.late_submission_penalty, n.flagged
from submitted_assignment s join submitted_notebook n on n.assignment_id = s.id order by 1
"""
COMMENTS = """
select s.student_id, c.name, m.auto_comment is null, m.manual_comment
from comment m join base_cell c on c.id = m.cell_id
join submitted_notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = n.assignment_id
order by 1, 2
"""


def read_rows(course_dir: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(course_dir / "gradebook.db") as connection:
        return connection.execute(query).fetchall()


def run_nbgrader(*arguments: str, course_dir: Path) -> subprocess.CompletedProcess[str]:
    programs = Path(sys.executable).parent
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course_dir,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def sit_varied(course: Course) -> int:
    """Twelve submissions of every sort; give how many."""
    keys, essay = course.right_answers(), course.essay_id
    kinds = {question.question_id: question.kind for question in course.paper.questions}
    options = {question.question_id: list(question.options) for question in course.paper.questions}
    multiple = [question_id for question_id in keys if kinds[question_id] == "multiple"]
    wrong = {
        question_id: next(one for one in options[question_id] if one not in key)
        for question_id, key in keys.items()
        if set(options[question_id]) - set(key)
    }
    half = dict(list(keys.items())[::2])
    rng = random.Random(7)  # noqa: S311  a test repeats its choices
    chance = {
        question_id: "".join(one for one in options[question_id] if rng.random() < 0.5)
        if kinds[question_id] == "multiple"
        else rng.choice([*options[question_id], ""])
        for question_id in keys
    }
    late = DUE_AT + timedelta(minutes=7)
    course.sit("学员01", {**keys, essay: "十五日内提交证据和答辩状。\n\n负责人出庭。"})
    course.sit("学员02", {})
    course.sit("学员03", wrong)
    course.sit("学员04", half)
    course.sit("学员05", {question_id: "".join(options[question_id]) for question_id in multiple})
    course.sit("学员06", {question_id: keys[question_id][:1] for question_id in multiple})
    course.sit("学员07", {essay: "<script>alert(1)</script> $x$ `a` **b** \\(c\\)\n# 一级标题"})
    course.sit("学员08", keys, handed_in_at=late)
    course.sit("学员09", {**half, essay: "   \n  "})
    course.sit("学员10", {question_id: key for question_id, key in keys.items() if kinds[question_id] == "judge"})
    course.sit("学员11", chance)
    course.sit("学员12", {**wrong, essay: "只写了论述"}, handed_in_at=late)
    return 12


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course, MarkingSummary]:
    """The same submissions marked by the kit, and by stock nbgrader in a copy of the course."""
    course = release_course(tmp_path_factory.mktemp("exam") / "course", expected=13)
    count = sit_varied(course)
    copied = course.course_dir.with_name("stock")
    shutil.copytree(course.course_dir, copied)
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert len(summary.marked) == count
    done = run_nbgrader("autograde", PAPER_ID, course_dir=copied)
    assert done.returncode == 0, done.stderr
    return course, replace(course, course_dir=copied), summary


def test_stock_autograde_gives_the_same_grades_cell_by_cell(courses: tuple[Course, Course, MarkingSummary]) -> None:
    ours, stock, _ = courses
    grades = read_rows(ours.course_dir, GRADES)
    assert len(grades) == 12 * 15
    assert grades == read_rows(stock.course_dir, GRADES)


def test_stock_autograde_gives_the_same_times_penalties_and_comments(
    courses: tuple[Course, Course, MarkingSummary],
) -> None:
    ours, stock, _ = courses
    for query in (SUBMISSIONS, COMMENTS):
        rows = read_rows(ours.course_dir, query)
        assert len(rows) == 12
        assert rows == read_rows(stock.course_dir, query)


def test_executed_grade_cells_show_what_the_marked_notebooks_show(
    courses: tuple[Course, Course, MarkingSummary],
) -> None:
    ours, stock, _ = courses

    def shown(course: Course, learner_id: str) -> dict[str, tuple[str, ...]]:
        path = course.course_dir / "autograded" / learner_id / PAPER_ID / f"{PAPER_ID}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        graded = (cell for cell in cells if cell["metadata"]["nbgrader"]["grade"])
        return {cell["metadata"]["nbgrader"]["grade_id"]: texts_of(cell) for cell in graded}

    def texts_of(cell: dict[str, Any]) -> tuple[str, ...]:
        outputs = cell.get("outputs", [])
        texts = [cell["source"], *(one.get("text", one.get("data", {}).get("text/plain")) for one in outputs)]
        return tuple("".join(text) for text in texts)

    for learner_id in ("学员01", "学员02", "学员06", "学员07", "学员11"):
        assert shown(ours, learner_id) == shown(stock, learner_id)


def test_scores_are_spread_from_nothing_to_everything_but_the_essay(
    courses: tuple[Course, Course, MarkingSummary],
) -> None:
    _, _, summary = courses
    scores = {total.learner_id: total.score for total in summary.marked}
    assert scores["学员01"] == 30
    assert scores["学员02"] == 0
    assert scores["学员03"] == 0
    # 2 × 3 points halved, 3.5 × 0.4 in the case; the all-or-nothing section and over-selection give nothing
    assert scores["学员06"] == 3 + 1.4
    assert [total.learner_id for total in summary.marked if total.needs_manual_grade] == ["学员01", "学员07", "学员12"]
    assert {total.learner_id: total.seconds_late for total in summary.marked if total.seconds_late} == {
        "学员08": 420,
        "学员12": 420,
    }
    assert summary.absent == ("学员13",)
