"""Which charts the section shows: months and kinds of session, rates by law or unit."""

from __future__ import annotations

from collections.abc import Iterable

from xuefa.records.record import SESSION_KIND_NAMES
from xuefa.report.figure import MONTHS, Figure, Figures
from xuefa.report.frames import STUDY_KINDS
from xuefa.report.section import Chart, Point, Series


def sessions_chart(figures: Figures) -> Chart:
    """集中学习 by month, one column a month, its kinds one on the other."""
    months = tuple(f"{month}月" for month in MONTHS)
    held = [(kind, figures.family(f"sessions_month_{kind.value}")) for kind in STUDY_KINDS]
    series = tuple(
        Series(SESSION_KIND_NAMES[kind], tuple(_point(by_month[str(month)]) for month in MONTHS))
        for kind, by_month in held
        if by_month
    )
    totals = figures.family("sessions_month").values()
    highest = max(int(figure.value or 0) for figure in totals)
    most = highest + 1 if highest < 5 else -(-(highest + 1) // 5) * 5
    return Chart("分月集中学习次数", "stacked_columns", months, series, "次", most=most)


def rate_chart(rates: Iterable[Figure], caption: str) -> tuple[Chart, ...]:
    """Rates as bars; nothing where fewer than two have a value."""
    known = [figure for figure in rates if figure.value is not None]
    if len(known) < 2:
        return ()
    series = Series("百分比", tuple(_point(figure) for figure in known))
    return (Chart(caption, "bars", tuple(figure.label for figure in known), (series,), "%", most=100),)


def _point(figure: Figure) -> Point:
    return Point(figure.figure_id, None if figure.value is None else float(figure.value), figure.text)
