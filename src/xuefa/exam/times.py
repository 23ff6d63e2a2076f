"""How the exam shows and stores moments: Beijing time for people, nbgrader's own form in `timestamp.txt`."""

from __future__ import annotations

from datetime import UTC, datetime

from xuefa.settings import TIME_ZONE


def render_clock_time(moment: datetime) -> str:
    """19:30:05 in Beijing."""
    return f"{moment.astimezone(TIME_ZONE):%H:%M:%S}"


def render_time(moment: datetime) -> str:
    """2022-11-20 19:30:05 in Beijing."""
    return f"{moment.astimezone(TIME_ZONE):%Y-%m-%d %H:%M:%S}"


def render_hours(opens_at: datetime | None, closes_at: datetime | None) -> str:
    """开考 2022-11-20 19:00:00，截止 不限."""
    opens, closes = (render_time(one) if one else "不限" for one in (opens_at, closes_at))
    return f"开考 {opens}，截止 {closes}"


def render_nbgrader_time(moment: datetime) -> str:
    """What nbgrader reads in a `timestamp.txt`: 2022-11-20 11:30:05.000000 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n"
