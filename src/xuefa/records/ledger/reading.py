"""Reads a ledger file as rows of text, each with its kind; what the rows mean is for `plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.records.ledger.kinds import LEDGER_KINDS, LedgerKind
from xuefa.records.sheets import Cell, SheetRow, Table, is_error_cell, parse_text, read_tables

_NOTES_SHEET = "填写说明"
_LIKE_A_LEDGER = 2

Corrections = Mapping[str, Mapping[str, str] | None]
"""What a clerk says of doubtful rows, by place: other texts for some columns, or None to leave the row out."""


@dataclass(frozen=True)
class LedgerRow:
    """One filled row: where it stands (file, sheet and row), its sheet's kind, its cells as text, what is wrong."""

    place: str
    kind: LedgerKind
    cells: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The rows of a ledger in the order of the kinds, and the titles of the sheets that are none."""

    file: str
    rows: tuple[LedgerRow, ...]
    other_sheets: tuple[str, ...]


def read_ledger(path: Path) -> Reading:
    """Read a ledger: a workbook (.xlsx) with any of the sheets, or one of them as CSV (UTF-8 or GB18030).

    A merged cell counts for every row that it covers. A sheet is known by its title, or else by its columns. Raises
    BadInputError: no such file, .xls, another encoding, nothing in it that is a ledger, columns missing or doubled.
    """
    rows: list[LedgerRow] = []
    others: list[str] = []
    known = 0
    for table in read_tables(path, merged="down"):
        kind = _find_kind(table)
        if kind is None:
            if table.title != _NOTES_SHEET and any(parse_text(cell) for row in table.rows for cell in row):
                others.append(table.title)
            continue
        known += 1
        rows.extend(
            _read_row(row, kind, place=row.place.replace(str(path), path.name, 1))
            for row in table.select_rows(columns=kind.columns, optional=kind.optional)
        )
    if not known:
        raise BadInputError(
            Finding(
                str(path),
                "里面没有一张台账的表",
                "请用 xuefa ledger template 写出空表，照它的表头填写；CSV 文件一次放一张表",
            )
        )
    order = {kind.name: number for number, kind in enumerate(LEDGER_KINDS)}
    return Reading(path.name, tuple(sorted(rows, key=lambda row: order[row.kind.name])), tuple(others))


def _find_kind(table: Table) -> LedgerKind | None:
    """By title; else by the columns, of which all are there; else the nearest, whose missing columns are then told."""
    for kind in LEDGER_KINDS:
        if table.title.strip() == kind.name:
            return kind
    whole = [kind for kind in LEDGER_KINDS if table.count_named(kind.columns) == len(kind.columns)]
    if whole:
        return max(whole, key=lambda kind: len(kind.columns))
    nearest = max(LEDGER_KINDS, key=lambda kind: table.count_named(kind.columns) / len(kind.columns))
    return nearest if table.count_named(nearest.columns) >= _LIKE_A_LEDGER else None


def _read_row(row: SheetRow, kind: LedgerKind, *, place: str) -> LedgerRow:
    findings = [
        Finding(place, f"{column}是公式错误 {cell}", "请把这一格改成文字")
        for column, cell in row.cells.items()
        if is_error_cell(cell)
    ]
    if row.surplus:
        findings.append(Finding(place, f"比表头多出 {len(row.surplus)} 格", "请检查是不是多了逗号或多填了一格"))
    return LedgerRow(place, kind, {column: _show(row.cells[column]) for column in kind.all_columns}, tuple(findings))


def _show(cell: Cell) -> str:
    """A cell as a person would write it into a field: a day without a time; what begins like a formula stays text."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else parse_text(cell)
