"""What nbgrader's gradebook says of papers and learners, and what is written into it one by one.

The file itself is `gradebook_file`'s, the marks of a whole paper are `gradebook_rows`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook_file import open_session, require_gradebook
from xuefa.exam.gradebook_rows import find_assignment, find_notebook
from xuefa.exam.marks import ItemScore, SourceCell
from xuefa.exam.notebook import cell_id, question_id_of
from xuefa.exam.paper import read_course_paper, read_papers
from xuefa.exam.scoring import tidy_sum
from xuefa.exam.sitting import Candidate, read_course_sitting, sitting_path
from xuefa.records.record import ExamResult, UnmarkedPaper


def write_students(course_dir: Path, candidates: Iterable[Candidate]) -> None:
    """Register candidates as nbgrader's students; formgrader shows them as “编号, 姓名”."""
    with open_session(require_gradebook(course_dir)) as session:
        for candidate in candidates:
            session.merge(
                api.Student(id=candidate.learner_id, last_name=candidate.learner_id, first_name=candidate.name)
            )
        session.commit()


def write_due_time(course_dir: Path, *, paper_id: str, due_at: datetime | None) -> None:
    """Set an assignment's deadline (naive UTC in nbgrader); what comes later is recorded as late."""
    with open_session(require_gradebook(course_dir)) as session:
        find_assignment(session, paper_id).duedate = due_at
        session.commit()


def remove_paper(course_dir: Path, *, paper_id: str) -> None:
    """Take an assignment and its cells out of the gradebook, unless it is not there or something of it was marked."""
    with open_session(require_gradebook(course_dir)) as session:
        assignment = session.query(api.Assignment).filter_by(name=paper_id).one_or_none()
        if assignment is None or assignment.submissions:
            return
        for notebook in assignment.notebooks:
            for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells, *notebook.source_cells):
                session.delete(cell)
            session.delete(notebook)
        session.delete(assignment)
        session.commit()


def read_source_cells(course_dir: Path, *, paper_id: str) -> dict[str, SourceCell]:
    """The instructor's cells as released, hidden tests included, by grade id; BadInputError if never released."""
    with open_session(require_gradebook(course_dir)) as session:
        notebook = find_notebook(session, paper_id)
        return {cell.name: SourceCell(cell.source, cell.checksum) for cell in notebook.source_cells}


def write_hand_mark(
    course_dir: Path, *, paper_id: str, learner_id: str, question_id: str, score: float, comment: str | None = None
) -> None:
    """Give a mark by hand, as formgrader does; raise BadInputError if there is no such answer or it is too high."""
    place = f"{learner_id} 的 {question_id}"
    with open_session(require_gradebook(course_dir)) as session:
        grade = (
            session.query(api.Grade)
            .join(api.GradeCell, api.GradeCell.id == api.Grade.cell_id)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
            .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
            .filter(api.SubmittedAssignment.assignment_id == find_assignment(session, paper_id).id)
            .filter(api.SubmittedAssignment.student_id == learner_id, api.GradeCell.name == cell_id(question_id))
            .one_or_none()
        )
        if grade is None:
            raise BadInputError(Finding(place, "成绩册里没有这份答卷的这道题", "请先阅卷，再给分"))
        if not 0 <= score <= grade.max_score:
            raise BadInputError(Finding(place, f"给了 {score:g} 分，满分是 {grade.max_score:g}", "请改正分数"))
        grade.manual_score, grade.needs_manual_grade = score, False
        if comment is not None:
            _find_comment(session, grade.notebook_id, cell_id(question_id)).manual_comment = comment
        session.commit()


def read_hand_marks(course_dir: Path, *, paper_id: str) -> frozenset[tuple[str, str]]:
    """Which cells have a mark given by hand that is settled: pairs of learner id and grade id."""
    with open_session(require_gradebook(course_dir)) as session:
        settled = (
            session.query(api.SubmittedAssignment.student_id, api.GradeCell.name)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.GradeCell, api.GradeCell.id == api.Grade.cell_id)
            .filter(api.SubmittedAssignment.assignment_id == find_assignment(session, paper_id).id)
            .filter(api.Grade.manual_score.is_not(None), sa.not_(api.Grade.needs_manual_grade))
        )
        return frozenset((student_id, name) for student_id, name in settled)


