"""The evidence workbook: contents, charts, and one sheet per figure with its definition and the rows behind it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from numpy.typing import NDArray

from xuefa.atomic_file import write_file
from xuefa.report.evidence_rows import COLUMNS, COUNTED_FOR, list_values, name_row_files, render_all_rows
from xuefa.report.figure import Figure, Figures
from xuefa.report.frames import Frames
from xuefa.report.progress import Progress, part_of
from xuefa.report.workbook_charts import CHART_SHEET, write_chart_sheet

MOST_ROWS = 200_000
"""As many rows as all sheets together list: more take minutes to write and to open."""

_PERCENT_OF_SHEETS = 60
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
    progress: Progress | None = None,
) -> Path | None:
    """Write the workbook (.xlsx) and, where it has no room for every row, a file of all rows, which is returned.

    Both hold names: they stay with the unit. `places` says for figures where the section speaks of them. All sheets
    together list at most `most_rows` rows; one that has more says how many there are, and where they are. `progress` is
    told (done, all); what it raises writes neither. Raises BadInputError if a file cannot be written.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"title": f"{title}（数据依据）", "created": written_at.astimezone(UTC).replace(tzinfo=None)})
    formats = _Formats.of(book)
    sheet_names = name_sheets([figure.name for figure in figures.values()])
    _write_contents(book.add_worksheet(_CONTENTS), figures, sheet_names, title, formats, places or {})
    named = dict(zip(figures, sheet_names, strict=True))
    write_chart_sheet(book, book.add_worksheet(CHART_SHEET), figures, named, formats)
    sheets = [
        _Sheet(figure, name, getattr(frames, figure.source), figure.positions_in(getattr(frames, figure.source)))
        for figure, name in zip(figures.values(), sheet_names, strict=True)
    ]
    most_listed = _share([len(sheet.positions) for sheet in sheets], most_rows)
    row_file = path.with_name(f"{path.stem}（数据依据全部记录）.zip")
    tell = part_of(progress, 0, _PERCENT_OF_SHEETS)
    for number, sheet in enumerate(sheets):
        tell(number, len(sheets))
        _write_evidence(book.add_worksheet(sheet.name), sheet, formats, most_listed, row_file)
    book.close()
    rows = None
    if sources := {sheet.figure.source for sheet in sheets if len(sheet.positions) > most_listed}:
        counted = {
            source: {sheet.number: sheet.positions for sheet in sheets if sheet.figure.source == source}
            for source in sorted(sources)
        }
        tell = part_of(progress, _PERCENT_OF_SHEETS, 100)
        rows = render_all_rows(frames, counted, written_at=written_at, progress=tell)
    part_of(progress, 0, 100)(1, 1)
    write_file(path, content.getvalue())
    if rows is not None:
        write_file(row_file, rows)
        return row_file
    with suppress(OSError):  # that of an earlier build, unless somebody has it open
        row_file.unlink()
    return None


@dataclass(frozen=True)
class _Sheet:
    """A figure, the name of its sheet, its frame and where its rows stand in it."""

    figure: Figure
    name: str
    frame: pd.DataFrame
    positions: NDArray[np.intp]

    @property
    def number(self) -> str:
        """The number at the head of the name."""
        return self.name.partition(" ")[0]


def _share(counts: list[int], most: int) -> int:
    """The most each may have so that all together have at most `most`; what small ones leave goes to large ones."""
    for number, count in enumerate(sorted(counts)):
        share = most // (len(counts) - number)
        if count > share:
            return share
        most -= count
    return most


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
    sheet.write_string(1, 0, "点击指标名称查看定义和所依据的记录。本文件含有姓名，请留在本单位保管，不要随报告上报。")
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


def _write_evidence(sheet: Any, evidence: _Sheet, formats: _Formats, most_listed: int, row_file: Path) -> None:
    figure, count = evidence.figure, len(evidence.positions)
    columns, rows = COLUMNS[figure.source], evidence.frame.iloc[evidence.positions[:most_listed]]
    sheet.write_url(0, 0, f"internal:'{_CONTENTS}'!A1", string="返回目录")
    sheet.write_string(1, 0, figure.name, formats.heading)
    facts = [
        ("数值", f"{_plain_value(figure)}{figure.unit}" if figure.value is not None else "无"),
        ("定义", figure.definition),
    ]
    if figure.denominator is not None:
        facts += [("分子 n", str(figure.numerator)), ("分母 N", str(figure.denominator))]
    listed = f"共{count}条"
    if count > most_listed:
        files = "、".join(name_row_files(figure.source, len(evidence.frame)))
        listed += (
            f"，这里列出前{most_listed}条。全部在同一文件夹的“{row_file.name}”里："
            f"{files}中“{COUNTED_FOR}”一列含有{evidence.number}的就是"
        )
    for row, (label, text) in enumerate([*facts, ("所依据的记录", listed)], start=2):
        sheet.write_string(row, 0, label, formats.label)
        sheet.write_string(row, 1, text)
    start = len(facts) + 4
    for column, (name, header) in enumerate(columns.items()):
        sheet.set_column(column, column, max(14 if column == 0 else 10, _WIDTHS.get(name, 0)))
        sheet.write_string(start, column, header, formats.header)
        for row, value in enumerate(list_values(rows[name]), start=start + 1):
            _write_value(sheet, row, column, value, formats)
    sheet.freeze_panes(start + 1, 0)


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
