"""Merging adds what is missing, once, all or nothing, and leaves the other database as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from tests.integration.records_values import make_learner, make_record, make_session, sqlite_url
from xuefa.errors import ConflictError, RecordsError
from xuefa.records import rows
from xuefa.records.merge import MergeSummary, merge_records
from xuefa.records.record import Record, Verb
from xuefa.records.store import Store, open_store

pytest_plugins = ["tests.integration.records_databases"]

FIXTURES = Path(__file__).parents[1] / "fixtures" / "records"
NOTHING_NEW = MergeSummary(records_added=0, records_known=3, learners_added=0, sessions_added=0, sessions_corrected=0)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A learner's own records file: two answers of which one is voided, two learners, a session."""
    path = tmp_path / "U盘" / "学员02.db"
    with open_store(sqlite_url(path)) as store:
        store.write_learners([make_learner("学员01"), make_learner("学员02")])
        store.write_sessions([make_session("夜学01", expected=frozenset({"学员01", "学员02"}))])
        voiding = make_record(9, verb=Verb.VOIDED, voids=make_record(1).record_id)
        store.append_records([make_record(1), make_record(2), voiding])
    return path


@pytest.fixture
def changed(other: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        yield connection


def contents_of(store: Store) -> tuple[object, ...]:
    return store.read_records(with_voided=True), store.read_learners(), store.read_sessions()


def test_a_merged_file_adds_everything_once(store: Store, other: Path) -> None:
    store.write_learners([make_learner("学员01")])
    store.append_records([make_record(1), make_record(5)])
    assert merge_records(store, other) == MergeSummary(
        records_added=2, records_known=1, learners_added=1, sessions_added=1, sessions_corrected=0
    )
    assert store.read_records() == (make_record(2), make_record(5))
    merged = contents_of(store)
    assert merge_records(store, other) == NOTHING_NEW
    assert contents_of(store) == merged


def test_an_open_store_is_merged_like_a_file(store: Store, other: Path) -> None:
    with open_store(sqlite_url(other)) as opened:
        assert merge_records(store, opened).records_added == 3
        assert contents_of(store) == contents_of(opened)


def test_a_store_merged_with_itself_is_unchanged(other: Path) -> None:
    with open_store(sqlite_url(other)) as opened:
        assert merge_records(opened, other) == NOTHING_NEW
        assert merge_records(opened, opened) == NOTHING_NEW


def test_the_other_file_and_its_folder_are_left_as_they_were(store: Store, other: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in other.parent.iterdir()}
    merge_records(store, other)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in other.parent.iterdir()} == before


