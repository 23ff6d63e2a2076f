"""Who sits a 补考: those expected at an earlier round of the exam who have not passed and have an attempt left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook import read_exam_results, read_item_scores
from xuefa.exam.paper import Paper, read_course_paper, read_papers, select_exam_papers
from xuefa.exam.room import read_attendances
from xuefa.exam.sitting import read_course_sitting, sitting_path
from xuefa.records.record import ExamResult


@dataclass(frozen=True, kw_only=True)
class MakeupCandidates:
    """Ids of learners who have not passed: `needed` may sit the 补考, `used_up` have no attempt left."""

    needed: frozenset[str]
    used_up: frozenset[str]


def select_makeup_candidates(papers: Sequence[Paper], *, course_dir: Path, now: datetime) -> MakeupCandidates:
    """Who of those expected at the exam's papers besides these, which go out together, still has to pass, at `now`.

    A paper that was begun is an attempt, and so is one that can still be begun: nobody ever holds more papers of an
    exam than its blueprint allows. Raises BadInputError while one of these papers is not wholly marked: nobody is
    called back whose marks are still to come.
    """
    paper, together = papers[0], {one.paper_id for one in papers}
    previous = read_course_paper(paper.makeup_of, course_dir=course_dir)
    expected: set[str] = set()
    passed: set[str] = set()
    used: Counter[str] = Counter()
    for one in _select_released(previous, course_dir=course_dir):
        if one.paper_id in together or is_parallel_form(one, paper):
            continue
        results = read_exam_results(course_dir, paper_id=one.paper_id)
        called = {result.learner_id for result in results}
        begun = _require_marked(one, results, course_dir=course_dir)
        closes_at = read_course_sitting(one.paper_id, course_dir=course_dir).closes_at
        used.update(begun if closes_at and closes_at <= now else called)
        expected |= called
        passed |= {result.learner_id for result in results if _has_passed(result)}
    failed = expected - passed
    used_up = frozenset(one for one in failed if used[one] >= paper.attempts)
    return MakeupCandidates(needed=frozenset(failed - used_up), used_up=used_up)


def find_round_before(paper: Paper, *, course_dir: Path) -> Paper:
    """The paper that a new 补考 of this exam follows: one of the last round released, as far as attempts go.

    Two 补考 papers set for one and the same paper are thus two rounds, while the blueprint has another; past that, the
    second is for those whom the first did not reach.
    """
    rounds = _select_released(paper, course_dir=course_dir)
    return max([paper, *(one for one in rounds if one.attempt < paper.attempts)], key=lambda one: one.attempt)


def is_parallel_form(paper: Paper, other: Paper) -> bool:
    """Whether both are forms (A, B …) of one assembly."""
    return paper.paper_id != other.paper_id and bool(paper.form and other.form) and paper.assembly == other.assembly


def _select_released(paper: Paper, *, course_dir: Path) -> tuple[Paper, ...]:
    papers = select_exam_papers(paper, papers=read_papers(course_dir))
    return tuple(one for one in papers if sitting_path(course_dir, one.paper_id).exists())


def _has_passed(result: ExamResult) -> bool:
    return result.score is not None and result.score >= result.pass_score


def _require_marked(paper: Paper, results: tuple[ExamResult, ...], *, course_dir: Path) -> set[str]:
    """The ids of those who began the paper; BadInputError unless all their marks are there."""
    marked = {result.learner_id for result in results if result.score is not None}
    begun = marked | {
        one.candidate.learner_id
        for one in read_attendances(paper.paper_id, course_dir=course_dir)
        if one.answers or one.fault
    }
    waiting = {
        score.learner_id for score in read_item_scores(course_dir, paper_id=paper.paper_id) if score.needs_manual_grade
    }
    if unmarked := (begun - marked) | waiting:
        raise BadInputError(
            Finding(
                f"试卷 {paper.paper_id}",
                f"还有 {len(unmarked)} 份答卷没有阅完",
                f"请先运行 xuefa exam mark {paper.paper_id}，并评完论述题",
            )
        )
    return begun
