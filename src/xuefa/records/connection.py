"""The connection to the records database: its URL, its safety settings, and its errors said in Chinese."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from xuefa.errors import Finding, RecordsError

_CONNECT_SECONDS = 5
_WRITING = "xuefa_writing"
_POSTGRESQL_LOCK = 0x7875656661  # “xuefa”, for the writers of one server's database to take turns by
_URL_FIX = "请写成 sqlite:///文件夹/xuefa.db 或 postgresql://用户:密码@主机:端口/库名"

_LOCKED = (
    "数据库正被别的程序占用，等了一会儿还没有轮到",
    "请等正在进行的导入结束，或者关闭打开着它的数据库查看软件，然后再试",
)
_READ_ONLY = (
    "数据库是只读的，不能写入",
    "请去掉文件的只读属性，或者把它放到可以写入的文件夹（不要放在光盘、只读的 U 盘或别人的文件夹里）",
)
_NO_ACCESS = ("数据库打不开", "请检查文件夹是否存在、这个名字是不是文件夹、自己有没有读写权限")
_NOT_A_DATABASE = ("这个文件不是数据库，或者已经损坏", "请检查文件名；确实是学法的数据时，请换上最近的备份")
_NO_SPACE = ("磁盘已满，没有写入", "请清理磁盘后再试")
_DISK_ERROR = ("磁盘读写出错", "请检查磁盘或 U 盘是否完好、是否被拔出，然后再试")
_UNREACHABLE = (
    "连不上 PostgreSQL",
    "请确认服务器已经启动，并检查数据库地址里的主机、端口、库名、用户名和密码",
)

_SQLITE_FAULTS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _NO_ACCESS,
    sqlite3.SQLITE_CANTOPEN: _NO_ACCESS,
    sqlite3.SQLITE_NOTADB: _NOT_A_DATABASE,
    sqlite3.SQLITE_CORRUPT: _NOT_A_DATABASE,
    sqlite3.SQLITE_FULL: _NO_SPACE,
    sqlite3.SQLITE_IOERR: _DISK_ERROR,
}
# https://www.postgresql.org/docs/15/errcodes-appendix.html
_POSTGRESQL_FAULTS = {
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "25006": _READ_ONLY,
    "42501": ("这个用户没有权限", "请让 PostgreSQL 管理员给这个用户建表和读写的权限"),
    "53100": _NO_SPACE,
    "57P01": _UNREACHABLE,
    "57P02": _UNREACHABLE,
    "57P03": _UNREACHABLE,
}


@dataclass(frozen=True)
class Database:
    """A database to speak to; `place` is its file or its URL without the password, `file` None on PostgreSQL."""

    engine: Engine
    place: str
    file: Path | None
    busy_seconds: float

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read transaction; raises RecordsError."""
        with self.explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction: committed when the block ends, undone if it raises; raises RecordsError.

        Writers take turns, so what one reads within it stays true until it ends; readers never wait.
        """
        with (
            self.explained(),
            self.engine.connect().execution_options(**{_WRITING: True}) as connection,
            connection.begin(),
        ):
            if self.file is None:
                connection.execute(select(func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
            yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database says into a RecordsError."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            fault, fix = _explain(getattr(error, "orig", None) or error)
            raise RecordsError(Finding(self.place, fault, fix)) from error

    def close(self) -> None:
        self.engine.dispose()


def connect_database(text: str, *, busy_seconds: float) -> Database:
    """The database at that URL; its writes wait up to `busy_seconds` for their turn and are on disk once committed.

    Nothing is opened yet. Raises RecordsError if the URL names neither a SQLite file nor a PostgreSQL database.
    """
    url = _parse_url(text)
    if url.drivername == "sqlite" and url.database:
        return connect_file(Path(url.database), place=url.database, busy_seconds=busy_seconds)
    engine = create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS}, pool_pre_ping=True)

    def set_up_postgresql(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.execute(f"SET lock_timeout = {round(busy_seconds * 1000)}")
        dbapi_connection.commit()

    event.listen(engine, "connect", set_up_postgresql)
    return Database(engine, url.render_as_string(hide_password=True), None, busy_seconds)


def connect_file(file: Path, *, place: str, busy_seconds: float) -> Database:
    """The SQLite database in that file, called `place` in messages."""
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, place, file, busy_seconds)


def _parse_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise RecordsError(Finding("数据库地址", "写法不对", _URL_FIX)) from None
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise RecordsError(Finding("数据库地址", f"不支持 {url.drivername}", _URL_FIX))
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise RecordsError(Finding("数据库地址", "没有写数据库文件的名字", _URL_FIX))
    return url


def _explain(cause: BaseException) -> tuple[str, str]:
    said = next(iter(str(cause).splitlines()), "")
    if isinstance(cause, sqlite3.Error):
        known = _SQLITE_FAULTS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    else:
        state = getattr(cause, "sqlstate", None)
        known = _POSTGRESQL_FAULTS.get(state or "")
        if known is None and state is None and type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}:
            known = (f"{_UNREACHABLE[0]}（{said}）", _UNREACHABLE[1])
    return known or (f"数据库报错（{said}）", "没有写入任何内容；请把这条信息告诉维护人员")


def _set_up_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # transactions begin where _begin_sqlite says, DDL included
    dbapi_connection.execute("PRAGMA foreign_keys = ON")
    dbapi_connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    # each commit goes on into the main file at once, so that the one file people copy to a stick is complete
    dbapi_connection.execute("PRAGMA wal_autocheckpoint = 1")


def _begin_sqlite(connection: Connection) -> None:
    # a writer takes its turn at the start: a reader that turns writer later could be refused without waiting
    is_writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
