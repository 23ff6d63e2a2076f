"""Papers on paper (打印)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from xuefa.settings import Settings
from xuefa.workflows.site import now


def print_paper(
    *,
    settings: Settings,
    paper_id: str,
    to: Path | None,
    existing: Literal["refuse", "overwrite"],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, Path, Path]:
    """Write a paper, its answer card and its key as Word files, by default into the course's `printed/`."""
    from xuefa.exam.kept_items import read_kept_items
    from xuefa.exam.paper import read_course_paper
    from xuefa.exam.print.files import write_printed_files

    return write_printed_files(
        read_course_paper(paper_id, course_dir=settings.course_dir),
        bank=read_kept_items(paper_id, course_dir=settings.course_dir),
        folder=to or settings.course_dir / "printed",
        written_at=now(),
        existing=existing,
        progress=progress,
    )
