"""nbgrader's gradebook (`gradebook.db`): the only place that knows its tables. Tied to the schema of nbgrader 0.9.6."""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import nbgrader
import sqlalchemy as sa
from nbgrader import api
from sqlalchemy.orm import Session

from xuefa.errors import BadInputError, Finding, MissingPartError, RecordsError
from xuefa.exam.marks import CellMark, ItemScore, LatePenalty, SourceCell, SubmissionMarks, SubmissionTotal
from xuefa.exam.notebook import cell_id, question_id_of
from xuefa.exam.paper import read_course_paper, read_papers
from xuefa.exam.sitting import Candidate, read_course_sitting, sitting_path
from xuefa.records.record import ExamResult, UnmarkedPaper

COURSE_ID = "xuefa"
NBGRADER_VERSION = "0.9.6"
LOCK_SECONDS = 5.0
_BATCH = 50
_MARK_TABLES = (api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)
_SCHEMA_REVISION = "e43177bfe90b"

_SQLITE_FAULTS = {
    5: ("成绩册正被别的程序占用", "请关掉正在阅卷的程序，过一会儿再试"),
    8: ("成绩册是只读的", "请检查文件和文件夹的权限"),
    13: ("磁盘满了", "请腾出空间再试"),
    14: ("成绩册打不开", "请检查文件夹是否存在、有没有权限"),
    26: ("不是成绩册", "请恢复备份，或者移走这个文件后重新发布试卷"),
}


@contextmanager
def programs_on_path() -> Iterator[None]:
    """Put this environment's programs first on PATH: nbgrader starts `alembic` by its bare name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def require_gradebook(course_dir: Path) -> Path:
    """The course's gradebook, made if it is not there; its version and schema are checked before anyone writes.

    Raises MissingPartError for another nbgrader, RecordsError for a database that is none, locked or of another schema.
    """
    if nbgrader.__version__ != NBGRADER_VERSION:
        raise MissingPartError(
            Finding("nbgrader", f"版本是 {nbgrader.__version__}，这里只认 {NBGRADER_VERSION}", "请运行 run.py 重新安装")
        )
    path = course_dir / "gradebook.db"
    if not path.exists():
        _create(path)
    with _session(path) as session:
        revision = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if revision != _SCHEMA_REVISION:
        raise RecordsError(
            Finding(
                str(path),
                f"成绩册的结构版本是 {revision}，不是 {_SCHEMA_REVISION}",
                "请先备份，再运行 nbgrader db upgrade",
            )
        )
    return path


def write_students(course_dir: Path, candidates: Iterable[Candidate]) -> None:
    """Register candidates as nbgrader's students; formgrader shows them as “编号, 姓名”."""
    with _session(require_gradebook(course_dir)) as session:
        for candidate in candidates:
            session.merge(
                api.Student(id=candidate.learner_id, last_name=candidate.learner_id, first_name=candidate.name)
            )
        session.commit()


def write_due_time(course_dir: Path, *, paper_id: str, due_at: datetime | None) -> None:
    """Set an assignment's deadline (naive UTC in nbgrader); what comes later is recorded as late."""
    with _session(require_gradebook(course_dir)) as session:
        _find_assignment(session, paper_id).duedate = due_at
        session.commit()


def read_source_cells(course_dir: Path, *, paper_id: str) -> dict[str, SourceCell]:
    """The instructor's cells as released, hidden tests included, by grade id; BadInputError if never released."""
    with _session(require_gradebook(course_dir)) as session:
        notebook = _find_notebook(session, paper_id)
        return {cell.name: SourceCell(cell.source, cell.checksum) for cell in notebook.source_cells}


def write_marks(
    course_dir: Path, *, paper_id: str, submissions: Iterable[SubmissionMarks], late_penalty: LatePenalty
) -> tuple[SubmissionTotal, ...]:
    """Write the marks of a whole paper in one transaction; marks and comments given by hand stay as they are.

    As nbgrader's own SaveAutoGrades: a cell without `auto_score`, or one with a hand-given mark, needs a person; but a
    hand-given mark of an answer that has not changed since stays settled. `submissions` may be made while they are
    written: only a batch of them is held at a time, and whatever they raise leaves the gradebook as it was.
    """
    with _session(require_gradebook(course_dir)) as session:
        # the lock comes first: what formgrader saves meanwhile waits, and is neither overlooked nor written over
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        rows = _PaperRows.read(session, paper_id)
        remaining, totals = iter(submissions), []
        while batch := list(islice(remaining, _BATCH)):
            totals += _write_batch(session.connection(), rows, batch, late_penalty)
        session.commit()
    return tuple(totals)


