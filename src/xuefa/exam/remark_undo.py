"""What a marking again replaces, kept on disk until it is through: stopped halfway, the old paper is put back.

A failure puts it back at once; after a power cut the next marking again does, and nothing else is done before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.exam.hand_marks import HandMark, read_hand_marks_of, write_hand_marks_back
from xuefa.exam.kept_items import kept_path
from xuefa.exam.marking import mark_paper
from xuefa.exam.names import require_paper_id
from xuefa.exam.release import release_paper
from xuefa.exam.remark_log import read_remarks
from xuefa.exam.sitting import read_course_sitting
from xuefa.strict_yaml import Many, StrictModel


class _OldPaper(StrictModel):
    """Files by their path in the course, hand-given marks that may be replaced, and how many remarks there were."""

    format: Literal[1] = 1
    paper_id: str
    files: dict[str, str]
    marks: Many[HandMark]
    remarks: int


@contextmanager
def old_paper_on_failure(paper_id: str, *, voided: Iterable[str], course_dir: Path) -> Iterator[None]:
    """If the body fails, put back the paper's files, register them, and mark by the old keys.

    The hand-given marks in the questions `voided` are put back too. Raises BadInputError if another marking again of
    this paper is under way.
    """
    old = _OldPaper(
        paper_id=paper_id,
        files=_read_files(paper_id, course_dir=course_dir),
        marks=read_hand_marks_of(paper_id, question_ids=tuple(voided), course_dir=course_dir),
        remarks=len(read_remarks(paper_id, course_dir=course_dir)),
    )
    path = _old_paper_path(course_dir, paper_id)
    with _alone(paper_id, course_dir=course_dir):
        write_atomically(path, old.model_dump_json().encode())
        try:
            yield
        except BaseException:
            with suppress(XuefaError):
                _put_back(old, course_dir=course_dir)
            raise
        path.unlink()


def put_back_interrupted(paper_id: str, *, course_dir: Path) -> None:
    """Put the old paper back if a marking again was cut off; BadInputError while one is under way."""
    path = _old_paper_path(course_dir, paper_id)
    if not path.exists():
        return
    with _alone(paper_id, course_dir=course_dir):
        old = _OldPaper.model_validate_json(path.read_bytes())
        if len(read_remarks(paper_id, course_dir=course_dir)) > old.remarks:
            path.unlink()  # it was through, and cut off only before it could say so
        else:
            _put_back(old, course_dir=course_dir)


def require_not_interrupted(paper_id: str, *, course_dir: Path) -> None:
    """Raise BadInputError if a marking again of the paper was cut off, or is under way."""
    if _old_paper_path(course_dir, paper_id).exists():
        raise BadInputError(
            Finding(
                f"试卷 {paper_id}",
                "上一次重新阅卷没有做完（还在进行，或者中途断了）",
                "还在进行的请等它做完；断了的请照原来的写法再做一次重新阅卷，会先恢复原卷再从头做",
            )
        )


def _put_back(old: _OldPaper, *, course_dir: Path) -> None:
    for name, text in old.files.items():
        write_atomically(course_dir / name, text.encode())
    write_hand_marks_back(old.paper_id, marks=old.marks, course_dir=course_dir)
    release_paper(read_course_sitting(old.paper_id, course_dir=course_dir), course_dir=course_dir)
    mark_paper(old.paper_id, course_dir=course_dir)
    _old_paper_path(course_dir, old.paper_id).unlink()


def _read_files(paper_id: str, *, course_dir: Path) -> dict[str, str]:
    paths = [kept_path(course_dir, paper_id)]
    paths += [path for folder in ("source", "release") for path in (course_dir / folder / paper_id).iterdir()]
    return {
        path.relative_to(course_dir).as_posix(): path.read_bytes().decode()
        for path in paths
        if path.is_file() and path.suffix in (".json", ".ipynb")
    }


@contextmanager
def _alone(paper_id: str, *, course_dir: Path) -> Iterator[None]:
    lock = course_dir / "remarks" / f".{require_paper_id(paper_id)}.lock.tmp"
    lock.parent.mkdir(exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise BadInputError(Finding(f"试卷 {paper_id}", "正在重新阅卷", "请等它做完，再试一次")) from None


def _old_paper_path(course_dir: Path, paper_id: str) -> Path:
    return course_dir / "remarks" / f"{require_paper_id(paper_id)}.unfinished.json"
