"""The county's section: prose, a table by township, who is missing and what cannot be added; and the same as Excel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from xuefa.atomic_file import write_file
from xuefa.report.figure import round_half_even
from xuefa.report.rollup import Rollup, SummedFigure
from xuefa.report.section import Block, Number, Paragraph, Run, Runs, Section, Table, Text, number_chapters

COUNTY_BASIS = "rollup"
"""Stands in the seal of a county's section: its numbers rest on files, not on the records of this site."""

_FIRST_TABLE = {
    "study_sessions": "集中学习次数",
    "attendances": "参学人次",
    "attendance_rate": "参学率",
    "writings": "心得体会、研讨材料篇数",
}
_SECOND_TABLE = {
    "pushes": "推送次数",
    "accuracy": "答题正确率",
    "exam_pass_rate": "模拟考试及格率",
    "certified": "通过执法考试人数",
}


def build_county_section(rollup: Rollup, *, county: str, minutes_per_study_hour: int) -> Section:
    """The section of a county over the townships that reported; what nobody did is not mentioned."""
    say = _Sayer(rollup)
    reported = (Text(f"{rollup.year}年度，{county}共有"), Text(f"{len(rollup.townships)}个单位报送学法用法情况。"))
    chapters = number_chapters(
        {
            "总体情况": tuple(say.paragraphs(minutes_per_study_hour)),
            "分单位情况": tuple(_tables(rollup)),
            "汇总说明": tuple(_remarks(rollup)),
        }
    )
    lead: list[Run] = [*reported]
    if rollup.missing:
        lead.append(Text(f"尚未报送的有{'、'.join(rollup.missing)}，以下数字不包括这些单位。"))
    blocks: tuple[Block, ...] = (Paragraph(tuple(lead)), *chapters)
    return Section(title=f"{county}{rollup.year}年度学法用法情况汇总", unit=county, year=rollup.year, blocks=blocks)


