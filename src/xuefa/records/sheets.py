"""Tables that people fill in, read as plain cells: CSV in UTF-8 or GB18030, and Excel workbooks (.xlsx)."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from xuefa.errors import BadInputError, Finding

_MAX_BYTES = 20_000_000
_MAX_ROWS = 50_000
_HEADER_WITHIN_ROWS = 10
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP_MAGIC = b"PK\x03\x04"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]|(\d{2})(\d{2}))(?: 0{1,2}:00(?::00)?)?"
)
_SAVE_AS_UTF8 = "请用 Excel 或 WPS 另存为“CSV UTF-8”，或者直接另存为 .xlsx"
_SAVE_AS_XLSX = "请用 Excel 或 WPS 打开它，另存为“Excel 工作簿（*.xlsx）”，再用新文件"

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class SheetRow:
    """One row under the header: where it stands, its cells by column name, and cells beyond the header."""

    place: str
    cells: dict[str, Cell]
    surplus: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table as it lies in a file: a sheet of a workbook, or a whole CSV, which has no title."""

    place: str
    title: str
    rows: list[list[Cell]]

    def count_named(self, columns: Collection[str]) -> int:
        """How many of the columns the row names that fits them best."""
        return _fit(self.rows, _find_header(self.rows, columns), columns)

    def select_rows(self, *, columns: Collection[str], optional: Collection[str] = ()) -> tuple[SheetRow, ...]:
        """The filled rows under the header; `optional` columns may be missing and are empty then.

        Raises BadInputError: columns missing or doubled.
        """
        header = _find_header(self.rows, {*columns, *optional})
        return tuple(_rows_below(self.place, self.rows, header, columns, optional))


def read_sheet(path: Path, *, columns: Collection[str]) -> tuple[SheetRow, ...]:
    """The filled rows under the header that names `columns`; further columns are left out, a title above is skipped.

    Raises BadInputError: no such file, .xls, another encoding, not a workbook, columns missing or doubled.
    """
    table = max(read_tables(path), key=lambda table: table.count_named(columns))
    return table.select_rows(columns=columns)


def read_tables(path: Path, *, merged: Literal["top", "down"] = "top") -> tuple[Table, ...]:
    """Every table of the file; what a merged cell says stands at its top, or goes `down` to each row it covers.

    Raises BadInputError: no such file, .xls, another encoding, not a workbook.
    """
    content = _read_bytes(path)
    if path.suffix.lower() == ".xls":
        raise _refuse(path, "是旧格式的 Excel 文件（.xls）", _SAVE_AS_XLSX)
    if content.startswith(_OLE_MAGIC):
        raise _refuse(path, "是加了密码的或者旧格式的 Excel 文件", f"{_SAVE_AS_XLSX}，保存时不要设密码")
    if content.startswith(_ZIP_MAGIC):
        return tuple(_read_workbook(path, content, merged=merged))
    if path.suffix.lower() in {".csv", ".txt"}:
        return (Table(str(path), "", _read_csv(path, content)),)
    raise _refuse(path, "不是 Excel 工作簿，也不是 CSV", "请使用 .xlsx 或 .csv 文件")


def parse_text(cell: Cell) -> str:
    """The text of a cell in one line, without stray spaces and invisible characters; 7.0 is “7”."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).translate(_INVISIBLE).split())


def parse_code(cell: Cell) -> str:
    """The text of a cell that holds a code or a choice: full-width letters, digits and signs made narrow too."""
    return " ".join(parse_text(cell).translate(_NARROW).split())


def parse_date(cell: Cell) -> date:
    """The day in a cell: a date cell of Excel, 2022-03-01, 2022/3/1, 2022.3.1, 20220301 or 2022年3月1日.

    Raises ValueError for anything else.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = parse_code(cell)
    match = _DATE.fullmatch(text) or _DATE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"not a date: {text!r}")
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return date(year, month, day)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _refuse(path, f"文件超过 {_MAX_BYTES // 1_000_000} MB", "请检查是不是选错了文件，或者删去多余的内容")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refuse(path, "找不到这个文件", "请检查文件名和所在的文件夹") from None
    except OSError:
        raise _refuse(path, "读不出来", "请先关闭打开着它的 Excel 或 WPS，并检查自己有没有读取权限") from None


def _read_csv(path: Path, content: bytes) -> list[list[Cell]]:
    text = _decode(path, content)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(list(row))
            _require_few(path, rows)
    except csv.Error:
        raise _refuse(
            path, f"第 {len(rows) + 1} 行的引号不成对，或者有一格长得不合理", "请检查这一行和后面的英文双引号"
        ) from None
    return rows


