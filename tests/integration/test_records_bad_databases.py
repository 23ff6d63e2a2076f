"""A database that cannot be used is refused in Chinese, with the place and the fix, and is left as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.integration.records_values import POSTGRES_URL, make_record, sqlite_url
from tests.parts import require_part
from xuefa.errors import RecordsError
from xuefa.records.store import open_store

FIXTURES = Path(__file__).parents[1] / "fixtures" / "records"
_NOBODY = 65534
_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that every user of the machine can reach; `tmp_path` of root is closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may write everything; within this block root is nobody."""
    if _IS_ROOT:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if _IS_ROOT:
            os.seteuid(0)


def faults_of(action: Callable[[], object]) -> str:
    with pytest.raises(RecordsError) as caught:
        action()
    [finding] = caught.value.findings
    return str(finding)


def make_database(folder: Path) -> Path:
    path = folder / "xuefa.db"
    with open_store(sqlite_url(path)) as store:
        store.append_records([make_record(1)])
    return path


def test_a_write_to_a_locked_database_is_refused_and_succeeds_once_it_is_free(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    with (
        open_store(sqlite_url(path), busy_seconds=0.2) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        said = faults_of(lambda: store.append_records([make_record(2)]))
        assert said.startswith(path.as_posix())
        assert "数据库正被别的程序占用" in said
        assert store.read_records() == (make_record(1),)
        other.execute("ROLLBACK")
        assert store.append_records([make_record(2)]) == 1


def test_a_database_can_be_opened_and_read_while_another_process_writes(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with open_store(sqlite_url(path), busy_seconds=0.2) as store:
            assert store.read_records() == (make_record(1),)


def test_a_new_database_that_another_program_has_locked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "xuefa.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "数据库正被别的程序占用" in faults_of(lambda: open_store(sqlite_url(path), busy_seconds=0.2))
        other.execute("ROLLBACK")
    open_store(sqlite_url(path)).close()


def test_a_read_only_file_is_refused(open_dir: Path) -> None:
    path = make_database(open_dir)
    before = path.read_bytes()
    path.chmod(0o444)
    open_dir.chmod(0o777)
    with ordinary_user():
        said = faults_of(lambda: open_store(sqlite_url(path)))
    assert "只读" in said
    assert path.read_bytes() == before


def test_a_read_only_folder_is_refused(open_dir: Path) -> None:
    path = make_database(open_dir)
    path.chmod(0o666)
    open_dir.chmod(0o555)
    with ordinary_user():
        said = faults_of(lambda: open_store(sqlite_url(path)))
    assert "读写权限" in said or "只读" in said


def test_a_read_only_file_without_a_schema_is_refused(open_dir: Path) -> None:
    path = open_dir / "xuefa.db"
    path.touch()
    path.chmod(0o444)
    open_dir.chmod(0o777)
    with ordinary_user():
        assert "只读" in faults_of(lambda: open_store(sqlite_url(path)))
    assert path.read_bytes() == b""


def test_a_folder_that_cannot_be_made_is_refused(open_dir: Path) -> None:
    open_dir.chmod(0o555)
    with ordinary_user():
        assert "建不了这个文件夹" in faults_of(lambda: open_store(sqlite_url(open_dir / "data" / "xuefa.db")))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    assert "数据库打不开" in faults_of(lambda: open_store(sqlite_url(tmp_path)))


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = Path(shutil.copy(FIXTURES / "not_a_database.db", tmp_path))
    assert "不是数据库，或者已经损坏" in faults_of(lambda: open_store(sqlite_url(path)))
    assert path.read_bytes() == (FIXTURES / "not_a_database.db").read_bytes()


def test_a_database_with_damaged_pages_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert "已经损坏" in faults_of(lambda: open_store(sqlite_url(path)))


def test_the_database_of_another_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE assignment (id TEXT)")
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
    before = path.read_bytes()
    said = faults_of(lambda: open_store(sqlite_url(path)))
    assert "别的程序的数据库（里面有 alembic_version、assignment 等表）" in said
    assert path.read_bytes() == before


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    with open_store(sqlite_url(make_database(tmp_path))) as store:
        with store.reading() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))  # SQLite's own way to a full disk
        said = faults_of(lambda: store.append_records(make_record(number) for number in range(5000)))
        assert "磁盘已满" in said
        assert store.read_records() == (make_record(1),)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("这不是地址", "写法不对"),
        ("", "写法不对"),
        ("mysql://root@localhost/xuefa", "不支持 mysql"),
        ("sqlite://", "没有写数据库文件的名字"),
        ("sqlite:///:memory:", "没有写数据库文件的名字"),
    ],
)
def test_a_url_that_keeps_nothing_is_refused(url: str, fault: str) -> None:
    assert fault in faults_of(lambda: open_store(url))


def test_a_server_that_does_not_answer_is_said_without_the_password() -> None:
    said = faults_of(lambda: open_store("postgresql://zhang:secret@127.0.0.1:1/xuefa"))
    assert said.startswith("postgresql+psycopg://zhang:***@127.0.0.1:1/xuefa：连不上 PostgreSQL")
    assert "secret" not in said


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["xuefa_test", "no_such_database"])
def test_a_server_that_refuses_is_said_without_the_password(database: str) -> None:
    require_part("PostgreSQL (XUEFA_TEST_POSTGRES_URL)", found=bool(POSTGRES_URL))
    url = make_url(POSTGRES_URL).set(username="nobody_here", password="wrong-secret", database=database)  # noqa: S106
    said = faults_of(lambda: open_store(url.render_as_string(hide_password=False)))
    assert "连不上 PostgreSQL" in said
    assert "wrong-secret" not in said
