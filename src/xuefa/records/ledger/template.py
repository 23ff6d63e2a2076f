"""Writes the empty ledger: one sheet a kind with its headings, one sentence of instructions, and drop-down lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xuefa.records.ledger.kinds import LEDGER_KINDS, NOTES, LedgerKind
from xuefa.records.new_workbook import write_new_workbook

_LAST_ROW = 1002
_WIDTHS = {"日期": 14, "时长": 10, "姓名": 24, "单位": 18, "形式": 16, "情况": 10}
_WIDE = 34


def write_ledger_template(path: Path) -> None:
    """Write an empty ledger (.xlsx) to fill in; raise BadInputError if the file is there or cannot be written."""
    from openpyxl import Workbook  # noqa: PLC0415  slow to load, and needed only here

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for kind in LEDGER_KINDS:
        _fill_sheet(workbook.create_sheet(kind.name), kind)
    write_new_workbook(workbook, path, notes=NOTES)


def _fill_sheet(sheet: Any, kind: LedgerKind) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415  as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    sheet.append([kind.purpose])
    sheet.append(list(kind.all_columns))
    sheet["A1"].font = Font(color="595959")
    for number, column in enumerate(kind.all_columns, start=1):
        letter = get_column_letter(number)
        head = sheet[f"{letter}2"]
        head.font, head.alignment = Font(bold=True), Alignment(horizontal="center")
        head.fill = PatternFill("solid", fgColor="E7EDF5")
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, _WIDE)
        for row in range(3, _LAST_ROW + 1):
            sheet[f"{letter}{row}"].number_format = {"日期": "yyyy-mm-dd", "时长": "General"}.get(column, "@")
        area = f"{letter}3:{letter}{_LAST_ROW}"
        if column in kind.choices:
            sheet.add_data_validation(_refuse_others(DataValidation, area, kind.choices[column]))
        elif column == "日期":
            prompt = DataValidation(allow_blank=True, showInputMessage=True, promptTitle="日期", prompt="如 2026-03-10")
            prompt.add(area)
            sheet.add_data_validation(prompt)
    sheet.freeze_panes = "A3"


def _refuse_others(kind_of_validation: Any, area: str, words: tuple[str, ...]) -> Any:
    """A drop-down list; Excel does not take another word."""
    choice = kind_of_validation(
        type="list",
        formula1=f'"{",".join(words)}"',
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="不在可选的范围内",
        error=f"请从 {'、'.join(words)} 里选一个",
    )
    choice.add(area)
    return choice
