"""Empty workbooks to fill in: a sheet of notes at the end, and never over a file that is there."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xuefa.errors import BadInputError, Finding


def write_new_workbook(workbook: Any, path: Path, *, notes: Iterable[Sequence[str]]) -> None:
    """Write an openpyxl workbook with `notes` (pairs) as its last sheet, 填写说明.

    Raises BadInputError if the file is there already or cannot be written.
    """
    sheet = workbook.create_sheet("填写说明")
    for note in notes:
        sheet.append(note)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 100
    content = io.BytesIO()
    workbook.save(content)
    try:
        with path.open("xb") as file:
            file.write(content.getvalue())
    except FileExistsError:
        raise BadInputError(Finding(str(path), "已经有这个文件，没有改动它", "请换一个文件名")) from None
    except OSError:
        raise BadInputError(Finding(str(path), "写不了这个文件", "请检查文件夹是否存在、自己有没有写入权限")) from None
