"""Figures of the change against the year before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xuefa.report.figure import PERCENTAGE_POINTS, Figure, Figures

COMPARED = (
    "study_sessions",
    "attendances",
    "attendance_rate",
    "hours_per_head",
    "writings",
    "seminars",
    "pushes",
    "answers",
    "accuracy",
    "exams_pass_rate",
    "certified",
)
"""The figures that are compared with the year before."""


def compare_years(figures: Figures, previous: Figures, *, year: int) -> Iterator[Figure]:
    """`change_<figure id>` of each figure that has a value in both years: this year's as printed less the last one's.

    A rate changes by percentage points. Rounded numbers are subtracted, so that a reader who subtracts them agrees.
    """
    for figure_id in COMPARED:
        now, before = figures[figure_id], previous[figure_id]
        if now.value is None or before.value is None:
            continue
        yield replace(
            now,
            figure_id=f"change_{figure_id}",
            name=f"{now.name}比上年",
            unit=PERCENTAGE_POINTS if now.unit == "%" else now.unit,
            value=now.value - before.value,
            definition=f"{year}年的{now.name}（{now.text}）减{year - 1}年的（{before.text}），按印出的数相减",
            numerator=None,
            denominator=None,
            family="change",
            key=figure_id,
            label=now.name,
            is_change=True,
        )
