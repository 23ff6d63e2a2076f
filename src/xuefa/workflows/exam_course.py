"""The nbgrader course of a site: whether its configuration is still today's, and taking today's over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xuefa.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from xuefa.errors import Finding


def check_course(*, settings: Settings) -> tuple[Finding, ...]:
    """What the course's configuration lacks of the one that comes with the kit; nothing for a course not yet begun."""
    from xuefa.exam.course_config import check_course_config

    return check_course_config(settings.course_dir, config_file=settings.course_config)


def renew_course(*, settings: Settings) -> Path | None:
    """Take today's configuration over; give where the one before was kept, None if it was today's already."""
    from xuefa.exam.course_config import renew_course_config

    return renew_course_config(settings.course_dir, config_file=settings.course_config)
