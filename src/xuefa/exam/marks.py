"""The values that marking and the gradebook hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SourceCell:
    """What nbgrader keeps of an instructor's cell when a paper is released."""

    source: str
    checksum: str


@dataclass(frozen=True, kw_only=True)
class CellMark:
    """The mark of one grade cell: `auto_score` None where a person has to give it; `unchanged` since last marking."""

    grade_id: str
    auto_score: float | None
    unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class SubmissionMarks:
    """All marks of one submission; `timestamp` is naive UTC, None if it was not handed in."""

    learner_id: str
    timestamp: datetime | None
    marks: tuple[CellMark, ...]
    auto_comments: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class SubmissionTotal:
    """What the gradebook says of one submission after marking, in points."""

    learner_id: str
    score: float
    max_score: float
    needs_manual_grade: bool
    seconds_late: float


@dataclass(frozen=True, kw_only=True)
class ItemScore:
    """One learner's points in one question; `score` is None while a person has still to mark it."""

    learner_id: str
    question_id: str
    score: float | None
    max_score: float
    needs_manual_grade: bool


LatePenalty = Callable[[str, float, float], float | None]
"""learner_id, score, seconds late → points to take off, or None."""
