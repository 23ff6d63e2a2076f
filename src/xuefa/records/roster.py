"""The roster (名册): reads the table that a clerk fills in, every fault in one go, and writes the empty table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.records.new_workbook import write_new_workbook
from xuefa.records.record import Learner, is_learner_id
from xuefa.records.sheets import Cell, SheetRow, is_error_cell, parse_code, parse_date, parse_text, read_sheet

COLUMNS = ("编号", "姓名", "单位", "职务", "到岗日期", "离岗日期", "可参加执法考试")
"""The columns of a roster, in the order of the template; others may stand beside them and are left out."""

_YES_NO = {"是": True, "否": False}
_EXACT_DIGITS = 10**15  # Excel keeps fifteen digits of a number and makes the rest 0
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_TEMPLATE_ROWS = 1000
_NOTES = (
    (
        "一人两行",
        "调动单位、离岗后又回来、长期请假的人填两行：编号、姓名相同，前一行填离岗日期，后一行的到岗日期在它之后",
    ),
    ("编号", "必填，每人一个，永不更换也不转给别人；只用字母、数字、汉字、- 和 _，如 学员01、QS-001"),
    ("姓名", "必填；同名的人靠编号区分"),
    ("单位", "必填，如 党政办、司法所、某某村；报告按单位汇总，同一单位写法要一致"),
    ("职务", "可以不填"),
    ("到岗日期", "必填，如 2022-03-01；从这一天起计入应到人数"),
    ("离岗日期", "还在岗就空着；填最后在岗的那一天"),
    ("可参加执法考试", "必填，填“是”或“否”"),
)


def read_roster(path: Path) -> tuple[Learner, ...]:
    """The learners of a roster file (.csv in UTF-8 or GB18030, or .xlsx), in its order.

    Its columns are `COLUMNS`. Raises BadInputError with a finding for every fault in the file: a missing column, an id
    that two people have (upper and lower case count as one, as in folder names) or that cannot name a folder, an
    empty name or unit, a date that is none, leaving before joining, a choice other than 是 and 否. Rows of one id and
    name are the postings of one person: who moved, left and came back, or was on long leave; they must not overlap.
    """
    reading = _Reading()
    for row in read_sheet(path, columns=COLUMNS):
        reading.read(row)
    learners = reading.join_postings()
    if not learners and not reading.findings:
        reading.findings.append(Finding(str(path), "名册里一个人也没有", "请在表头下面每人填一行"))
    if reading.findings:
        raise BadInputError(*reading.findings)
    return learners


def write_roster_template(path: Path) -> None:
    """Write an empty roster (.xlsx) to fill in, with a sheet of notes; raise BadInputError if the file is there."""
    from openpyxl import Workbook  # noqa: PLC0415  slow to load, and needed only here
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "名册"
    sheet.append(COLUMNS)
    for letter, column, width in zip("ABCDEFG", COLUMNS, (14, 12, 20, 20, 14, 14, 18), strict=True):
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet[f"{letter}1"].alignment = Alignment(horizontal="center")
        for row in range(2, _TEMPLATE_ROWS + 2):
            sheet[f"{letter}{row}"].number_format = "yyyy-mm-dd" if column.endswith("日期") else "@"
    sheet.freeze_panes = "A2"
    choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
    choice.add(f"G2:G{_TEMPLATE_ROWS + 1}")
    sheet.add_data_validation(choice)
    write_new_workbook(workbook, path, notes=_NOTES)


@dataclass
class _Reading:
    """The rows read so far: one learner a row with its place, findings, and where each id and name first stand."""

    rows: list[tuple[str, Learner]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    firsts: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def read(self, row: SheetRow) -> None:
        if row.surplus:  # the other cells have slipped too
            fault = f"比表头多出 {len(row.surplus)} 格"
            self.findings.append(Finding(row.place, fault, "请检查这一行是不是多了逗号或多填了一格"))
            return
        found = len(self.findings)
        learner_id = parse_code(row.cells["编号"])
        self.findings.extend(self._check_id(row, learner_id))
        self.findings.extend(_check_cells(row))
        since, until = (self._read_date(row, column) for column in ("到岗日期", "离岗日期"))
        if since and until and until < since:
            self.findings.append(Finding(row.place, f"离岗日期 {until} 早于到岗日期 {since}", "请改正这两个日期"))
        if len(self.findings) == found and since:
            learner = Learner(
                learner_id=learner_id,
                name=_parse_closed(row.cells["姓名"]),
                unit=_parse_closed(row.cells["单位"]),
                post=parse_text(row.cells["职务"]),
                since=since,
                until=until,
                exam_eligible=_YES_NO[parse_code(row.cells["可参加执法考试"])],
            )
            self.rows.append((row.place, learner))

    def join_postings(self) -> tuple[Learner, ...]:
        """One learner an id, in the order of the file; what overlaps becomes a finding."""
        by_id: dict[str, list[tuple[str, Learner]]] = {}
        for place, learner in self.rows:
            by_id.setdefault(learner.learner_id, []).append((place, learner))
        learners = []
        for rows in by_id.values():
            rows.sort(key=lambda row: row[1].since)
            for (_, one), (place, other) in pairwise(rows):
                if one.until is None or one.until >= other.since:
                    fault = f"编号 {one.learner_id} 有两行，在岗时间重叠（{one.unit}、{other.unit}）"
                    fix = "同一个人调动或请长假的，请在前一行填离岗日期，后一行的到岗日期要在它之后；重复的行请删去"
                    self.findings.append(Finding(place, fault, fix))
                    break
            else:
                *earlier, last = (learner for _, learner in rows)
                learners.append(replace(last, earlier=tuple(learner.postings[-1] for learner in earlier)))
        return tuple(learners)

    def _check_id(self, row: SheetRow, learner_id: str) -> Iterator[Finding]:
        cell = row.cells["编号"]
        if not learner_id:
            yield Finding(row.place, "编号是空的", "请补上编号，每人一个")
        elif isinstance(cell, int | float) and abs(cell) >= _EXACT_DIGITS:
            yield Finding(
                row.place,
                f"编号 {learner_id} 的位数太多，Excel 已经改掉了末几位",
                "请先把这一列设成“文本”格式，再重新填写编号",
            )
        elif not is_learner_id(learner_id):
            yield Finding(
                row.place,
                f"编号“{learner_id[:40]}”不能用",
                "编号要用作文件夹名：只用字母、数字、汉字、- 和 _，以字母、数字或汉字开头，不超过 40 个字，"
                "也不能是 CON、NUL 这类系统保留的名字",
            )
        else:
            mine = (row.place, learner_id, _parse_closed(row.cells["姓名"]))
            first = self.firsts.setdefault(learner_id.casefold(), mine)
            if first[1:] != mine[1:]:
                yield Finding(row.place, f"编号 {learner_id} 和 {first[0]} 重复", "请改正其中一个，每人的编号各不相同")

    def _read_date(self, row: SheetRow, column: str) -> date | None:
        cell = row.cells[column]
        if cell is None:
            if column == "到岗日期":
                self.findings.append(Finding(row.place, "到岗日期是空的", "请补上，如 2022-03-01"))
            return None
        try:
            return parse_date(cell)
        except ValueError:
            self.findings.append(
                Finding(row.place, f"{column}“{parse_text(cell)[:40]}”不是日期", "请写成 2022-03-01 的形式")
            )
            return None


def _check_cells(row: SheetRow) -> Iterator[Finding]:
    """What is wrong with the cells other than the id and the dates."""
    for column in ("姓名", "单位"):
        if row.cells[column] is None:
            yield Finding(row.place, f"{column}是空的", "请补上；合并的单元格请先取消合并，再逐行填写")
    for column, cell in row.cells.items():
        if is_error_cell(cell) and "日期" not in column:
            yield Finding(row.place, f"{column}是公式错误 {cell}", "请把这一格改成文字")
    choice = parse_code(row.cells["可参加执法考试"])
    if choice not in _YES_NO:
        yield Finding(row.place, f"可参加执法考试填的是“{choice[:40]}”", "请填“是”或“否”")


def _parse_closed(cell: Cell) -> str:
    """A name or unit without the spaces between Chinese characters, which only pad it to the width of others."""
    return _HAN_GAP.sub("", parse_text(cell))
