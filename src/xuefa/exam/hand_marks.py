"""What people write into the gradebook by hand: where they do it, their comments, the marks that a void overrides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from xuefa.exam.gradebook import read_item_scores, read_submitted_notebooks, read_totals
from xuefa.exam.gradebook_file import COURSE_ID, require_gradebook
from xuefa.exam.notebook import cell_id
from xuefa.exam.paper import Paper
from xuefa.exam.remark_log import ReplacedMark
from xuefa.strict_yaml import StrictModel


class HandMark(StrictModel):
    """What the gradebook holds by hand of one answer: points, points beyond, and whether a person has to look at it."""

    learner_id: str
    question_id: str
    score: float | None
    extra_credit: float | None
    waiting: bool


@dataclass(frozen=True, kw_only=True)
class MarkingPage:
    """formgrader's page of one marked submission: `number` is its place among them, as the page itself counts.

    `path` is where the Jupyter server has it; `waiting` are the numbers of the questions a person has still to mark;
    `score` is the points so far, late penalties taken off.
    """

    number: int
    path: str
    learner_id: str
    waiting: tuple[int, ...]
    score: float


def read_marking_pages(paper: Paper, *, course_dir: Path) -> tuple[MarkingPage, ...]:
    """The pages of all marked submissions in formgrader's order, which says nothing about who they are."""
    numbers = {question.question_id: number for number, question in enumerate(paper.questions, start=1)}
    waiting: dict[str, list[int]] = {}
    for one in read_item_scores(course_dir, paper_id=paper.paper_id):
        if one.needs_manual_grade:
            waiting.setdefault(one.learner_id, []).append(numbers[one.question_id])
    notebooks = read_submitted_notebooks(course_dir, paper_id=paper.paper_id)
    totals = read_totals(course_dir, paper_id=paper.paper_id)
    return tuple(
        MarkingPage(
            number=number,
            path=f"/formgrader/submissions/{notebook_id}/",
            learner_id=learner_id,
            waiting=tuple(sorted(waiting.get(learner_id, ()))),
            score=totals[learner_id],
        )
        for number, (learner_id, notebook_id) in enumerate(notebooks.items(), start=1)
    )


def read_hand_comments(paper: Paper, *, learner_ids: Collection[str], course_dir: Path) -> dict[tuple[str, str], str]:
    """The markers' comments on essays, by learner id and question id; an answer without a comment is left out."""
    comments = {}
    essays = [question.question_id for question in paper.questions if question.kind == "essay"]
    with _open(course_dir) as gradebook:
        for learner_id in learner_ids:
            for question_id in essays:
                try:
                    found = gradebook.find_comment(cell_id(question_id), paper.paper_id, paper.paper_id, learner_id)
                except MissingEntry:
                    continue
                if found.manual_comment and found.manual_comment.strip():
                    comments[learner_id, question_id] = found.manual_comment.strip()
    return comments


def write_void_marks(
    paper: Paper, *, learner_ids: Collection[str], course_dir: Path
) -> tuple[tuple[ReplacedMark, ...], bool]:
    """Give every marked learner what the voided questions count: in essays, and where a hand-given mark says otherwise.

    Gives the hand-given marks that were replaced, and whether anything was written. Objective questions without a
    hand-given mark need nothing: their grade cells say what they count, to stock nbgrader too.
    """
    replaced = []
    changed = False
    with _open(course_dir) as gradebook:
        for question in paper.questions:
            if question.question_id not in paper.voided:
                continue
            points = float(paper.points_of(question))
            for learner_id in learner_ids:
                try:
                    grade = gradebook.find_grade(
                        cell_id(question.question_id), paper.paper_id, paper.paper_id, learner_id
                    )
                except MissingEntry:
                    continue
                before = grade.manual_score
                if before is None and question.kind != "essay":
                    continue
                if before == points and not grade.needs_manual_grade:
                    continue
                if before is not None and before != points:
                    replaced.append(
                        ReplacedMark(learner_id=learner_id, question_id=question.question_id, score=float(before))
                    )
                grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, None, False
                changed = True
        gradebook.db.commit()
    return tuple(replaced), changed


def read_hand_marks_of(paper_id: str, *, question_ids: Collection[str], course_dir: Path) -> tuple[HandMark, ...]:
    """What was given by hand, and what waits to be, in these questions of every marked submission."""
    with _open(course_dir) as gradebook:
        return tuple(
            HandMark(
                learner_id=grade.notebook.assignment.student.id,
                question_id=question_id,
                score=grade.manual_score,
                extra_credit=grade.extra_credit,
                waiting=bool(grade.needs_manual_grade),
            )
            for question_id in question_ids
            for grade in _grades_of(gradebook, question_id, paper_id=paper_id)
        )


def write_hand_marks_back(paper_id: str, *, marks: Sequence[HandMark], course_dir: Path) -> None:
    """Put back what `read_hand_marks_of` gave."""
    kept = {(mark.learner_id, mark.question_id): mark for mark in marks}
    with _open(course_dir) as gradebook:
        for question_id in {mark.question_id for mark in marks}:
            for grade in _grades_of(gradebook, question_id, paper_id=paper_id):
                mark = kept.get((grade.notebook.assignment.student.id, question_id))
                if mark:
                    grade.manual_score, grade.extra_credit = mark.score, mark.extra_credit
                    grade.needs_manual_grade = mark.waiting
        gradebook.db.commit()


def _grades_of(gradebook: Gradebook, question_id: str, *, paper_id: str) -> list[Any]:
    cells = gradebook.find_notebook(paper_id, paper_id).grade_cells
    return [grade for cell in cells if cell.name == cell_id(question_id) for grade in cell.grades]


@contextmanager
def _open(course_dir: Path) -> Iterator[Gradebook]:
    gradebook = Gradebook(f"sqlite:///{require_gradebook(course_dir).as_posix()}", COURSE_ID)
    try:
        yield gradebook
    finally:
        gradebook.close()