def write_county_workbook(rollup: Rollup, path: Path, *, title: str) -> None:
    """Write the sums and, for every figure, each township's share, with n and N (.xlsx)."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E7EDF5"})
    grid = book.add_format({"border": 1})
    sheet = book.add_worksheet("汇总")
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for column, (head, width) in enumerate((("指标", 44), ("数值", 24), ("单位", 8), ("分子 n", 10), ("分母 N", 10))):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head, bold)
    for row, figure in enumerate(rollup.figures.values(), start=3):
        cells = (figure.name, _cell(figure), figure.unit, figure.numerator, figure.denominator)
        for column, value in enumerate(cells):
            _write(sheet, row, column, value, grid)
    sheet.freeze_panes(3, 1)
    _fill_township_sheet(book.add_worksheet("分单位"), rollup, bold=bold, grid=grid)
    remarks = book.add_worksheet("说明")
    remarks.set_column(0, 0, 110)
    for row, block in enumerate(_remarks(rollup)):
        remarks.write_string(row, 0, block.text)
    book.close()
    write_file(path, content.getvalue())


class _Sayer:
    """Says sums in clauses; a clause whose figure is nothing is left out."""

    def __init__(self, rollup: Rollup) -> None:
        self._figures = rollup.figures

    def paragraphs(self, minutes_per_study_hour: int) -> Iterator[Paragraph]:
        minutes = self._figures.get("study_minutes")
        hours = round_half_even(Decimal((minutes.value if minutes else 0) or 0) / minutes_per_study_hour, places=1)
        yield from self._sentence(
            ("共组织集中学习", "study_sessions", "次"),
            ("累计", "study_minutes", f"分钟（每{minutes_per_study_hour}分钟为1学时，合{hours}学时）"),
            ("参学", "attendances", "人次"),
            ("参加学习的有", "attendees", "人"),
            ("参学率", "attendance_rate", ""),
        )
        yield from self._sentence(
            ("撰写心得体会", "reflections", "篇"),
            ("研讨材料", "discussion_papers", "篇"),
            ("组织学习研讨", "seminars", "次"),
            ("专题讲座", "lectures", "次"),
            ("旁听庭审", "court_visits", "次"),
            ("推送学习内容", "pushes", "次"),
        )
        yield from self._sentence(
            ("参加学法答题", "answerers", "人"), ("答题", "answers", "次"), ("正确率", "accuracy", "")
        )
        yield from self._sentence(
            ("模拟考试应考", "exam_expected", "人次"),
            ("实考", "exam_present", "人次"),
            ("缺考", "exam_absent", "人次"),
            ("参考率", "exam_rate", ""),
            ("及格率", "exam_pass_rate", ""),
            ("优秀率", "exam_excellent_rate", ""),
        )
        yield from self._sentence(("通过执法考试", "certified", "人"))

    def _sentence(self, *clauses: tuple[str, str, str]) -> Iterator[Paragraph]:
        runs: list[Run] = []
        for before, figure_id, after in clauses:
            figure = self._figures.get(figure_id)
            if figure is None or figure.is_nothing:
                continue
            runs += [Text(f"{'，' if runs else ''}{before}"), _number(figure)]
            if after:
                runs.append(Text(after))
        if runs:
            yield Paragraph((*runs, Text("。")))


def _tables(rollup: Rollup) -> Iterator[Table]:
    for caption, columns in (("分单位集中学习情况", _FIRST_TABLE), ("分单位答题和考试情况", _SECOND_TABLE)):
        shown = {
            figure_id: head
            for figure_id, head in columns.items()
            if figure_id in rollup.figures and not rollup.figures[figure_id].is_nothing
        }
        if not shown:
            continue
        rows: list[tuple[Runs, ...]] = []
        for number, (township, figures) in enumerate(rollup.parts.items(), start=1):
            cells = [
                (_number(figures[figure_id], suffix=f"_t{number}"),) if figure_id in figures else (Text("无"),)
                for figure_id in shown
            ]
            rows.append(((Text(township),), *cells))
        rows += [((Text(township),), *((Text("未报送"),) for _ in shown)) for township in rollup.missing]
        rows.append(((Text("合计"),), *((_number(rollup.figures[figure_id]),) for figure_id in shown)))
        widths = (24, *(30 if rollup.figures[figure_id].denominator is not None else 17 for figure_id in shown))
        yield Table(caption=caption, columns=("单位", *shown.values()), widths=widths, rows=tuple(rows))


def _remarks(rollup: Rollup) -> Iterator[Paragraph]:
    yield Paragraph(
        (
            Text(
                "次数、人次和人数为各单位报送数之和，比率以各单位分子之和除以分母之和计算。"
                "年内在单位之间调动的人员，在各单位分别计入。"
            ),
        )
    )
    if rollup.left_out:
        yield Paragraph((Text(f"以下指标不能相加，没有汇总：{'、'.join(rollup.left_out)}。"),))
    codes = "、".join(f"{export.unit} {export.code}" for export in rollup.exports)
    yield Paragraph((Text(f"报送文件的校验码：{codes}。"),))


def _number(figure: SummedFigure, *, suffix: str = "") -> Number:
    return Number(f"{figure.figure_id}{suffix}", figure.text)


def _cell(figure: SummedFigure) -> float | int | None:
    if figure.denominator is None:
        return figure.value
    return None if figure.percent is None else float(figure.percent)


def _fill_township_sheet(sheet: Any, rollup: Rollup, *, bold: Any, grid: Any) -> None:
    """One row a township, one column a count and three a rate (percent, n, N)."""
    heads: list[str] = []
    for figure in rollup.figures.values():
        heads += [figure.name] if figure.denominator is None else [f"{figure.name}（%）", "分子 n", "分母 N"]
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, len(heads), 12)
    for column, head in enumerate(("单位", *heads)):
        sheet.write_string(0, column, head, bold)
    lines = [*rollup.parts.items(), ("合计", rollup.figures)]
    for row, (township, figures) in enumerate(lines, start=1):
        cells: list[object] = [township]
        for figure_id, total in rollup.figures.items():
            part = figures.get(figure_id)
            if total.denominator is None:
                cells.append(part.value if part else None)
            else:
                cells += [_cell(part), part.numerator, part.denominator] if part else [None, None, None]
        for column, value in enumerate(cells):
            _write(sheet, row, column, value, grid)
    for row, township in enumerate(rollup.missing, start=len(lines) + 1):
        _write(sheet, row, 0, f"{township}（未报送）", grid)
    sheet.freeze_panes(1, 1)


def _write(sheet: Any, row: int, column: int, value: object, grid: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, grid)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, grid)
    else:
        sheet.write_string(row, column, str(value), grid)
