"""Scores as a CSV that Excel in China opens rightly, written through nbgrader's export (`nbgrader export`)."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook_file import COURSE_ID, require_gradebook
from xuefa.exam.paper import paper_path
from xuefa.exam.sitting import read_course_sitting, sitting_path
from xuefa.exam.times import render_time

COLUMNS = ("试卷", "编号", "姓名", "交卷时间", "得分", "满分", "迟交扣分", "是否缺考", "是否待人工阅卷")


class ScoresCsvPlugin(ExportPlugin):  # type: ignore[misc]  # nbgrader publishes no types
    """nbgrader's export, with Chinese headings, a byte-order mark for Excel, and 缺考 instead of a score of zero.

    A paper lists those who were expected at it; nobody is called absent from a paper of which nothing is marked yet.
    """

    course_dir: Path | None = None
    """The course's folder; under `nbgrader export` it is None, and nbgrader's own setting holds."""

    def export(self, gradebook: Any) -> None:
        """Write the rows of the chosen assignments and students (all, if none is chosen) to `self.to`."""
        course_dir = self.course_dir or Path(self.parent.coursedir.root)
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(COLUMNS)
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in self.assignment:
                continue
            expected = _read_expected(course_dir, assignment)
            for student in sorted(gradebook.students, key=lambda student: student.id):
                if (not self.student or student.id in self.student) and (expected is None or student.id in expected):
                    writer.writerow([_as_text(value) for value in _row(gradebook, assignment, student)])
        write_atomically(Path(self.to or "grades.csv"), b"\xef\xbb\xbf" + buffer.getvalue().encode())


def write_scores_csv(course_dir: Path, *, to: Path, paper_id: str | None = None) -> Path:
    """Write the scores of one paper, or of all; give the file's path. BadInputError if there is no such paper."""
    if paper_id and not paper_path(course_dir, paper_id).exists():
        raise BadInputError(Finding(f"试卷 {paper_id}", "没有这份试卷", "请检查卷号；不写 --paper 就导出全部"))
    gradebook = Gradebook(f"sqlite:///{require_gradebook(course_dir).as_posix()}", COURSE_ID)
    plugin = ScoresCsvPlugin(to=str(to), assignment=[paper_id] if paper_id else [])
    plugin.course_dir = course_dir
    try:
        plugin.export(gradebook)
    finally:
        gradebook.close()
    return to


def _read_expected(course_dir: Path, assignment: Any) -> set[str] | None:
    """The ids of those expected at a paper, and of whoever was marked all the same; None if no list tells."""
    if not sitting_path(course_dir, assignment.name).exists():
        return None
    sitting = read_course_sitting(assignment.name, course_dir=course_dir)
    candidates = {candidate.learner_id for candidate in sitting.candidates}
    return candidates | {submission.student.id for submission in assignment.submissions}


def _row(gradebook: Any, assignment: Any, student: Any) -> tuple[object, ...]:
    head = (assignment.name, student.id, student.first_name or "")
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return (*head, "", "", f"{assignment.max_score:g}", "", "是" if assignment.submissions else "", "")
    penalty = submission.late_submission_penalty or 0.0
    return (
        *head,
        render_time(submission.timestamp.replace(tzinfo=UTC)) if submission.timestamp else "",
        f"{max(0.0, submission.score - penalty):g}",
        f"{assignment.max_score:g}",
        f"{penalty:g}",
        "否",
        "是" if submission.needs_manual_grade else "否",
    )


def _as_text(value: object) -> str:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
