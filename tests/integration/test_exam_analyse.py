"""The analysis of a real marked paper: who counts, what is left out, and what is shown of it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.exam_course import PAPER_ID, Course, learners, release_course
from xuefa.errors import BadInputError
from xuefa.exam.analysis.html import render_analysis_html
from xuefa.exam.analysis.paper_analysis import Analysis, Passing, analyse_responses
from xuefa.exam.analysis.pooled import pool_results
from xuefa.exam.analysis.responses import read_marked_paper_ids, read_responses
from xuefa.exam.analysis.text import render_analysis_text
from xuefa.exam.analysis.workbook import write_analysis_workbook
from xuefa.exam.gradebook import write_hand_mark
from xuefa.exam.marking import mark_paper
from xuefa.settings import site_settings

NAMES = [learner.learner_id for learner in learners(8)]
UNITS = dict.fromkeys(NAMES[:4], "=党政综合办公室") | dict.fromkeys(NAMES[4:7], "农业农村办公室")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("analysis") / "grading", expected=len(NAMES))


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    return released.copy_to(tmp_path / "grading")


def sit_and_mark(course: Course, *, count: int) -> None:
    """The first answers everything right, the next all but the first question, and so on."""
    right = course.right_answers()
    for wrong, name in enumerate(NAMES[:count]):
        course.sit(name, dict(list(right.items())[wrong:]))
    mark_paper(PAPER_ID, course_dir=course.course_dir)


def analyse(course: Course) -> Analysis:
    return analyse_responses(read_responses(PAPER_ID, course_dir=course.course_dir), units=UNITS)


def test_a_marked_paper_is_analysed_and_the_absent_count_nowhere_as_zero(course: Course) -> None:
    sit_and_mark(course, count=6)
    analysis = analyse(course)
    assert (analysis.expected, analysis.sat, analysis.absent, analysis.refused) == (8, 6, 2, 0)
    assert (analysis.highest, analysis.max_points) == (30, 40)  # nobody wrote the essay of ten points
    assert sum(analysis.bins) == 6
    first = analysis.items[0]
    assert (first.n, first.blank) == (6, 5)
    assert first.facility == pytest.approx(1 / 6)
    assert next(option for option in first.options if option.is_key).n == 1
    assert sum(option.n for option in first.options) + first.blank == 6
    assert first.discrimination is not None
    assert first.discrimination > 0
    # the best two of six and the worst two: one of them had the first question right
    assert (analysis.group_size, first.upper_lower) == (2, 0.5)
    assert analysis.passing == Passing(passed=4, excellent=0, undecided=0)  # 24 of 40 passes, nobody of them wrote
    assert analysis.alpha is not None
    assert [(unit.name, unit.of, unit.n) for unit in analysis.by_unit] == [
        ("=党政综合办公室", 4, 4),
        ("农业农村办公室", 3, 2),
        ("（名册里没有）", 1, 0),
    ]
    assert analysis.by_unit[2].rate is None


def test_an_essay_still_to_be_marked_is_left_out_and_said_and_counts_once_marked(course: Course) -> None:
    right = course.right_answers()
    for name in NAMES[:5]:
        course.sit(name, right | {course.essay_id: "应当先调查取证，再告知陈述申辩的权利。"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    number = [one.question_id for one in course.paper.questions].index(course.essay_id) + 1
    analysis = analyse(course)
    assert analysis.waiting == (number,)
    assert course.essay_id not in {item.question_id for item in analysis.items}
    assert analysis.passing == Passing(passed=5, excellent=0, undecided=5)  # 30 points are a pass; 优秀 is still open
    assert f"第 {number} 题还有答案没有人工评阅" in render_analysis_text(analysis)
    for name in NAMES[:5]:
        write_hand_mark(
            course.course_dir, paper_id=PAPER_ID, learner_id=name, question_id=course.essay_id, score=8, comment="好"
        )
    after = analyse(course)
    assert after.waiting == ()
    assert after.passing == Passing(passed=5, excellent=5, undecided=0)
    assert after.max_points == analysis.max_points + 10
    assert after.items[-1].facility == pytest.approx(0.8)


def test_a_voided_question_is_left_out_and_said(course: Course) -> None:
    sit_and_mark(course, count=6)
    responses = read_responses(PAPER_ID, course_dir=course.course_dir)
    first = responses.paper.questions[0].question_id
    paper = responses.paper.model_copy(update={"voided": {first: "full"}})
    analysis = analyse_responses(replace(responses, paper=paper), units={})
    assert analysis.voided == (1,)
    assert first not in {item.question_id for item in analysis.items}
    assert "第 1 题已作废" in render_analysis_text(analysis)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_learners_are_said_without_a_division_by_zero(course: Course, count: int) -> None:
    sit_and_mark(course, count=count)
    analysis = analyse(course)
    assert analysis.absent == len(NAMES) - count
    assert analysis.alpha is None
    assert analysis.to_watch == ()
    assert "人数太少，无法计算" in render_analysis_text(analysis)
    assert "人数太少，无法计算" in render_analysis_html(analysis)


def test_equal_scores_are_said_to_be_equal(course: Course) -> None:
    for name in NAMES:
        course.sit(name, course.right_answers())
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    analysis = analyse(course)
    assert analysis.alpha is None
    assert {item.discrimination for item in analysis.items} == {None}
    assert "得分全相同，无法计算" in render_analysis_text(analysis)


def test_submissions_that_nobody_marked_are_refused_with_what_to_do(course: Course) -> None:
    course.sit(NAMES[0], course.right_answers())
    with pytest.raises(BadInputError, match=f"还没有一份阅过。请先运行 xuefa exam mark {PAPER_ID}"):
        analyse(course)


def test_the_workbook_has_its_sheets_and_text_stays_text(course: Course, tmp_path: Path) -> None:
    sit_and_mark(course, count=6)
    book = load_workbook(write_analysis_workbook(analyse(course), tmp_path / "分析.xlsx"))
    assert book.sheetnames == ["概况", "逐题", "选项", "分法律", "分单位", "需要留意的题"]
    cell = book["分单位"]["A2"]
    assert (cell.value, cell.data_type) == ("=党政综合办公室", "s")
    texts = {str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row}
    assert not texts & set(NAMES)
    with pytest.raises(BadInputError, match=r"不是 \.xlsx 文件"):
        write_analysis_workbook(analyse(course), tmp_path / "分析.csv")


def test_the_page_runs_nothing_loads_nothing_and_escapes_what_it_shows(course: Course) -> None:
    sit_and_mark(course, count=6)
    page = render_analysis_html(replace(analyse(course), title="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "http" not in page
    assert "&lt;script&gt;" in page
    assert "得分分布" in page
    assert not any(name in page for name in NAMES)


def test_results_are_pooled_over_the_marked_papers(course: Course) -> None:
    assert read_marked_paper_ids(course.course_dir) == ()
    sit_and_mark(course, count=6)
    assert read_marked_paper_ids(course.course_dir) == (PAPER_ID,)
    analysis = analyse(course)
    results = pool_results([analysis, analysis])
    assert sum(one.answers for one in results.pooled) == 2 * 6 * len(analysis.items)
    assert sum(one.questions for one in results.pooled) == len(analysis.items)
    assert all(one.rate is not None and 0 <= one.rate <= 1 for one in results.pooled)


def test_the_commands_print_the_analysis_and_the_banks_results(
    course: Course, project_dir: Path, tmp_path: Path
) -> None:
    sit_and_mark(course, count=6)
    settings = site_settings(project_dir=project_dir, site_dir=tmp_path)
    assert settings.course_dir == course.course_dir
    program = "from xuefa.cli import exam_results, main; main()"
    environment = {**os.environ, "XUEFA_SITE": str(tmp_path), "PYTHONUTF8": "1"}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    printed = run("exam", "analyse", PAPER_ID, "--to", str(tmp_path / "分析.xlsx"))
    assert "【需要留意的题】" in printed
    assert (tmp_path / "分析.xlsx").exists()
    assert f"成绩（试卷 {PAPER_ID}" in run("bank", "stats", "--with-results")
