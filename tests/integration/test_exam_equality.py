"""The oracle: stock `nbgrader autograde`, which executes notebooks, gives the gradebook that our marking gives.

So does `nbgrader autograde` with the course's own configuration, which executes nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exam_course import DUE_AT, PAPER_ID, PROJECT, STARTED_AT, Course, fixture_bank, learners, small_paper
from xuefa.exam.course_config import prepare_course
from xuefa.exam.marking import MarkingSummary, mark_paper
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting

SUBMITTED = 60
PRESSED = 15
"""How many of them are marked a third time, by nbgrader with the course's own configuration."""
STOCK_CONFIG = """
c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute", *c.Autograde.autograde_preprocessors[1:]]
"""
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


def start_nbgrader(*arguments: str, course_dir: Path) -> subprocess.Popen[str]:
    programs = Path(sys.executable).parent
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course_dir,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def four_rules_paper() -> Paper:
    """The small paper with 多选 marked by all four rules, one section each, the case included."""
    paper = small_paper(fixture_bank())
    singles, pair, whole, judges, case, essay = paper.sections
    each, deduction = (pair.model_copy(update={"questions": (question,)}) for question in pair.questions)
    each = each.model_copy(update={"rule": "subset_each", "option_points": 0.5})
    deduction = deduction.model_copy(update={"rule": "per_option", "option_points": 1.0, "deduction_points": 0.5})
    return paper.model_copy(update={"sections": (singles, each, deduction, whole, judges, case, essay)})


