"""Marking (阅卷) and what learners get back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from xuefa.settings import Settings

if TYPE_CHECKING:
    from xuefa.exam.marking import MarkingSummary
    from xuefa.exam.remark_log import Remark
    from xuefa.exam.scoring import Void


def mark_paper(
    *, settings: Settings, paper_id: str, progress: Callable[[int, int], None] | None = None
) -> MarkingSummary:
    """Mark every submission of a paper into nbgrader's gradebook; nothing of a learner's is executed.

    What nobody handed in before the time was up is handed in first, as of that time.
    """
    from xuefa.exam.paper import read_course_paper
    from xuefa.exam.remark import mark_counting_voids
    from xuefa.exam.remark_undo import require_not_interrupted
    from xuefa.exam.sitting import read_course_sitting
    from xuefa.exam.submission import hand_in_overdue
    from xuefa.workflows.site import now

    paper = read_course_paper(paper_id, course_dir=settings.course_dir)
    require_not_interrupted(paper_id, course_dir=settings.course_dir)
    sitting = read_course_sitting(paper_id, course_dir=settings.course_dir)
    hand_in_overdue(paper, course_dir=settings.course_dir, sitting_closes_at=sitting.closes_at, now=now())
    summary, _replaced = mark_counting_voids(paper, course_dir=settings.course_dir, progress=progress)
    return summary


def remark_paper(
    *,
    settings: Settings,
    paper_id: str,
    reason: str,
    void: Mapping[str, Void] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Remark | None:
    """Mark a paper again by the keys that the bank holds now, or with questions voided; None if nothing changed."""
    from xuefa.exam.remark import remark_paper as remark
    from xuefa.workflows.site import now, read_site_bank

    return remark(
        paper_id,
        bank=read_site_bank(settings),
        course_dir=settings.course_dir,
        reason=reason,
        remarked_at=now(),
        void=void,
        progress=progress,
    )


def write_feedback(
    *,
    settings: Settings,
    paper_id: str,
    keys: Literal["shown", "hidden"] = "shown",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Write each learner's feedback page, with keys or, for a paper to be used again, without."""
    from xuefa.exam.feedback import write_feedback as write
    from xuefa.exam.remark_undo import require_not_interrupted

    require_not_interrupted(paper_id, course_dir=settings.course_dir)
    return write(paper_id, course_dir=settings.course_dir, keys=keys, progress=progress)


def export_scores(*, settings: Settings, to: Path, paper_id: str | None) -> Path:
    """Write the scores of one paper, or of all, as CSV that Excel opens."""
    from xuefa.exam.export import write_scores_csv

    return write_scores_csv(settings.course_dir, to=to, paper_id=paper_id)