def _decode(path: Path, content: bytes) -> str:
    if not content.startswith(_UTF16_MARKS) and b"\0" not in content:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise _refuse(path, "编码既不是 UTF-8 也不是 GB18030（可能是“Unicode 文本”，即 UTF-16）", _SAVE_AS_UTF8)


def _read_workbook(path: Path, content: bytes, *, merged: Literal["top", "down"]) -> list[Table]:
    from openpyxl import load_workbook  # noqa: PLC0415  slow to load, and not needed for CSV

    tables: list[Table] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it leaves out, such as drop-down lists
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()  # some programs write wrong ones
                rows: list[list[Cell]] = []
                for row in sheet.iter_rows(values_only=True):
                    rows.append([_plain(value) for value in row])
                    _require_few(path, rows)
                tables.append(Table(f"{path} 工作表“{sheet.title}”", sheet.title, rows))
            if merged == "down":  # the rows are few by now: only a workbook read whole tells what is merged
                whole = load_workbook(io.BytesIO(content), data_only=True)
                for table, sheet in zip(tables, whole.worksheets, strict=True):
                    for area in sheet.merged_cells.ranges:
                        _fill_down(table.rows, area.min_row - 1, area.max_row - 1, area.min_col - 1)
    except BadInputError:
        raise
    except Exception:  # a damaged workbook makes openpyxl raise nearly anything
        raise _refuse(path, "不是完好的 Excel 工作簿（.xlsx）", _SAVE_AS_XLSX) from None
    if not tables:
        raise _refuse(path, "工作簿里没有工作表", "请检查是不是选错了文件")
    return tables


def _fill_down(rows: list[list[Cell]], top: int, bottom: int, column: int) -> None:
    """Repeat the cell in the rows below it that say something themselves."""
    if top >= len(rows) or column >= len(rows[top]):
        return
    for row in rows[top + 1 : bottom + 1]:
        if any(parse_text(cell) for cell in row):
            row.extend([None] * (column + 1 - len(row)))
            row[column] = rows[top][column]


def _plain(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float | date) else str(value)


def _require_few(path: Path, rows: Sequence[object]) -> None:
    if len(rows) > _MAX_ROWS:
        raise _refuse(path, f"超过 {_MAX_ROWS} 行", "请检查是不是选错了文件，或者删去下面多余的空行")


def _find_header(rows: list[list[Cell]], columns: Collection[str]) -> int:
    """The index of the row that names most of the columns, among the first rows."""
    return max(range(min(len(rows), _HEADER_WITHIN_ROWS)), key=lambda number: _fit(rows, number, columns), default=0)


def _fit(rows: list[list[Cell]], number: int, columns: Collection[str]) -> int:
    return len(set(columns).intersection(_names(rows[number]))) if rows else 0


def _names(row: Iterable[Cell]) -> list[str]:
    return [parse_text(cell).replace(" ", "") for cell in row]


def _rows_below(
    place: str, rows: list[list[Cell]], header: int, columns: Collection[str], optional: Collection[str]
) -> Iterator[SheetRow]:
    names = _names(rows[header]) if rows else []
    while names and not names[-1]:
        names.pop()
    here = f"{place} 第 {header + 1} 行"
    if missing := [column for column in columns if column not in names]:
        hint = "；各列之间请用英文逗号隔开" if len(names) == 1 and re.search(r"[\t;，；]", str(rows[header][0])) else ""
        raise BadInputError(
            Finding(
                here,
                f"表头缺少 {'、'.join(missing)}",
                f"请在表头补上，名称要一字不差{hint}；看到乱码时，{_SAVE_AS_UTF8}",
            )
        )
    if doubled := [column for column in (*columns, *optional) if names.count(column) > 1]:
        raise BadInputError(Finding(here, f"表头里 {'、'.join(doubled)} 出现了两次", "请删去其中一列"))
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        filled = [cell if parse_text(cell) else None for cell in row]
        if any(cell is not None for cell in filled):
            padded = filled + [None] * (len(names) - len(filled))
            cells = dict.fromkeys(optional)
            cells |= {name: cell for name, cell in zip(names, padded, strict=False) if name in {*columns, *optional}}
            surplus = tuple(cell for cell in padded[len(names) :] if cell is not None)
            yield SheetRow(f"{place} 第 {number} 行", cells, surplus)


def _refuse(path: Path, fault: str, fix: str) -> BadInputError:
    return BadInputError(Finding(str(path), fault, fix))


def is_error_cell(cell: Any) -> bool:
    """Whether Excel could not work out a formula here (#N/A, #REF! …)."""
    return isinstance(cell, str) and re.fullmatch(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)", cell) is not None
