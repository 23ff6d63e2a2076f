"""A chart of the section as Word's own, written and read (DrawingML); the only place that knows python-pptx."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from pptx.chart.chart import Chart as DrawingChart
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement, serialize_for_reading
from pptx.util import Pt

from xuefa.report.section import Chart

FONT = "宋体"
"""The type of charts, as of page numbers; Word, WPS and LibreOffice put their own 宋体 where the name is missing."""
RELATION_ID = "rId1"
"""What the chart calls its workbook."""

_KINDS = {"stacked_columns": XL_CHART_TYPE.COLUMN_STACKED, "bars": XL_CHART_TYPE.BAR_CLUSTERED}
_FILLS = ("1F4E79", "8FB4D9", "D9A441")  # apart in grey print too
_GREY = "808080"


class ChartParts(NamedTuple):
    """The two parts of a chart in a package: its XML, and the .xlsx that opens on “编辑数据”."""

    xml: bytes
    workbook: bytes


@dataclass(frozen=True)
class DrawnChart:
    """What a chart draws: each series by its name, with the values of its categories."""

    series: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]

    @property
    def text(self) -> str:
        """In one line, as a seal keeps it: 干部夜学：1月 1，3月 1；中心组学习：2月 1."""
        return "；".join(
            f"{name}：{'，'.join(f'{category} {render_value(value)}' for category, value in points)}"
            for name, points in self.series
        )

    def find_values(self, series: str, category: str) -> tuple[str, ...]:
        """What is drawn under those names; more than one where two categories are called the same."""
        return tuple(
            render_value(value)
            for name, points in self.series
            for label, value in points
            if (name, label) == (series, category)
        )


def render_chart(chart: Chart) -> ChartParts:
    """The chart's parts; the XML refers to the workbook as `RELATION_ID`. A point without a value is left out."""
    data = CategoryChartData(number_format="General")
    step = -1 if chart.kind == "bars" else 1  # bars are drawn from the bottom: the first is to stand on top
    data.categories = chart.categories[::step]
    for series in chart.series:
        data.add_series(series.name, [point.value for point in series.points[::step]])
    space = parse_xml(ChartXmlWriter(_KINDS[chart.kind], data).xml.encode())
    _set_look(DrawingChart(space, None), chart)
    external = space.get_or_add_externalData()
    external.set(qn("r:id"), RELATION_ID)
    external.get_or_add_autoUpdate().val = False
    text = serialize_for_reading(space)
    return ChartParts(
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode(),
        CategoryWorkbookWriter(data).xlsx_blob,
    )


def read_chart(xml: bytes) -> DrawnChart:
    """What a chart draws; nothing for what is no chart."""
    try:
        space = parse_xml(xml)
    except SyntaxError:
        return DrawnChart(())
    return DrawnChart(
        tuple((_texts(series, "c:tx").get("0", ""), _points(series)) for series in space.iter(qn("c:ser")))
    )


def _points(series: Any) -> tuple[tuple[str, float], ...]:
    """The values that were kept of the series, each with its category."""
    categories, values = _texts(series, "c:cat"), _texts(series, "c:val")
    return tuple((categories.get(place, ""), float(value)) for place, value in values.items() if _is_number(value))


def render_value(value: float) -> str:
    """A value to six digits: a program that saves the file may write 81.2 at length."""
    return f"{value:.6g}"


def _texts(series: Any, part: str) -> dict[str, str]:
    """The points under that part of a series, by place."""
    below = series.find(qn(part))
    points = () if below is None else below.iter(qn("c:pt"))
    return {point.get("idx", ""): (point.findtext(qn("c:v")) or "").strip() for point in points}


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _set_look(drawing: Any, chart: Chart) -> None:
    drawing.font.size = Pt(10.5)
    drawing.font.name = FONT
    _set_chinese_font(drawing.font)
    drawing.has_title = False
    drawing.has_legend = len(chart.series) > 1
    if drawing.has_legend:
        drawing.legend.position = XL_LEGEND_POSITION.BOTTOM
        drawing.legend.include_in_layout = False
    plot = drawing.plots[0]
    plot.gap_width = 60
    if chart.kind == "stacked_columns":
        plot.overlap = 100
    for series, fill in zip(plot.series, _FILLS, strict=False):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(fill)
        series.invert_if_negative = False
    plot.has_data_labels = chart.kind == "bars"
    if plot.has_data_labels:
        labels = plot.data_labels
        labels.show_value = True
        labels.number_format, labels.number_format_is_linked = '0.0"%"', False
        labels.font.size, labels.font.name = Pt(10.5), FONT
        _set_chinese_font(labels.font)
        labels._element.find(f".//{qn('a:bodyPr')}").set("wrap", "none")  # LibreOffice would put % on a line of its own
    _set_axes(drawing, chart)


def _set_axes(drawing: Any, chart: Chart) -> None:
    values, categories = drawing.value_axis, drawing.category_axis
    values.minimum_scale = 0
    if chart.most is not None:
        values.maximum_scale = chart.most * (1.1 if chart.kind == "bars" else 1)  # room for the label of a full bar
        values.major_unit = max(1, chart.most // 5)
    values.has_title = True
    values.axis_title.text_frame.text = chart.unit
    values.axis_title.text_frame._txBody.bodyPr.set("rot", "0")  # one Chinese character is not to lie on its side
    run = values.axis_title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.name = Pt(10.5), False, FONT
    _set_chinese_font(run.font)
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string("D9D9D9")
    values.format.line.color.rgb = categories.format.line.color.rgb = RGBColor.from_string(_GREY)


def _set_chinese_font(font: Any) -> None:
    """`font.name` alone sets only Latin letters."""
    properties = font._element
    east_asian = OxmlElement("a:ea")
    east_asian.set("typeface", FONT)
    latin = properties.find(qn("a:latin"))
    latin.addnext(east_asian)
