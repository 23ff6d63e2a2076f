"""The evidence workbook: contents, charts, and one sheet per figure with its definition and the rows behind it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from xuefa.atomic_file import write_file
from xuefa.report.figure import Figure, Figures, Source
from xuefa.report.frames import Frames
from xuefa.report.workbook_charts import CHART_SHEET, write_chart_sheet

MOST_ROWS = 1_048_000
"""Excel holds 1,048,576 rows a sheet; the head of the sheet needs a few."""

_PERSON = {"learner_id": "学员编号", "name": "姓名", "unit": "单位"}
_RECORD = {"occurred_at": "时间", **_PERSON}
_COLUMNS: dict[Source, dict[str, str]] = {
    "learners": {**_PERSON, "post": "职务"},
    "sessions": {
        "session_id": "场次编号",
        "held_on": "日期",
        "kind_name": "种类",
        "title": "内容",
        "minutes": "时长（分钟）",
        "host": "主持人",
    },
    "session_laws": {"session_id": "场次编号", "held_on": "日期", "title": "内容", "law_name": "法律法规文件"},
    "attendance": {
        "session_id": "场次编号",
        "held_on": "日期",
        "title": "内容",
        **_PERSON,
        "expected": "应到",
        "signed_in": "签到",
        "excused": "请假",
        "absent": "缺席",
    },
    "answers": {
        **_RECORD,
        "law_name": "法律法规文件",
        "item_id": "题目编号",
        "points": "得分",
        "max_points": "满分",
        "is_correct": "得满分",
    },
    "writings": {**_RECORD, "kind_name": "种类", "module": "单元", "session_id": "场次编号", "text": "正文"},
    "publicity": {"occurred_at": "时间", "text": "内容"},
    "completions": {**_RECORD, "module": "单元"},
    "certifications": {**_RECORD, "text": "说明"},
    "unmarked_papers": {"paper_title": "试卷", "held_on": "日期"},
    "exam_results": {
        "paper_title": "试卷",
        "held_on": "日期",
        **_PERSON,
        "score": "得分",
        "max_score": "满分",
        "has_sat": "实考",
        "has_passed": "及格",
        "is_excellent": "优秀",
    },
}
_WIDTHS = {"occurred_at": 17, "held_on": 12, "title": 36, "law_name": 34, "text": 60, "paper_title": 30}
_CONTENTS = "目录"
_LONGEST_CELL = 32_767
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_REFUSED_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f“”]")


def write_workbook(
    figures: Figures,
    frames: Frames,
    path: Path,
    *,
    title: str,
    written_at: datetime,
    places: Mapping[str, tuple[str, ...]] | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Write the workbook (.xlsx). It holds names: it stays with the unit.

    `places` says for figures where the section speaks of them. A sheet lists at most `most_rows` rows and says so.
    Raises BadInputError if the file cannot be written.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"title": f"{title}（数据依据）", "created": written_at.astimezone(UTC).replace(tzinfo=None)})
    formats = _Formats.of(book)
    sheet_names = name_sheets([figure.name for figure in figures.values()])
    _write_contents(book.add_worksheet(_CONTENTS), figures, sheet_names, title, formats, places or {})
    write_chart_sheet(
        book,
        book.add_worksheet(CHART_SHEET),
        figures,
        heading=formats.heading,
        header=formats.header,
        cell=formats.text,
    )
    by_id = {source: getattr(frames, source).set_index("row_id", drop=False) for source in _COLUMNS}
    for figure, name in zip(figures.values(), sheet_names, strict=True):
        rows = by_id[figure.source].loc[figure.rows]
        _write_evidence(book.add_worksheet(name), figure, rows, formats, most_rows)
    book.close()
    write_file(path, content.getvalue())


def name_sheets(names: list[str]) -> list[str]:
    """Sheet names Excel accepts: numbered, so unique, at most 31 characters, without marks that Excel refuses."""
    width = max(2, len(str(len(names))))
    plain = [_REFUSED_IN_NAMES.sub("", name) for name in names]
    return [f"{number:0{width}d} {name}"[:31].rstrip(" '") for number, name in enumerate(plain, start=1)]


@dataclass(frozen=True)
class _Formats:
    heading: Any
    label: Any
    header: Any
    link: Any
    wrapped: Any
    text: Any
    day: Any
    time: Any

    @classmethod
    def of(cls, book: Any) -> _Formats:
        grid = {"border": 1, "valign": "top"}
        return cls(
            heading=book.add_format({"bold": True, "font_size": 14}),
            label=book.add_format({"bold": True, "valign": "top"}),
            header=book.add_format({**grid, "bold": True, "bg_color": "#E7EDF5", "text_wrap": True}),
            link=book.add_format({**grid, "font_color": "#0B57A4", "underline": 1}),
            wrapped=book.add_format({**grid, "text_wrap": True}),
            text=book.add_format(grid),
            day=book.add_format({**grid, "num_format": "yyyy-mm-dd"}),
            time=book.add_format({**grid, "num_format": "yyyy-mm-dd hh:mm"}),
        )


def _write_contents(
    sheet: Any,
    figures: Figures,
    sheet_names: list[str],
    title: str,
    formats: _Formats,
    places: Mapping[str, tuple[str, ...]],
) -> None:
    sheet.write_string(0, 0, f"{title}（数据依据）", formats.heading)
    sheet.write_string(
        1, 0, "点击指标名称查看定义和所依据的每一条记录。本文件含有姓名，请留在本单位保管，不要随报告上报。"
    )
    sheet.write_url(2, 0, f"internal:'{CHART_SHEET}'!A1", string="看图表")
    headers = ("指标", "数值", "单位", "分子 n", "分母 N", "定义", "在报告中的位置", "指标代号")
    for column, (header, width) in enumerate(zip(headers, (38, 12, 8, 10, 10, 80, 60, 30), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, header, formats.header)
    for row, (figure, name) in enumerate(zip(figures.values(), sheet_names, strict=True), start=4):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, string=figure.name)
        _write_value(sheet, row, 1, _plain_value(figure), formats)
        sheet.write_string(row, 2, figure.unit, formats.text)
        _write_value(sheet, row, 3, figure.numerator, formats)
        _write_value(sheet, row, 4, figure.denominator, formats)
        sheet.write_string(row, 5, figure.definition, formats.wrapped)
        sheet.write_string(row, 6, "\n".join(places.get(figure.figure_id, ())), formats.wrapped)
        sheet.write_string(row, 7, figure.figure_id, formats.text)
    sheet.freeze_panes(4, 1)


def _write_evidence(sheet: Any, figure: Figure, rows: pd.DataFrame, formats: _Formats, most_rows: int) -> None:
    columns = _COLUMNS[figure.source]
    sheet.write_url(0, 0, f"internal:'{_CONTENTS}'!A1", string="返回目录")
    sheet.write_string(1, 0, figure.name, formats.heading)
    facts = [
        ("数值", f"{_plain_value(figure)}{figure.unit}" if figure.value is not None else "无"),
        ("定义", figure.definition),
    ]
    if figure.denominator is not None:
        facts += [("分子 n", str(figure.numerator)), ("分母 N", str(figure.denominator))]
    listed = f"共{len(rows)}条" + ("" if len(rows) <= most_rows else f"，只列出前{most_rows}条")
    for row, (label, text) in enumerate([*facts, ("所依据的记录", listed)], start=2):
        sheet.write_string(row, 0, label, formats.label)
        sheet.write_string(row, 1, text)
    start = len(facts) + 4
    for column, (name, header) in enumerate(columns.items()):
        sheet.set_column(column, column, max(14 if column == 0 else 10, _WIDTHS.get(name, 0)))
        sheet.write_string(start, column, header, formats.header)
        for row, value in enumerate(_column_values(rows[name].iloc[:most_rows]), start=start + 1):
            _write_value(sheet, row, column, value, formats)
    sheet.freeze_panes(start + 1, 0)


def _column_values(column: pd.Series[Any]) -> list[Any]:
    """The values as Excel takes them: local times without a zone, 是 and empty for true and false, None for nothing."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)
    values = column.astype("object").where(column.notna(), None).tolist()
    return [("是" if value else "") if isinstance(value, bool) else value for value in values]


def _plain_value(figure: Figure) -> int | float | None:
    return figure.value if isinstance(figure.value, int | None) else float(figure.value)


def _write_value(sheet: Any, row: int, column: int, value: object, formats: _Formats) -> None:
    """Write one cell; text is always written as text, so that = + - @ at its head start no formula."""
    if value is None:
        sheet.write_blank(row, column, None, formats.text)
    elif isinstance(value, datetime):
        has_time = (value.hour, value.minute, value.second) != (0, 0, 0)
        sheet.write_datetime(row, column, value, formats.time if has_time else formats.day)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, formats.text)
    else:
        sheet.write_string(row, column, _CONTROL.sub("", str(value))[:_LONGEST_CELL], formats.text)