def release_four_rules(course_dir: Path) -> Course:
    """A course that takes all points off what is late, so that penalties are compared too."""
    paper, bank = four_rules_paper(), fixture_bank()
    prepare_course(course_dir, config_file=PROJECT / "grading" / "nbgrader_config.py")
    with (course_dir / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    write_source(paper, bank=bank, course_dir=course_dir)
    sitting = make_sitting(paper.paper_id, learners=learners(SUBMITTED + 1), closes_at=DUE_AT)
    release_paper(sitting, course_dir=course_dir)
    return Course(course_dir, paper, bank)


def sit_varied(course: Course) -> int:
    """Sixty submissions of every sort; give how many."""
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

    def by_chance() -> dict[str, str]:
        return {
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
    course.sit("学员11", by_chance())
    course.sit("学员12", {**wrong, essay: "只写了论述"}, handed_in_at=late)
    for number in range(13, SUBMITTED + 1):
        essays = {essay: rng.choice(["应当先调解。", "一\n\n二", "$$", "0"])} if number % 3 == 0 else {}
        handed_in_at = None if number % 10 == 5 and not essays else STARTED_AT + timedelta(minutes=2 * number % 60)
        folder = course.sit(f"学员{number:02d}", {**by_chance(), **essays}, handed_in_at=handed_in_at)
        if number % 4 == 0:
            note_as_the_page_does(folder, rng.sample(sorted(keys), 3))
    return SUBMITTED


def note_as_the_page_does(folder: Path, question_ids: list[str]) -> None:
    """Flags and seconds in view, which must not touch a mark."""
    answers = json.loads((folder / "answers.json").read_bytes())
    answers |= {"flagged": question_ids[:2], "seconds": dict.fromkeys(question_ids, 31.5)}
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")


@dataclass(frozen=True)
class Marked:
    """The same submissions marked by the kit, by stock nbgrader, and some by nbgrader as the course configures it."""

    ours: Course
    stock: tuple[Course, ...]
    pressed: Course
    summary: MarkingSummary
    planted: Path


def copy_course(course: Course, name: str, *, learner_ids: Collection[str]) -> Course:
    """The course with the submissions of these learners only."""
    copied = course.course_dir.with_name(name)
    shutil.copytree(course.course_dir, copied)
    for folder in (copied / "submitted").iterdir():
        if folder.name not in learner_ids:
            shutil.rmtree(folder)
    return replace(course, course_dir=copied)


def plant_code(course: Course, learner_id: str, *, marker: Path) -> None:
    """Code in every cell of a submitted notebook, locked ones included, and in one more."""
    path = course.course_dir / "submitted" / learner_id / PAPER_ID / f"{PAPER_ID}.ipynb"
    notebook = json.loads(path.read_bytes())
    attack = f"open({str(marker)!r}, 'w').write('x')"
    for cell in notebook["cells"]:
        cell["source"] = attack
    notebook["cells"].append(
        {"cell_type": "code", "id": "x", "metadata": {}, "source": attack, "outputs": [], "execution_count": None}
    )
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Marked:
    course = release_four_rules(tmp_path_factory.mktemp("exam") / "course")
    assert sit_varied(course) == SUBMITTED
    names = sorted(folder.name for folder in (course.course_dir / "submitted").iterdir())
    stock = tuple(copy_course(course, f"stock-{half}", learner_ids=names[half::2]) for half in (0, 1))
    pressed = copy_course(course, "pressed", learner_ids=names[:PRESSED])
    planted = course.course_dir.with_name("planted")
    plant_code(pressed, names[0], marker=planted)
    for copied in stock:
        with (copied.course_dir / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(STOCK_CONFIG)
    running = [start_nbgrader("autograde", PAPER_ID, course_dir=one.course_dir) for one in (*stock, pressed)]
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    for process in running:
        _, log = process.communicate()
        assert process.returncode == 0, log
    return Marked(course, stock, pressed, summary, planted)


def stock_rows(marked: Marked, query: str) -> list[tuple[Any, ...]]:
    return sorted(
        (row for course in marked.stock for row in read_rows(course.course_dir, query)), key=lambda row: row[:2]
    )


def test_stock_autograde_gives_the_same_grades_cell_by_cell(marked: Marked) -> None:
    grades = read_rows(marked.ours.course_dir, GRADES)
    assert len(grades) == SUBMITTED * 15
    assert sorted(grades, key=lambda row: row[:2]) == stock_rows(marked, GRADES)
    rules = {section.rule for section in marked.ours.paper.sections if section.kind in ("multiple", "case")}
    assert rules == {"all_or_nothing", "subset", "subset_each", "per_option"}


def test_stock_autograde_gives_the_same_times_penalties_and_comments(marked: Marked) -> None:
    submissions, comments = (read_rows(marked.ours.course_dir, query) for query in (SUBMISSIONS, COMMENTS))
    assert len(submissions) == len(comments) == SUBMITTED
    assert sorted(submissions, key=lambda row: row[0]) == sorted(
        stock_rows(marked, SUBMISSIONS), key=lambda row: row[0]
    )
    assert sorted(comments, key=lambda row: row[:2]) == stock_rows(marked, COMMENTS)
    assert any(penalty for _, _, penalty, _ in submissions)
    assert any(timestamp is None for _, timestamp, _, _ in submissions)


def test_nbgraders_own_way_in_the_course_executes_nothing_and_gives_the_same(marked: Marked) -> None:
    for query in (GRADES, SUBMISSIONS, COMMENTS):
        pressed = read_rows(marked.pressed.course_dir, query)
        learner_ids = {row[0] for row in pressed}
        assert len(learner_ids) == PRESSED
        assert pressed == [row for row in read_rows(marked.ours.course_dir, query) if row[0] in learner_ids]
    assert not marked.planted.exists()
    for path in (marked.pressed.course_dir / "autograded").rglob("*.ipynb"):
        assert "planted" not in path.read_text(encoding="utf-8")


def test_executed_grade_cells_show_what_the_marked_notebooks_show(marked: Marked) -> None:
    def shown(course: Course, learner_id: str) -> dict[str, tuple[str, ...]]:
        path = course.course_dir / "autograded" / learner_id / PAPER_ID / f"{PAPER_ID}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        graded = (cell for cell in cells if cell["metadata"]["nbgrader"]["grade"])
        return {cell["metadata"]["nbgrader"]["grade_id"]: texts_of(cell) for cell in graded}

    def texts_of(cell: dict[str, Any]) -> tuple[str, ...]:
        outputs = cell.get("outputs", [])
        texts = [cell["source"], *(one.get("text", one.get("data", {}).get("text/plain")) for one in outputs)]
        return tuple("".join(text) for text in texts)

    for number in (1, 2, 6, 7, 11, 24):
        stock = marked.stock[(number - 1) % 2]
        assert shown(marked.ours, f"学员{number:02d}") == shown(stock, f"学员{number:02d}")


def test_scores_are_spread_from_nothing_to_everything_but_the_essay(marked: Marked) -> None:
    scores = {total.learner_id: total.score for total in marked.summary.marked}
    assert scores["学员01"] == 30
    assert scores["学员02"] == 0
    assert scores["学员03"] == 0
    # one pick each: 0.5 where every pick earns, 1 where wrong ones are deducted, 3.5 × 0.4 in the case, 0 for the whole
    assert scores["学员06"] == 0.5 + 1 + 1.4
    assert len(set(scores.values())) > 20
    late = {total.learner_id: total for total in marked.summary.marked if total.seconds_late}
    assert late["学员08"].seconds_late == late["学员12"].seconds_late == 420
    assert {total.score for total in late.values()} == {0}
    waiting = [total.learner_id for total in marked.summary.marked if total.needs_manual_grade]
    assert waiting[:3] == ["学员01", "学员07", "学员12"]
    assert marked.summary.absent == (f"学员{SUBMITTED + 1}",)