def read_item_scores(course_dir: Path, *, paper_id: str) -> tuple[ItemScore, ...]:
    """Every marked learner's points in every question of a paper, by learner and question."""
    with open_session(require_gradebook(course_dir)) as session:
        rows = (
            session.query(
                api.SubmittedAssignment.student_id,
                api.GradeCell.name,
                api.Grade.score,
                api.GradeCell.max_score,
                api.Grade.needs_manual_grade,
            )
            .select_from(api.SubmittedAssignment)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.GradeCell, api.GradeCell.id == api.Grade.cell_id)
            .filter(api.SubmittedAssignment.assignment_id == find_assignment(session, paper_id).id)
            .filter(api.GradeCell.max_score > 0)
            .order_by(api.SubmittedAssignment.student_id, api.GradeCell.name)
        )
        return tuple(
            ItemScore(
                learner_id=student_id,
                question_id=question_id_of(name),
                score=None if waiting else float(score),
                max_score=float(max_score),
                needs_manual_grade=bool(waiting),
            )
            for student_id, name, score, max_score, waiting in rows
        )


def read_submitted_notebooks(course_dir: Path, *, paper_id: str) -> dict[str, str]:
    """Nbgrader's id of every marked submission's notebook, by learner, in the order in which formgrader shows them."""
    with open_session(require_gradebook(course_dir)) as session:
        rows = (
            session.query(api.SubmittedAssignment.student_id, api.SubmittedNotebook.id)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .filter(api.SubmittedAssignment.assignment_id == find_assignment(session, paper_id).id)
            .order_by(api.SubmittedNotebook.id)
        )
        return dict(rows.all())


def read_exam_results(course_dir: Path, *, paper_id: str | None = None) -> tuple[ExamResult, ...]:
    """What every expected learner got in one paper, or in every paper that was marked; `score` is None for 缺考."""
    if paper_id is None:
        marked = _read_marked_papers(course_dir)
        papers = tuple(paper for paper in read_papers(course_dir) if paper.paper_id in marked)
    else:
        papers = (read_course_paper(paper_id, course_dir=course_dir),)
    results = []
    for paper in papers:
        scores = read_totals(course_dir, paper_id=paper.paper_id)
        results += [
            ExamResult(
                paper_id=paper.paper_id,
                paper_title=paper.title,
                held_on=paper.held_on,
                learner_id=candidate.learner_id,
                score=scores.get(candidate.learner_id),
                max_score=paper.total_points,
                pass_score=paper.counted_pass_score,
                excellent_score=paper.counted_excellent_score,
            )
            for candidate in read_course_sitting(paper.paper_id, course_dir=course_dir).candidates
        ]
    return tuple(results)


def read_unmarked_papers(course_dir: Path) -> tuple[UnmarkedPaper, ...]:
    """The papers that were released and of which nothing is marked yet."""
    marked = _read_marked_papers(course_dir)
    return tuple(
        UnmarkedPaper(paper_id=paper.paper_id, paper_title=paper.title, held_on=paper.held_on)
        for paper in read_papers(course_dir)
        if paper.paper_id not in marked and sitting_path(course_dir, paper.paper_id).is_file()
    )


def read_totals(course_dir: Path, *, paper_id: str) -> dict[str, float]:
    """The points of every learner whose submission was marked, late penalties taken off."""
    with open_session(require_gradebook(course_dir)) as session:
        rows = session.query(
            api.SubmittedAssignment.student_id,
            api.SubmittedAssignment.score,
            api.SubmittedAssignment.late_submission_penalty,
        ).filter_by(assignment_id=find_assignment(session, paper_id).id)
        return {student_id: tidy_sum(max(0.0, float(score) - float(penalty))) for student_id, score, penalty in rows}


def _read_marked_papers(course_dir: Path) -> frozenset[str]:
    """The papers of which at least one submission was marked; without a gradebook there are none."""
    if not (course_dir / "gradebook.db").exists():
        return frozenset()
    with open_session(require_gradebook(course_dir)) as session:
        return frozenset(name for (name,) in session.query(api.Assignment.name).join(api.SubmittedAssignment))


def _find_comment(session: Any, notebook_id: str, grade_id: str) -> Any:
    return (
        session.query(api.Comment)
        .join(api.SolutionCell, api.SolutionCell.id == api.Comment.cell_id)
        .filter(api.Comment.notebook_id == notebook_id, api.SolutionCell.name == grade_id)
        .one()
    )
