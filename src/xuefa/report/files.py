"""Report files are written whole or not at all, and a file that is open elsewhere is said so."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from xuefa.errors import BadInputError, Finding


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` by way of a file beside it; the folder is made if there is none.

    Raises BadInputError if the file cannot be written, most often because Word or Excel holds it open.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        os.replace(beside, path)  # noqa: PTH105  os.replace says that an existing file gives way
    except OSError as error:
        raise BadInputError(
            Finding(str(path), f"文件写不进去（{error.strerror}）", "请先关闭正在使用它的 Word、WPS 或 Excel，再试一次")
        ) from None
    finally:
        beside.unlink(missing_ok=True)
