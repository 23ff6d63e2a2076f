"""Marking (阅卷) and what learners get back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.settings import Settings

if TYPE_CHECKING:
    from xuefa.exam.marking import MarkingSummary


def mark_paper(
    *, settings: Settings, paper_id: str, progress: Callable[[int, int], None] | None = None
) -> MarkingSummary:
    """Mark every submission of a paper into nbgrader's gradebook; nothing of a learner's is executed."""
    from xuefa.exam.marking import mark_paper as mark

    return mark(paper_id, course_dir=settings.course_dir, progress=progress)


def write_feedback(*, settings: Settings, paper_id: str) -> tuple[Path, ...]:
    """Write each learner's feedback page."""
    from xuefa.exam.feedback import write_feedback as write

    return write(paper_id, course_dir=settings.course_dir)


def export_scores(*, settings: Settings, to: Path, paper_id: str | None) -> Path:
    """Write the scores of one paper, or of all, as CSV that Excel opens."""
    from xuefa.exam.export import write_scores_csv

    return write_scores_csv(settings.course_dir, to=to, paper_id=paper_id)
