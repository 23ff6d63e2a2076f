"""Releasing a paper with nbgrader's own generate_assignment: hidden tests are cut out, cells go into the gradebook."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log

from xuefa.errors import BadInputError, Finding
from xuefa.exam.course_config import read_course_config
from xuefa.exam.gradebook import write_due_time, write_students
from xuefa.exam.gradebook_file import programs_on_path, require_gradebook
from xuefa.exam.paper import read_course_paper
from xuefa.exam.sitting import SITTING_FILE, Sitting, sitting_path, write_sitting


def release_paper(sitting: Sitting, *, course_dir: Path) -> Path:
    """Write `release/<paper>/` from `source/<paper>/` and register cells and candidates; give the notebook.

    The time the sitting closes is nbgrader's deadline: what is handed in later is recorded as late. Raises
    BadInputError if the paper was not set, or nbgrader refuses it (cells were added or removed after submissions).
    """
    paper_id = sitting.paper_id
    read_course_paper(paper_id, course_dir=course_dir)
    require_gradebook(course_dir)
    run_converter(GenerateAssignment, course_dir=course_dir, paper_id=paper_id, student_id=".")
    write_students(course_dir, sitting.candidates)
    due_at = sitting.closes_at.astimezone(UTC).replace(tzinfo=None) if sitting.closes_at else None
    write_due_time(course_dir, paper_id=paper_id, due_at=due_at)
    folder = course_dir / "release" / paper_id
    write_sitting(sitting, folder / SITTING_FILE)
    write_sitting(sitting, sitting_path(course_dir, paper_id))
    return folder / f"{paper_id}.ipynb"


def run_converter(converter: Any, *, course_dir: Path, paper_id: str, student_id: str) -> None:
    """Run one of nbgrader's converters in this process; raise BadInputError with the end of its log if it fails."""
    config = read_course_config(course_dir)
    course = CourseDirectory(config=config, assignment_id=paper_id, student_id=student_id)
    application = converter(coursedir=course, config=config)
    application.force = True
    with programs_on_path():
        outcome = capture_log(application)
    if not outcome["success"]:
        lines = [line for line in outcome["log"].splitlines() if "[ERROR]" in line] or outcome["error"].splitlines()
        raise BadInputError(
            Finding(
                f"试卷 {paper_id}",
                f"nbgrader 的 {converter.__name__} 没有完成：{lines[0][:200] if lines else '原因不明'}",
                "请按提示改正后再运行；已有答卷的试卷不能增减题目，要换题请另出一份",
            )
        )
