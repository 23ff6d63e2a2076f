"""The record of why a paper was marked again (重新阅卷): `remarks/<paper>.jsonl` in the course, one line each time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import require_paper_id
from xuefa.exam.scoring import Void
from xuefa.strict_yaml import Many, StrictModel


class KeyChange(StrictModel):
    """A question whose key was put right: the letters before and after."""

    question_id: str
    before: str
    after: str


class ScoreChange(StrictModel):
    """A learner whose score or 及格 changed; scores are points."""

    learner_id: str
    name: str
    before: float
    after: float
    passed_before: bool
    passed_after: bool


class ReplacedMark(StrictModel):
    """A mark given by hand in a voided question, which no longer counts."""

    learner_id: str
    question_id: str
    score: float


class Remark(StrictModel):
    """One marking again: when and why, what was changed in the paper, and whom it changed.

    `rewritten` are items whose explanation, citation or guide changed; `voided` are the questions voided this time.
    Totals and pass marks are points. Learners who were marked for the first time are not in `changes`.
    """

    format: Literal[1] = 1
    paper_id: str
    remarked_at: AwareDatetime
    reason: str
    keys: Many[KeyChange]
    rewritten: Many[str]
    voided: dict[str, Void]
    replaced: Many[ReplacedMark]
    total_before: float
    total_after: float
    pass_before: float
    pass_after: float
    changes: Many[ScoreChange]


def append_remark(remark: Remark, *, course_dir: Path) -> Path:
    """Add a line to the paper's record; give the file's path."""
    path = remark_log_path(course_dir, remark.paper_id)
    before = path.read_bytes() if path.exists() else b""
    write_atomically(path, before + remark.model_dump_json().encode() + b"\n")
    return path


def read_remarks(paper_id: str, *, course_dir: Path) -> tuple[Remark, ...]:
    """Every marking again of a paper, oldest first; BadInputError if the record was damaged."""
    path = remark_log_path(course_dir, paper_id)
    lines = path.read_bytes().splitlines() if path.exists() else []
    try:
        return tuple(Remark.model_validate_json(line) for line in lines)
    except ValidationError:
        raise BadInputError(Finding(str(path), "重新阅卷的记录读不出来", "请从备份恢复")) from None


def remark_log_path(course_dir: Path, paper_id: str) -> Path:
    """Where the record of a paper stands."""
    return course_dir / "remarks" / f"{require_paper_id(paper_id)}.jsonl"
