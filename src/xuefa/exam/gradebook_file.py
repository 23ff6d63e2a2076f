"""The file `gradebook.db` of nbgrader: made, checked and opened. Tied to the schema of nbgrader 0.9.6."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbgrader
import sqlalchemy as sa
from nbgrader import api
from sqlalchemy.orm import Session

from xuefa.errors import Finding, MissingPartError, RecordsError

COURSE_ID = "xuefa"
NBGRADER_VERSION = "0.9.6"
LOCK_SECONDS = 5.0
_SCHEMA_REVISION = "e43177bfe90b"

_SQLITE_FAULTS = {
    5: ("成绩册正被别的程序占用", "请关掉正在阅卷的程序，过一会儿再试"),
    8: ("成绩册是只读的", "请检查文件和文件夹的权限"),
    13: ("磁盘满了", "请腾出空间再试"),
    14: ("成绩册打不开", "请检查文件夹是否存在、有没有权限"),
    26: ("不是成绩册", "请恢复备份，或者移走这个文件后重新发布试卷"),
}


def require_gradebook(course_dir: Path) -> Path:
    """The course's gradebook, made if it is not there; its version and schema are checked before anyone writes.

    Raises MissingPartError for another nbgrader, RecordsError for a database that is none, locked or of another schema.
    """
    if nbgrader.__version__ != NBGRADER_VERSION:
        raise MissingPartError(
            Finding("nbgrader", f"版本是 {nbgrader.__version__}，这里只认 {NBGRADER_VERSION}", "请运行 run.py 重新安装")
        )
    path = course_dir / "gradebook.db"
    if not path.exists():
        _create(path)
    with open_session(path) as session:
        revision = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if revision != _SCHEMA_REVISION:
        raise RecordsError(
            Finding(
                str(path),
                f"成绩册的结构版本是 {revision}，不是 {_SCHEMA_REVISION}",
                "请先备份，再运行 nbgrader db upgrade",
            )
        )
    return path


@contextmanager
def open_session(path: Path) -> Iterator[Any]:
    """An ORM session on the gradebook; what SQLite refuses becomes a RecordsError, and nothing stays half-written."""
    engine = sa.create_engine(_url(path), connect_args={"timeout": LOCK_SECONDS})
    try:
        with Session(engine) as session:
            yield session
    except sa.exc.DatabaseError as error:
        code = getattr(error.orig, "sqlite_errorcode", 1) & 0xFF
        fault, fix = _SQLITE_FAULTS.get(code, (f"成绩册读写出错（{error.orig}）", "请恢复备份，或者重新发布试卷"))
        raise RecordsError(Finding(str(path), fault, fix)) from None
    finally:
        engine.dispose()


def _create(path: Path) -> None:
    """Make the gradebook under another name first: when nbgrader fails half-way, no half database is left.

    The revision is written before nbgrader makes its tables, since it would else start `alembic` just to ask for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gradebook.") as folder:
        temporary = Path(folder) / path.name
        with open_session(temporary) as session:
            session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            session.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": _SCHEMA_REVISION})
            session.commit()
        api.Gradebook(_url(temporary), COURSE_ID).close()
        temporary.replace(path)


def _url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"