def write_hand_mark(
    course_dir: Path, *, paper_id: str, learner_id: str, question_id: str, score: float, comment: str | None = None
) -> None:
    """Give a mark by hand, as formgrader does; raise BadInputError if there is no such answer or it is too high."""
    place = f"{learner_id} 的 {question_id}"
    with _session(require_gradebook(course_dir)) as session:
        grade = (
            session.query(api.Grade)
            .join(api.GradeCell, api.GradeCell.id == api.Grade.cell_id)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
            .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
            .filter(api.SubmittedAssignment.assignment_id == _find_assignment(session, paper_id).id)
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
    with _session(require_gradebook(course_dir)) as session:
        settled = (
            session.query(api.SubmittedAssignment.student_id, api.GradeCell.name)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.GradeCell, api.GradeCell.id == api.Grade.cell_id)
            .filter(api.SubmittedAssignment.assignment_id == _find_assignment(session, paper_id).id)
            .filter(api.Grade.manual_score.is_not(None), sa.not_(api.Grade.needs_manual_grade))
        )
        return frozenset((student_id, name) for student_id, name in settled)


def read_item_scores(course_dir: Path, *, paper_id: str) -> tuple[ItemScore, ...]:
    """Every marked learner's points in every question of a paper, by learner and question."""
    with _session(require_gradebook(course_dir)) as session:
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
            .filter(api.SubmittedAssignment.assignment_id == _find_assignment(session, paper_id).id)
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
    with _session(require_gradebook(course_dir)) as session:
        rows = session.query(
            api.SubmittedAssignment.student_id,
            api.SubmittedAssignment.score,
            api.SubmittedAssignment.late_submission_penalty,
        ).filter_by(assignment_id=_find_assignment(session, paper_id).id)
        return {student_id: max(0.0, float(score) - float(penalty)) for student_id, score, penalty in rows}


def _read_marked_papers(course_dir: Path) -> frozenset[str]:
    """The papers of which at least one submission was marked; without a gradebook there are none."""
    if not (course_dir / "gradebook.db").exists():
        return frozenset()
    with _session(require_gradebook(course_dir)) as session:
        return frozenset(name for (name,) in session.query(api.Assignment.name).join(api.SubmittedAssignment))


def _create(path: Path) -> None:
    """Make the gradebook under another name first: when nbgrader fails half-way, no half database is left."""
    with programs_on_path():
        if shutil.which("alembic") is None:
            raise MissingPartError(
                Finding("alembic", "nbgrader 要用的程序 alembic 不在这个环境里", "请运行 run.py 重新安装")
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gradebook.") as folder:
            temporary = Path(folder) / path.name
            api.Gradebook(_url(temporary), COURSE_ID).close()
            temporary.replace(path)


def _url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


@contextmanager
def _session(path: Path) -> Iterator[Any]:
    """An ORM session on the gradebook; what SQLite refuses becomes a RecordsError, and nothing stays half-written."""
    engine = sa.create_engine(_url(path), connect_args={"timeout": LOCK_SECONDS})
    try:
        with Session(engine) as session:
            yield session
    except sa.exc.DatabaseError as error:
        code = getattr(error.orig, "sqlite_errorcode", 1) & 0xFF
        fault, fix = _SQLITE_FAULTS.get(code, (f"成绩册读写出错（{error.orig}）", "请恢复备份，或者重新发布试卷"))
        raise RecordsError(Finding(str(path), fault, fix)) from None
    finally:
        engine.dispose()


def _find_assignment(session: Any, paper_id: str) -> Any:
    assignment = session.query(api.Assignment).filter_by(name=paper_id).one_or_none()
    if assignment is None:
        raise BadInputError(Finding(f"试卷 {paper_id}", "成绩册里没有这份试卷", "请先发布试卷"))
    return assignment


def _find_notebook(session: Any, paper_id: str) -> Any:
    assignment = _find_assignment(session, paper_id)
    notebook = session.query(api.Notebook).filter_by(assignment_id=assignment.id, name=paper_id).one_or_none()
    if notebook is None:
        raise BadInputError(Finding(f"试卷 {paper_id}", "成绩册里没有这份试卷的题目", "请重新发布试卷"))
    return notebook


def _find_comment(session: Any, notebook_id: str, grade_id: str) -> Any:
    return (
        session.query(api.Comment)
        .join(api.SolutionCell, api.SolutionCell.id == api.Comment.cell_id)
        .filter(api.Comment.notebook_id == notebook_id, api.SolutionCell.name == grade_id)
        .one()
    )


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
        assignment, notebook = _find_assignment(session, paper_id), _find_notebook(session, paper_id)
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
        score=score - (taken_off or 0.0),
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
