"""The chart sheet of the evidence workbook: the main series as tables, each with a native Excel chart beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from xuefa.report.figure import Figure, Figures

CHART_SHEET = "图表"
_ROWS_OF_A_CHART = 17
_CHART_COLUMN = 4
_BAR_PIXELS = 26
_FEW = 10


@dataclass(frozen=True)
class ChartSeries:
    """A family of figures drawn together; `kind` is Excel's chart type (bar: lying, for long names)."""

    family: str
    title: str
    kind: Literal["column", "bar"]


MAIN_SERIES = (
    ChartSeries("sessions_month", "各月集中学习次数", "column"),
    ChartSeries("attendances_month", "各月参学人次", "column"),
    ChartSeries("attendance_rate_month", "各月参学率（%）", "column"),
    ChartSeries("attendance_rate_unit", "各单位参学率（%）", "bar"),
    ChartSeries("sessions_law", "各部法律法规文件集中学习次数", "bar"),
    ChartSeries("accuracy_law", "各部法律法规文件答题正确率（%）", "bar"),
    ChartSeries("accuracy_month", "各月答题正确率（%）", "column"),
    ChartSeries("exam_pass_rate", "各次模拟考试及格率（%）", "bar"),
)


def select_series(figures: Figures) -> list[tuple[ChartSeries, list[Figure]]]:
    """The main series that have something to show and to compare, with their figures in order."""
    families = [(series, list(figures.family(series.family).values())) for series in MAIN_SERIES]
    return [
        (series, family)
        for series, family in families
        if len(family) > 1 and any(not figure.is_nothing for figure in family)
    ]


def write_chart_sheet(book: Any, sheet: Any, figures: Figures, sheet_names: Mapping[str, str], formats: Any) -> None:
    """Fill the sheet: a table a series, and its chart, which reads that table's cells.

    `sheet_names` says by figure id which sheet a number leads to; `formats` are XlsxWriter's.
    """
    sheet.write_url(0, 0, "internal:'目录'!A1", string="返回目录")
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 12)
    series_shown = select_series(figures)
    if not series_shown:
        sheet.write_string(2, 0, "全年没有可以作图的数据。")
    top = 2
    for series, family in series_shown:
        _write_table(sheet, top, series, family, sheet_names, formats)
        first, last = top + 2, top + 1 + len(family)
        chart = book.add_chart({"type": series.kind})
        chart.add_series(
            {
                "name": [CHART_SHEET, top, 0],
                "categories": [CHART_SHEET, first, 0, last, 0],
                "values": [CHART_SHEET, first, 1, last, 1],
                "fill": {"color": "#2F6EA5"},
                "gap": 60,
                "data_labels": {"value": True},
            }
        )
        chart.set_title({"name": series.title, "name_font": {"size": 12}, "overlay": False})
        chart.set_legend({"none": True})
        chart.set_x_axis({"num_font": {"size": 9}, "major_gridlines": {"visible": False}})
        is_rate = family[0].denominator is not None
        scale = {"min": 0, **_scale(family, is_rate=is_rate), "major_gridlines": {"visible": False}}
        chart.set_y_axis(scale)
        if series.kind == "bar":
            chart.set_x_axis(scale)
            chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "major_gridlines": {"visible": False}})
        height = max(320, 110 + _BAR_PIXELS * len(family)) if series.kind == "bar" else 320
        chart.set_size({"width": 720, "height": height})
        described = f"{series.title}：" + "，".join(f"{figure.label} {figure.text}" for figure in family)
        sheet.insert_chart(top, _CHART_COLUMN, chart, {"description": described[:2000]})
        top += max(_ROWS_OF_A_CHART, height // 20 + 1, len(family) + 3)


def _scale(family: list[Figure], *, is_rate: bool) -> dict[str, int]:
    """Rates up to 100; few things counted one by one, for there is no half session."""
    if is_rate:
        return {"max": 100}
    return {"major_unit": 1} if max(float(figure.value or 0) for figure in family) <= _FEW else {}


def _write_table(
    sheet: Any,
    top: int,
    series: ChartSeries,
    family: list[Figure],
    sheet_names: Mapping[str, str],
    formats: Any,
) -> None:
    sheet.write_string(top, 0, series.title, formats.heading)
    sheet.write_string(top + 1, 0, "项目", formats.header)
    sheet.write_string(top + 1, 1, f"数值（{family[0].unit}）", formats.header)
    sheet.write_string(top + 1, 2, "n/N", formats.header)
    for row, figure in enumerate(family, start=top + 2):
        sheet.write_url(row, 0, f"internal:'{sheet_names[figure.figure_id]}'!A1", formats.link, string=figure.label)
        if figure.value is None:
            sheet.write_blank(row, 1, None, formats.text)
        else:
            sheet.write_number(row, 1, float(figure.value), formats.text)
        share = "" if figure.denominator is None else f"{figure.numerator}/{figure.denominator}"
        sheet.write_string(row, 2, share, formats.text)
