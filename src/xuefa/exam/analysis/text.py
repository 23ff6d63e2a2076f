"""An analysis as text for a terminal, in which a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata

from xuefa.exam.analysis.paper_analysis import Analysis
from xuefa.exam.analysis.tables import NOT_MEASURED, Table, Value, notes_of, render_value, tables_of

_WIDEST = 24
_WIDE_TABLES = {"选项"}
"""Too long for a terminal: these stand in the workbook and on the page only."""


def render_analysis_text(analysis: Analysis) -> str:
    """The whole analysis but the options; words in narrow columns are cut, those of the last column never."""
    lines = [f"试卷分析：{analysis.title}（{analysis.paper_id}）", *notes_of(analysis)]
    for table in tables_of(analysis):
        if table.name not in _WIDE_TABLES:
            lines += ["", f"【{table.name}】", *(_render_table(table) if table.rows else ["没有。"])]
    return "\n".join(lines)


def _render_table(table: Table) -> list[str]:
    last = len(table.head) - 1
    rows = [[_cell(value, cut=column != last) for column, value in enumerate(row)] for row in (table.head, *table.rows)]
    widths = [max(_columns(row[column]) for row in rows) for column in range(last)]
    return ["  ".join([*map(_pad, row, widths), row[last]]).rstrip() for row in rows]


def _cell(value: Value, *, cut: bool) -> str:
    text = " ".join(render_value(value).split()) or NOT_MEASURED
    if not cut or _columns(text) <= _WIDEST:
        return text
    while _columns(text) > _WIDEST - 2:
        text = text[:-1]
    return text + "…"


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
