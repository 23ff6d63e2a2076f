"""Releasing a paper with nbgrader's own generate_assignment: hidden tests are cut out, cells go into the gradebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, rmtree

from xuefa.errors import BadInputError, Finding
from xuefa.exam.course_config import read_course_config
from xuefa.exam.gradebook import remove_paper, write_due_time, write_students
from xuefa.exam.gradebook_file import require_gradebook
from xuefa.exam.paper import read_course_paper
from xuefa.exam.sitting import SITTING_FILE, Sitting, read_course_sitting, sitting_path, write_sitting


def release_paper(sitting: Sitting, *, course_dir: Path) -> Path:
    """Release one paper as `release_papers` does; give its notebook."""
    (notebook,) = release_papers([sitting], course_dir=course_dir)
    return notebook


def release_papers(
    sittings: Sequence[Sitting], *, course_dir: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, ...]:
    """Write each `release/<paper>/` from `source/<paper>/` and register cells and candidates; give the notebooks.

    The time a sitting closes is nbgrader's deadline: what is handed in later is recorded as late. `progress` is told
    (done, all) of the papers. What it raises, or BadInputError if a paper was not set or nbgrader refuses one (cells
    were added or removed after submissions), leaves all papers as they were: learners see a paper by its sitting, and
    those are written when every paper is ready.
    """
    for sitting in sittings:
        read_course_paper(sitting.paper_id, course_dir=course_dir)
    require_gradebook(course_dir)
    tell = progress or (lambda _done, _all: None)
    try:
        for number, sitting in enumerate(sittings):
            tell(number, len(sittings))
            run_converter(GenerateAssignment, course_dir=course_dir, paper_id=sitting.paper_id, student_id=".")
        tell(len(sittings), len(sittings))
    except BaseException:
        for sitting in sittings:
            _take_back(sitting.paper_id, course_dir=course_dir)
        raise
    return tuple(_open_sitting(sitting, course_dir=course_dir) for sitting in sittings)


def _open_sitting(sitting: Sitting, *, course_dir: Path) -> Path:
    paper_id = sitting.paper_id
    write_students(course_dir, sitting.candidates)
    due_at = sitting.closes_at.astimezone(UTC).replace(tzinfo=None) if sitting.closes_at else None
    write_due_time(course_dir, paper_id=paper_id, due_at=due_at)
    folder = course_dir / "release" / paper_id
    write_sitting(sitting, folder / SITTING_FILE)
    write_sitting(sitting, sitting_path(course_dir, paper_id))
    return folder / f"{paper_id}.ipynb"


def _take_back(paper_id: str, *, course_dir: Path) -> None:
    """Leave nothing of a paper that has no sitting yet; one that has gets that back which nbgrader removed."""
    folder = course_dir / "release" / paper_id
    if sitting_path(course_dir, paper_id).exists():
        if folder.is_dir():
            write_sitting(read_course_sitting(paper_id, course_dir=course_dir), folder / SITTING_FILE)
        return
    if folder.is_dir():
        rmtree(str(folder))
    remove_paper(course_dir, paper_id=paper_id)


def run_converter(converter: Any, *, course_dir: Path, paper_id: str, student_id: str) -> None:
    """Run one of nbgrader's converters in this process; raise BadInputError with the end of its log if it fails."""
    config = read_course_config(course_dir)
    course = CourseDirectory(config=config, assignment_id=paper_id, student_id=student_id)
    application = converter(coursedir=course, config=config)
    application.force = True
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
