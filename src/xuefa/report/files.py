"""Report files are written whole or not at all, and a file that is open elsewhere is said so."""

from __future__ import annotations

from pathlib import Path

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all; the folder is made if there is none.

    Raises BadInputError if the file cannot be written, most often because Word or Excel holds it open.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise BadInputError(
            Finding(str(path), f"文件写不进去（{error.strerror}）", "请先关闭正在使用它的 Word、WPS 或 Excel，再试一次")
        ) from None
