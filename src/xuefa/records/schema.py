"""The schema of a records database: made, upgraded or refused when the database is opened."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from xuefa.errors import Finding, RecordsError
from xuefa.records.connection import Database
from xuefa.records.tables import REVISION_TABLE, REVISIONS

_MIGRATIONS = Path(__file__).parent / "migrations"
_RETRY_SECONDS = 0.02


def require_schema(database: Database) -> None:
    """Make the schema in an empty database, upgrade an older one, and refuse what cannot be written.

    Raises RecordsError: no records database, newer than this code, locked, read-only, unreachable; the database is then
    as it was.
    """
    with database.reading() as connection:
        revision = _require_known(connection, database)
    if database.file:
        _switch_to_wal(database)
    if revision != REVISIONS[-1]:
        _upgrade(database)
    elif database.file:
        _require_writable(database)


def require_current(database: Database) -> None:
    """Raise RecordsError unless this is a records database of exactly this code's schema; nothing is changed."""
    with database.reading() as connection:
        revision = _require_known(connection, database)
    if revision is None:
        raise RecordsError(Finding(database.place, "这个文件里没有学法的记录", "请检查是不是选错了文件"))
    if revision != REVISIONS[-1]:
        raise RecordsError(
            Finding(database.place, "这个文件是旧版本的程序写的", "请先在原来的电脑上用新版本程序打开一次，再拿来合并")
        )


def _require_known(connection: Connection, database: Database) -> str | None:
    """The revision of the schema, None if there is none yet; raise RecordsError if it is not ours or newer."""
    # One look at the tables: between two, another process may have made the schema.
    tables = inspect(connection).get_table_names()
    if REVISION_TABLE in tables:
        revision: str | None = connection.scalar(text(f"SELECT version_num FROM {REVISION_TABLE}"))  # noqa: S608  a constant
        if revision is not None and revision not in REVISIONS:
            raise RecordsError(
                Finding(
                    database.place,
                    f"数据库比程序新（数据库结构 {revision}，程序只认识到 {REVISIONS[-1]}）",
                    "请把学法程序更新到最新版本；数据没有改动",
                )
            )
        return revision
    strangers = tables if database.file else [name for name in tables if name == "records"]
    if strangers:
        raise RecordsError(
            Finding(
                database.place,
                f"这是别的程序的数据库（里面有 {'、'.join(sorted(strangers)[:3])} 等表），不是学法的记录",
                "请检查数据库地址，换一个文件名或库名；里面的内容没有改动",
            )
        )
    return None


def _upgrade(database: Database) -> None:
    from alembic import command  # noqa: PLC0415  slow to load, and needed only here
    from alembic.config import Config  # noqa: PLC0415

    with database.writing() as connection:
        if _require_known(connection, database) == REVISIONS[-1]:
            return  # another process was first
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")


def _switch_to_wal(database: Database) -> None:
    deadline = time.monotonic() + database.busy_seconds
    with _raw_sqlite(database) as connection:
        while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:  # SQLite does not wait here by itself
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)


def _require_writable(database: Database) -> None:
    """Find out now, rather than at the first answer, that the file cannot be written."""
    with _raw_sqlite(database) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            # BEGIN IMMEDIATE passes on a read-only file in WAL mode; a statement that could write does not
            connection.execute(f"UPDATE {REVISION_TABLE} SET version_num = version_num WHERE 0")  # noqa: S608  a constant
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:  # busy: someone else is writing, so it can be written
                raise
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(database.busy_seconds * 1000)}")


@contextmanager
def _raw_sqlite(database: Database) -> Iterator[sqlite3.Connection]:
    """The driver's connection, outside any transaction, where PRAGMA statements take effect."""
    with database.explained():
        pooled = database.engine.raw_connection()
        try:
            connection = pooled.driver_connection
            if not isinstance(connection, sqlite3.Connection):
                raise TypeError("SQLite is spoken to through sqlite3")
            yield connection
        finally:
            pooled.close()
