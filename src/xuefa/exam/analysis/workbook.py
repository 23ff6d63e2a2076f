"""An analysis as an Excel workbook, one sheet per table; it holds no learner's name."""

from __future__ import annotations

import io
import re
from pathlib import Path

import xlsxwriter

from xuefa.atomic_file import write_file
from xuefa.errors import BadInputError, Finding
from xuefa.exam.analysis.paper_analysis import Analysis
from xuefa.exam.analysis.tables import Table, notes_of, tables_of

_WIDTHS = {"题干": 60, "选项文字": 60, "要看什么": 90, "说明": 60, "法律": 24, "单位": 20, "项目": 22, "题目编号": 16}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


def write_analysis_workbook(analysis: Analysis, path: Path) -> Path:
    """Write the workbook (.xlsx) whole or not at all and give its path.

    Text stays text, whatever it begins with. Raises BadInputError for another ending or if it cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise BadInputError(Finding(str(path), "不是 .xlsx 文件", "请把文件名写成 分析.xlsx 这样"))
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for table in tables_of(analysis):
        notes = (analysis.title, *notes_of(analysis)) if table.name == "概况" else ()
        _write_table(book, table, notes)
    book.close()
    write_file(path, content.getvalue())
    return path


def _write_table(book: xlsxwriter.Workbook, table: Table, notes: tuple[str, ...]) -> None:
    sheet = book.add_worksheet(table.name)
    header = book.add_format({"border": 1, "bold": True, "bg_color": "#E7EDF5", "valign": "top"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    for number, note in enumerate(notes):
        sheet.write_string(number, 0, note)
    top = len(notes) + bool(notes)
    for column, title in enumerate(table.head):
        sheet.set_column(column, column, _WIDTHS.get(title, 12))
        sheet.write_string(top, column, title, header)
    for number, row in enumerate(table.rows, start=top + 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, _CONTROL.sub("", value), cell)
            else:
                sheet.write_number(number, column, value, cell)
    sheet.freeze_panes(top + 1, 0)
