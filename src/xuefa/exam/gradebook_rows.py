"""The rows of nbgrader's gradebook that a marked paper makes: a whole paper written in bulk, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook_file import open_session, require_gradebook
from xuefa.exam.marks import CellMark, LatePenalty, SubmissionMarks, SubmissionTotal
from xuefa.exam.scoring import tidy_sum

_BATCH = 50
_MARK_TABLES = (api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)


def write_marks(
    course_dir: Path, *, paper_id: str, submissions: Iterable[SubmissionMarks], late_penalty: LatePenalty
) -> tuple[SubmissionTotal, ...]:
    """Write the marks of a whole paper in one transaction; marks and comments given by hand stay as they are.

    As nbgrader's own SaveAutoGrades: a cell without `auto_score`, or one with a hand-given mark, needs a person; but a
    hand-given mark of an answer that has not changed since stays settled. `submissions` may be made while they are
    written: only a batch of them is held at a time, and whatever they raise leaves the gradebook as it was.
    """
    with open_session(require_gradebook(course_dir)) as session:
        # the lock comes first: what formgrader saves meanwhile waits, and is neither overlooked nor written over
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        rows = _PaperRows.read(session, paper_id)
        remaining, totals = iter(submissions), []
        while batch := list(islice(remaining, _BATCH)):
            totals += _write_batch(session.connection(), rows, batch, late_penalty)
        session.commit()
    return tuple(totals)


def find_assignment(session: Any, paper_id: str) -> Any:
    """The paper's row among the assignments; BadInputError if it was never released."""
    assignment = session.query(api.Assignment).filter_by(name=paper_id).one_or_none()
    if assignment is None:
        raise BadInputError(Finding(f"试卷 {paper_id}", "成绩册里没有这份试卷", "请先发布试卷"))
    return assignment


def find_notebook(session: Any, paper_id: str) -> Any:
    """The paper's one notebook, which its cells hang on; BadInputError if it was never released."""
    assignment = find_assignment(session, paper_id)
    notebook = session.query(api.Notebook).filter_by(assignment_id=assignment.id, name=paper_id).one_or_none()
    if notebook is None:
        raise BadInputError(Finding(f"试卷 {paper_id}", "成绩册里没有这份试卷的题目", "请重新发布试卷"))
    return notebook


@dataclass(frozen=True, kw_only=True)
class _PaperRows:
    """The rows that the marks of a paper hang on; cells are ids by grade id."""

    assignment_id: str
    due_at: datetime | None
    notebook_id: str
    grade_cells: Mapping[str, str]
    solution_cells: Mapping[str, str]
    max_score: float

    @classmethod
    def read(cls, session: Any, paper_id: str) -> _PaperRows:
        assignment, notebook = find_assignment(session, paper_id), find_notebook(session, paper_id)
        return cls(
            assignment_id=assignment.id,
            due_at=assignment.duedate,
            notebook_id=notebook.id,
            grade_cells={cell.name: cell.id for cell in notebook.grade_cells},
            solution_cells={cell.name: cell.id for cell in notebook.solution_cells},
            max_score=float(sum(cell.max_score for cell in notebook.grade_cells)),
        )


@dataclass(frozen=True, kw_only=True)
class _KnownRows:
    """What the gradebook holds of some submissions already: by learner, by submission, by notebook and cell."""

    submissions: Mapping[str, Any]
    notebooks: Mapping[str, Any]
    grades: Mapping[tuple[str, str], Any]
    comments: Mapping[tuple[str, str], Any]

    @classmethod
    def read(cls, connection: Any, rows: _PaperRows, learner_ids: Sequence[str]) -> _KnownRows:
        submission, notebook, grade, comment = (table.__table__ for table in _MARK_TABLES)
        wanted = sa.select(submission).where(
            submission.c.assignment_id == rows.assignment_id, submission.c.student_id.in_(learner_ids)
        )
        submissions = {row.student_id: row for row in connection.execute(wanted)}
        wanted = sa.select(notebook).where(
            notebook.c.notebook_id == rows.notebook_id,
            notebook.c.assignment_id.in_([row.id for row in submissions.values()]),
        )
        notebooks = {row.assignment_id: row for row in connection.execute(wanted)}
        ids = [row.id for row in notebooks.values()]
        return cls(
            submissions=submissions,
            notebooks=notebooks,
            grades=_read_by_cell(connection, grade, ids, rows.grade_cells),
            comments=_read_by_cell(connection, comment, ids, rows.solution_cells),
        )


