"""Files written whole or not at all: a reader or a power cut never meets half a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from xuefa.errors import BadInputError, Finding


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` by way of a temporary file beside it; when this returns, it is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        if path.exists() and not os.access(path, os.W_OK):
            path.chmod(0o644)  # Windows refuses to replace a read-only file, which is what nbgrader leaves
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_file(path: Path, content: bytes) -> None:
    """As `write_atomically`, for a file that people open.

    Raises BadInputError if it cannot be written, most often because Word or Excel holds it open.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise BadInputError(
            Finding(str(path), f"文件写不进去（{error.strerror}）", "请先关闭正在使用它的 Word、WPS 或 Excel，再试一次")
        ) from None


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
