"""What people wrote into the gradebook by hand: comments on essays, and marks that a voided question overrides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from xuefa.exam.gradebook_file import COURSE_ID, require_gradebook
from xuefa.exam.notebook import cell_id
from xuefa.exam.paper import Paper
from xuefa.exam.remark_log import ReplacedMark


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


@contextmanager
def _open(course_dir: Path) -> Iterator[Gradebook]:
    gradebook = Gradebook(f"sqlite:///{require_gradebook(course_dir).as_posix()}", COURSE_ID)
    try:
        yield gradebook
    finally:
        gradebook.close()
