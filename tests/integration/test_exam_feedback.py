"""Feedback pages of a marked paper: what a learner reads, what a page without keys must not hold, what is inert."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.exam_course import PAPER_ID, Course, release_course
from xuefa.exam.feedback import write_feedback
from xuefa.exam.gradebook import write_hand_mark
from xuefa.exam.marking import mark_paper
from xuefa.exam.remark import remark_paper

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """学员01 is all right with 8 points and a comment for the essay; 学员02 answers A everywhere; 学员03 nothing."""
    course = release_course(tmp_path_factory.mktemp("exam") / "marked", expected=4)
    essay = course.essay_id
    course.sit("学员01", {**course.right_answers(), essay: "第一段。\n第二段。"})
    first = {
        question.question_id: next(iter(question.options)) for question in course.paper.questions if question.options
    }
    course.sit("学员02", {**first, essay: ATTACK})
    course.sit("学员03", {})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    write_hand_mark(
        course.course_dir, paper_id=PAPER_ID, learner_id="学员01", question_id=essay, score=8, comment="缺纠错<b>。"
    )
    return course


@pytest.fixture
def course(marked: Course, tmp_path: Path) -> Course:
    shutil.copytree(marked.course_dir, tmp_path / "course")
    return replace(marked, course_dir=tmp_path / "course")


def pages(course: Course, **options: str) -> dict[str, str]:
    written = write_feedback(PAPER_ID, course_dir=course.course_dir, **options)  # type: ignore[arg-type]
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in written}


def test_every_marked_learner_and_no_one_else_gets_a_page_where_nbgrader_puts_its_own(course: Course) -> None:
    assert sorted(pages(course)) == ["学员01", "学员02", "学员03"]
    assert (course.course_dir / "feedback" / "学员01" / PAPER_ID / f"{PAPER_ID}.html").is_file()


def test_a_page_says_score_standing_verdict_in_words_explanation_and_citation(course: Course) -> None:
    text = pages(course)["学员01"]
    assert "<b>38</b>／40 分　<strong>优秀</strong>" in text
    assert "24 分及格，34 分优秀" in text
    assert text.count("✓ 答对") == len(course.right_answers())
    for question in course.paper.questions:
        item = course.bank.question(question.question_id)
        assert question.stem in text
        assert item.explanation in text
    assert "《中华人民共和国乡村振兴促进法》第四条" in text
    assert "缺纠错&lt;b&gt;。" in text
    assert "8／10 分" in text
    assert "各部法律得分" in text


def test_blank_partial_wrong_and_waiting_answers_are_told_apart_in_words(course: Course) -> None:
    written = pages(course)
    assert written["学员03"].count("○ 未作答") == len(course.paper.questions)
    assert {words for words in ("△ 部分得分", "✗ 答错", "… 待评阅") if words in written["学员02"]} == {
        "△ 部分得分",
        "✗ 答错",
        "… 待评阅",
    }
    assert "还有题待评阅，分数未定" in written["学员02"]


def test_a_page_without_keys_holds_no_key_explanation_citation_or_guide(course: Course) -> None:
    for text in pages(course, keys="hidden").values():
        for words in ("正确答案", 'class="mark key"', "解析", "依据", "评分要点"):
            assert words not in text
        for question in course.paper.questions:
            item = course.bank.question(question.question_id)
            assert item.explanation not in text
            for part in getattr(item.item, "guide", ()):
                assert part.element not in text


def test_nothing_in_a_page_runs_or_comes_from_elsewhere(course: Course) -> None:
    for text in pages(course).values():
        assert not re.search(r"<script|<img|<link|<iframe|javascript:|\son\w+=(?![^<]*&gt;)|https?://|@import", text)
        assert "mark_answer" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages(course)["学员02"]
    assert "{{ 7*7 }}" in pages(course)["学员02"]


def test_a_voided_question_is_told_and_the_scaled_marks_are_shown(course: Course) -> None:
    remark_paper(
        PAPER_ID,
        bank=course.bank,
        course_dir=course.course_dir,
        reason="题目有错",
        remarked_at=datetime(2022, 11, 25, tzinfo=UTC),
        void={"xzss-0002": "out", "xzss-0022": "full"},
    )
    text = pages(course)["学员01"]
    assert "本题作废，不计入总分" in text
    assert "本题作废，人人得分" in text
    assert "<b>36</b>／38 分" in text
    assert "22.8 分及格，32.3 分优秀" in text


def test_nbgraders_own_command_writes_the_same_page_without_keys_unless_the_course_says_otherwise(
    course: Course,
) -> None:
    hidden, shown = pages(course, keys="hidden"), pages(course, keys="shown")
    assert generate_feedback(course) == shown, "what is written stays unless nbgrader is told to write it anew"
    assert generate_feedback(course, "--force") == hidden
    with (course.course_dir / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.FeedbackExporter.keys = "shown"\n')
    assert generate_feedback(course, "--force") == shown


def test_nbgraders_own_command_names_a_learner_whose_answers_are_gone_and_writes_the_others(course: Course) -> None:
    everyone = pages(course, keys="hidden")
    (course.course_dir / "autograded" / "学员02" / PAPER_ID / "answers.json").unlink()
    assert generate_feedback(course, "--force", fails=True) == {
        learner_id: page for learner_id, page in everyone.items() if learner_id != "学员02"
    }


def generate_feedback(course: Course, *options: str, fails: bool = False) -> dict[str, str]:
    """Run the real `nbgrader generate_feedback`; every learner's page as it then is."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", PAPER_ID, *options],
        cwd=course.course_dir,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    assert ("学员 学员02：这份答卷还没有阅过" in done.stderr) == fails
    written = course.course_dir.glob(f"feedback/*/{PAPER_ID}/{PAPER_ID}.html")
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in written}