class _Changes:
    """Rows of one table to insert and to update, written in one statement each."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._new: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []

    def append(self, row: Any, values: Mapping[str, Any], *, new: Mapping[str, Any]) -> str:
        """Note what a row should hold; with `row` None it is made, with `new` besides. Gives the row's id."""
        if row is None:
            row_id = api.new_uuid()
            self._new.append({"id": row_id, **new, **values})
            return str(row_id)
        if any(getattr(row, column) != value for column, value in values.items()):
            self._changed.append({"row_id": row.id, **values})
        return str(row.id)

    def write(self, connection: Any) -> None:
        if self._new:
            connection.execute(self._table.insert(), self._new)
        if self._changed:
            columns: dict[str, Any] = {
                column: sa.bindparam(column) for column in self._changed[0] if column != "row_id"
            }
            statement = self._table.update().where(self._table.c.id == sa.bindparam("row_id")).values(columns)
            connection.execute(statement, self._changed)


def _write_batch(
    connection: Any, rows: _PaperRows, batch: Sequence[SubmissionMarks], late_penalty: LatePenalty
) -> list[SubmissionTotal]:
    known = _KnownRows.read(connection, rows, [marks.learner_id for marks in batch])
    changes = {table: _Changes(table.__table__) for table in _MARK_TABLES}
    totals = [_write_submission(changes, rows, known, marks, late_penalty) for marks in batch]
    for table in _MARK_TABLES:
        changes[table].write(connection)
    return totals


def _write_submission(
    changes: Mapping[Any, _Changes], rows: _PaperRows, known: _KnownRows, marks: SubmissionMarks, penalise: LatePenalty
) -> SubmissionTotal:
    row = known.submissions.get(marks.learner_id)
    timestamp = marks.timestamp or (row.timestamp if row else None)
    made: dict[str, Any] = {"assignment_id": rows.assignment_id, "student_id": marks.learner_id}
    submission_id = changes[api.SubmittedAssignment].append(row, {"timestamp": timestamp}, new=made)
    notebook = known.notebooks.get(submission_id)
    grades = [known.grades.get((notebook.id, rows.grade_cells[m.grade_id])) if notebook else None for m in marks.marks]
    score = float(sum(_score_of(mark.auto_score, grade) for mark, grade in zip(marks.marks, grades, strict=True)))
    late = _seconds_late(timestamp, rows.due_at, row.extension if row else None)
    penalty = penalise(marks.learner_id, score, late) if late > 0 else None
    taken_off = None if penalty is None else min(max(penalty, 0.0), score)
    made = {"assignment_id": submission_id, "notebook_id": rows.notebook_id, "flagged": False}
    notebook_id = changes[api.SubmittedNotebook].append(notebook, {"late_submission_penalty": taken_off}, new=made)
    waiting = [_needs_person(mark, grade) for mark, grade in zip(marks.marks, grades, strict=True)]
    for mark, grade, needs_person in zip(marks.marks, grades, waiting, strict=True):
        made = {"notebook_id": notebook_id, "cell_id": rows.grade_cells[mark.grade_id]}
        values = {"auto_score": mark.auto_score, "needs_manual_grade": needs_person}
        changes[api.Grade].append(grade, values, new=made)
    for name, text in marks.auto_comments.items():
        made = {"notebook_id": notebook_id, "cell_id": rows.solution_cells[name]}
        comment = known.comments.get((notebook_id, rows.solution_cells[name]))
        changes[api.Comment].append(comment, {"auto_comment": text}, new=made)
    return SubmissionTotal(
        learner_id=marks.learner_id,
        score=tidy_sum(score - (taken_off or 0.0)),
        max_score=rows.max_score,
        needs_manual_grade=any(waiting),
        seconds_late=late,
    )


def _read_by_cell(
    connection: Any, table: Any, notebook_ids: Sequence[str], cells: Mapping[str, str]
) -> dict[tuple[str, str], Any]:
    """The grades or comments of these notebooks, by notebook and cell; naming the cells lets SQLite use its index."""
    wanted = sa.select(table).where(table.c.cell_id.in_(list(cells.values())), table.c.notebook_id.in_(notebook_ids))
    return {(row.notebook_id, row.cell_id): row for row in connection.execute(wanted)} if notebook_ids else {}


def _needs_person(mark: CellMark, grade: Any) -> bool:
    if grade is None or grade.manual_score is None:
        return mark.auto_score is None
    return bool(grade.needs_manual_grade) or not mark.unchanged


def _score_of(auto_score: float | None, grade: Any) -> float:
    """As nbgrader counts: the hand-given mark before the automatic one, extra credit on top of either."""
    given = auto_score if grade is None or grade.manual_score is None else grade.manual_score
    extra = 0.0 if grade is None else float(grade.extra_credit or 0.0)
    return 0.0 if given is None else float(given) + extra


def _seconds_late(timestamp: datetime | None, due_at: datetime | None, extension: timedelta | None) -> float:
    """As nbgrader counts; an extension is what staff gave this learner in addition."""
    if timestamp is None or due_at is None:
        return 0.0
    return max(0.0, (timestamp - due_at - (extension or timedelta())).total_seconds())
