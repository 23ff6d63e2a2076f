"""What was acknowledged is there, whoever is killed and however many write at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.records_values import make_record, sqlite_url
from xuefa.records.store import open_store

pytest_plugins = ["tests.integration.records_databases"]

_SCRIPTS = Path(__file__).parents[1] / "fixtures" / "records"


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, _SCRIPTS / script, *arguments], stdout=subprocess.PIPE, text=True)


def test_every_acknowledged_record_survives_sigkill(database_url: str) -> None:
    acknowledged = []
    for name in ("first", "second", "third"):
        with start("append_one_by_one.py", database_url, name, "1000000") as process:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().split()[0] for _ in range(40)]
            process.kill()
            acknowledged += [line.split()[0] for line in process.stdout if line.endswith("\n")]
    with open_store(database_url) as store:
        kept = {str(record.record_id) for record in store.read_records()}
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 3


def test_an_append_that_is_killed_leaves_nothing_of_it(database_url: str) -> None:
    open_store(database_url).close()
    with start("append_at_once.py", database_url, "60000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "appending\n"
        process.kill()
        assert process.stdout.read() == ""
    with open_store(database_url) as store:
        assert store.read_records() == ()
        assert store.append_records([make_record(1)]) == 1


def test_many_processes_append_at_once_and_nothing_is_lost_or_doubled(database_url: str) -> None:
    names = [f"学员{number:02}" for number in range(6)]
    own = [start("append_one_by_one.py", database_url, name, "25") for name in names]
    shared = [start("append_one_by_one.py", database_url, "学员99", "25") for _ in range(3)]
    added = 0
    for process in own + shared:
        shown = process.communicate()[0]
        assert process.returncode == 0
        added += sum(int(line.split()[1]) for line in shown.splitlines())
    with open_store(database_url) as store:
        kept = store.read_records()
    assert added == len(kept) == 7 * 25
    assert {record.learner_id for record in kept} == {*names, "学员99"}


def test_a_sqlite_commit_is_synchronous_and_does_not_wait_for_readers(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path / "xuefa.db")) as store, store.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM records")).scalar() == 0
        assert store.append_records([make_record(1)]) == 1


def test_the_one_sqlite_file_is_complete_while_it_is_still_open(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path / "xuefa.db")) as store:
        store.append_records([make_record(1)])
        (tmp_path / "stick.db").write_bytes((tmp_path / "xuefa.db").read_bytes())
        with open_store(sqlite_url(tmp_path / "stick.db")) as copy:
            assert copy.read_records() == (make_record(1),)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_store_goes_on_after_the_server_dropped_its_connections(database_url: str) -> None:
    with open_store(database_url) as store, open_store(database_url) as other:
        with store.reading() as connection:
            process_id = connection.scalar(text("SELECT pg_backend_pid()"))
        with other.reading() as connection:
            assert connection.scalar(text("SELECT pg_terminate_backend(:id)"), {"id": process_id})
        assert store.append_records([make_record(1)]) == 1