def test_what_still_stands_in_the_write_ahead_log_is_merged_too(store: Store, other: Path, tmp_path: Path) -> None:
    stick = tmp_path / "带日志"
    stick.mkdir()
    with closing(sqlite3.connect(other, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute(
            "INSERT INTO records (record_id, verb, occurred_at, source)"
            " VALUES ('018f0000000070008000000000000001', 'presented', 1646134200000000, 'ledger')"
        )
        for path in other.parent.glob("*.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, stick)
    assert (stick / "学员02.db-wal").stat().st_size > 0
    assert merge_records(store, stick / "学员02.db").records_added == 4


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE learners SET name = '王五' WHERE learner_id = '学员01'", "学员 学员01.*姓名 张三.*姓名 王五"),
        ("UPDATE sessions SET minutes = 90", "学习活动 夜学01.*时长（分钟） 60.*时长（分钟） 90"),
        ("DELETE FROM expected WHERE learner_id = '学员02'", "学习活动 夜学01.*应到人员 学员01、学员02"),
    ],
)
def test_one_id_with_another_content_is_refused_and_nothing_is_written(
    store: Store, other: Path, changed: sqlite3.Connection, statement: str, said: str
) -> None:
    merge_records(store, other)
    store.append_records([make_record(7)])
    before = contents_of(store)
    changed.execute(statement)
    changed.execute("INSERT INTO learners VALUES ('学员03', '赵六', '司法所', '', '2022-01-01', NULL, 0, '[]')")
    with pytest.raises(ConflictError, match=said) as caught:
        merge_records(store, other)
    assert str(other) in str(caught.value)
    assert store.place in str(caught.value)
    assert contents_of(store) == before


def test_one_record_with_another_content_is_refused_and_nothing_is_written(store: Store, other: Path) -> None:
    store.append_records([make_record(2, points=0.0)])
    with pytest.raises(ConflictError, match=r"得分 0\.0.*得分 1\.0") as caught:
        merge_records(store, other)
    assert caught.value.findings[0].place == f"记录 {make_record(2).record_id}"
    assert str(other) in str(caught.value)
    assert contents_of(store) == ((make_record(2, points=0.0),), (), ())


def test_a_learner_of_another_file_whose_id_is_a_path_is_refused(
    store: Store, other: Path, changed: sqlite3.Connection
) -> None:
    changed.execute("INSERT INTO learners VALUES ('../../x', '赵六', '司法所', '', '2022-01-01', NULL, 0, '[]')")
    with pytest.raises(RecordsError, match=r"学员 \.\./\.\./x"):
        merge_records(store, other)
    assert contents_of(store) == ((), (), ())


def test_a_newer_file_is_refused(store: Store, other: Path, changed: sqlite3.Connection) -> None:
    changed.execute("UPDATE xuefa_revision SET version_num = 'r9999'")
    with pytest.raises(RecordsError, match="数据库比程序新"):
        merge_records(store, other)
    assert contents_of(store) == ((), (), ())


def test_a_file_without_records_tables_is_refused_and_not_migrated(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(RecordsError, match="没有学法的记录"):
        merge_records(store, path)
    assert path.read_bytes() == b""


def test_a_file_that_is_no_database_is_refused(store: Store) -> None:
    with pytest.raises(RecordsError, match="不是数据库，或者已经损坏") as caught:
        merge_records(store, FIXTURES / "not_a_database.db")
    assert caught.value.findings[0].place == str(FIXTURES / "not_a_database.db")


def test_a_missing_file_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="找不到这个文件"):
        merge_records(store, tmp_path / "没有.db")


def test_a_damaged_file_is_refused(store: Store, other: Path) -> None:
    content = bytearray(other.read_bytes())
    content[4096 * 2 :] = os.urandom(len(content) - 4096 * 2)
    other.write_bytes(content)
    with pytest.raises(RecordsError, match="损坏"):
        merge_records(store, other)
    assert contents_of(store) == ((), (), ())


def test_a_record_whose_kind_this_code_does_not_know_is_refused(
    store: Store, other: Path, changed: sqlite3.Connection
) -> None:
    changed.execute(
        "INSERT INTO records (record_id, verb, occurred_at, source)"
        " VALUES ('018f0000000070008000000000000001', 'teleported', 1646134200000000, 'ledger')"
    )
    with pytest.raises(RecordsError, match="记录 018f0000-0000-7000-8000-000000000001：里面有本程序不认识的内容"):
        merge_records(store, other)
    assert contents_of(store) == ((), (), ())


def test_a_learner_that_only_the_store_knows_stays(store: Store, other: Path) -> None:
    merge_records(store, other)
    store.write_learners([make_learner("学员03", until=date(2022, 9, 30))])
    assert merge_records(store, other) == NOTHING_NEW
    with store.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM learners")) == 3


def test_many_records_are_merged_a_few_at_a_time_and_counted_in_all(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living: weakref.WeakSet[Record] = weakref.WeakSet()
    most = 0

    def read_row(row: Row[Any]) -> Record:
        nonlocal most
        record = make_of_row(row)
        living.add(record)
        most = max(most, len(living))
        return record

    with open_store(sqlite_url(tmp_path / "另一台.db")) as many:
        many.append_records(make_record(number) for number in range(500))
        store.append_records(make_record(number) for number in range(0, 500, 2))
        make_of_row = rows._record
        monkeypatch.setattr(rows, "_record", read_row)
        monkeypatch.setattr(rows, "_CHUNK", 10)
        summary = merge_records(store, many)
    assert (summary.records_added, summary.records_known) == (250, 250)
    assert 10 <= most <= 60
    monkeypatch.undo()
    assert store.read_records() == tuple(make_record(number) for number in range(500))


def test_of_many_contradictions_the_first_are_named_and_all_are_counted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_CHUNK", 10)
    store.append_records(make_record(number) for number in range(5, 35))
    before = contents_of(store)
    with open_store(sqlite_url(tmp_path / "另一台.db")) as many:
        many.append_records(make_record(number, points=0.5) for number in range(40))
        with pytest.raises(ConflictError) as caught:
            merge_records(store, many)
    *named, rest = caught.value.findings
    assert [one.place for one in named] == [f"记录 {make_record(number).record_id}" for number in range(5, 25)]
    assert rest.fault == "还有 10 处同样的矛盾"
    assert contents_of(store) == before
