"""Who a 补考 calls back when an exam has several rounds, and which round a new one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.exam_course import DUE_AT, PAPER_ID, STARTED_AT, Course, learners, release_course, small_paper
from xuefa.errors import BadInputError
from xuefa.exam.makeup import MakeupCandidates, find_round_before, select_makeup_candidates
from xuefa.exam.marking import mark_paper
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper, paper_path, read_course_paper, write_paper
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting

A_WEEK = timedelta(days=7)


def sit_round(course: Course, *, passed: str, failed: str = "") -> None:
    """Let the named learners (last digits) pass or fail, everybody else stay away, and mark it."""
    for number in passed + failed:
        course.sit(f"学员0{number}", course.right_answers() if number in passed else {})
    mark_paper(course.paper.paper_id, course_dir=course.course_dir)


def release_round(first: Course, paper_id: str, *, seed: int, expected: str, closes_at: datetime | None) -> Course:
    """Another paper after the first one, as one sets and releases it; nothing is sat yet."""
    paper = small_paper(first.bank, paper_id=paper_id, seed=seed).model_copy(
        update={"makeup_of": PAPER_ID, "attempt": 2, "attempts": 2, "pass_score": 1.0}
    )
    write_source(paper, bank=first.bank, course_dir=first.course_dir)
    called = [learner for learner in learners(6) if learner.learner_id[-1] in expected]
    release_paper(make_sitting(paper_id, learners=called, closes_at=closes_at), course_dir=first.course_dir)
    return replace(first, paper=paper)


def select(course: Course, *papers: Paper, now: datetime = STARTED_AT + 2 * A_WEEK) -> tuple[str, str]:
    """The last digits of those needed, and of those who have used up their attempts."""
    found: MakeupCandidates = select_makeup_candidates(papers, course_dir=course.course_dir, now=now)
    needed, used_up = ("".join(sorted(one[-1] for one in ids)) for ids in (found.needed, found.used_up))
    return needed, used_up


@pytest.fixture
def first(tmp_path: Path) -> Course:
    """The first round, over and marked: of six, 01 has passed, 02 and 04 have failed, the others were absent."""
    course = release_course(tmp_path / "course", expected=6)
    paper = course.paper.model_copy(update={"attempts": 2, "pass_score": 1.0})
    write_paper(paper, paper_path(course.course_dir, PAPER_ID))
    course = replace(course, paper=paper)
    sit_round(course, passed="1", failed="24")
    return course


def test_two_makeup_papers_of_one_exam_call_nobody_beyond_the_attempts_and_nobody_who_has_passed(first: Course) -> None:
    makeup = release_round(first, "makeup", seed=5, expected="2345", closes_at=DUE_AT + A_WEEK)
    other = makeup.paper.model_copy(update={"paper_id": "other"})
    write_paper(other, paper_path(first.course_dir, "other"))
    assert select(first, makeup.paper) == ("23456", "")
    before_its_end = STARTED_AT + A_WEEK
    assert select(first, other, now=before_its_end) == ("356", "24")

    for number in "245":
        makeup.sit(f"学员0{number}", makeup.right_answers() if number == "2" else {})
    with pytest.raises(BadInputError, match="试卷 makeup：还有 3 份答卷没有阅完"):
        select(first, other)
    mark_paper("makeup", course_dir=first.course_dir)
    assert select(first, other) == ("356", "4")
    assert select(first, other.model_copy(update={"attempts": 3})) == ("3456", "")
    assert select(first, other.model_copy(update={"attempts": 1})) == ("36", "45")


def test_makeup_papers_released_together_call_the_same_people_when_they_are_released_again(first: Course) -> None:
    makeup = release_round(first, "makeup", seed=5, expected="236", closes_at=None)
    other = release_round(first, "other", seed=6, expected="45", closes_at=None)
    assert select(first, makeup.paper, other.paper) == select(first, other.paper, makeup.paper) == ("23456", "")
    assert select(first, makeup.paper) == ("2356", "4")


def test_a_makeup_follows_the_last_round_released_as_far_as_attempts_go(first: Course) -> None:
    makeup = release_round(first, "makeup", seed=5, expected="23", closes_at=None)
    first_of_three = first.paper.model_copy(update={"attempts": 3})
    assert find_round_before(first.paper, course_dir=first.course_dir) == first.paper
    assert find_round_before(first_of_three, course_dir=first.course_dir) == makeup.paper
    assert find_round_before(makeup.paper, course_dir=first.course_dir) == makeup.paper
    (first.course_dir / "sittings" / "makeup.json").unlink()
    assert find_round_before(first_of_three, course_dir=first.course_dir) == first_of_three
    assert read_course_paper("makeup", course_dir=first.course_dir) == makeup.paper
