"""The schema is made and upgraded by Alembic from inside the package: whole or not at all, by one process at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text

import xuefa.records
from tests.integration.records_values import START, make_record, make_session, sqlite_url
from xuefa.errors import RecordsError
from xuefa.records import rows
from xuefa.records.connection import connect_database, connect_file
from xuefa.records.evening import Draft
from xuefa.records.store import Store, open_store
from xuefa.records.tables import REVISION_TABLE, REVISIONS, metadata

pytest_plugins = ["tests.integration.records_databases"]

_OPEN = "import sys; from xuefa.records.store import open_store; open_store(sys.argv[1]).close()"


def test_the_code_knows_exactly_the_revisions_of_the_package() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(xuefa.records.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS


def test_the_migrated_schema_is_the_one_of_the_tables(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": REVISION_TABLE, "compare_type": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_a_schema_half_made_leaves_nothing_and_is_made_at_the_next_opening(database_url: str) -> None:
    def fail_at_sessions(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE sessions" in statement:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", fail_at_sessions)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_store(database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", fail_at_sessions)
    database = connect_database(database_url, busy_seconds=1)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()
    with open_store(database_url) as store:
        assert store.read_records() == ()


def test_a_database_of_the_first_revision_is_upgraded_and_keeps_what_it_holds(database_url: str) -> None:
    make_first_revision(database_url)
    with open_store(database_url) as store:
        assert store.read_records() == (make_record(1),)
        assert [(learner.learner_id, learner.since) for learner in store.read_learners()] == [
            ("学员01", date(2022, 1, 1))
        ]
        assert store.read_sessions() == (make_session("s1", expected=frozenset({"学员01"})),)
        draft = Draft(learner_id="学员01", key="reflection:1", text="初稿", saved_at=START)
        assert store.write_draft(draft, based_on=0).revision == 1


def test_an_upgrade_cut_short_leaves_the_first_revision_as_it_was(database_url: str) -> None:
    def fail_at_drafts(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE drafts" in statement:
            raise KeyboardInterrupt

    make_first_revision(database_url)
    event.listen(Engine, "before_cursor_execute", fail_at_drafts)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_store(database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", fail_at_drafts)
    database = connect_database(database_url, busy_seconds=1)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM xuefa_revision")) == "r0001"
        assert "pins" not in inspect(connection).get_table_names()
        assert rows.read_records(connection) == (make_record(1),)
    database.close()


def make_first_revision(database_url: str) -> None:
    """A database as the first release made it, with a learner, a session and a record."""
    database = connect_database(database_url, busy_seconds=1)
    if database.file:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    with database.writing() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(xuefa.records.__file__).parent / "migrations"))
        command.upgrade(config, "r0001")
        connection.execute(
            text("INSERT INTO learners VALUES ('学员01', '学员01', '党政办', '主任', '2022-01-01', NULL, false)")
        )
        rows.write_sessions(connection, [make_session("s1", expected=frozenset({"学员01"}))])
        rows.append_records(connection, [make_record(1)])
    database.close()


def test_many_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", _OPEN, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0)] * 6


def test_a_schema_is_made_without_any_program_on_the_path(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "100%" / "xuefa.db")
    environment = {name: value for name, value in os.environ.items() if name != "PATH"}
    subprocess.run([sys.executable, "-c", _OPEN, url], check=True, cwd=tmp_path, env={**environment, "PATH": ""})
    with open_store(url) as store, store.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM xuefa_revision")) == REVISIONS[-1]


def test_an_up_to_date_database_is_opened_without_alembic_and_pandas(database_url: str) -> None:
    open_store(database_url).close()
    code = f"{_OPEN}; print(sorted({{'alembic', 'pandas', 'openpyxl'}} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code, database_url], check=True, capture_output=True, text=True)
    assert shown.stdout == "[]\n"


def test_a_database_newer_than_the_code_is_refused_and_left_as_it_was(database_url: str) -> None:
    with open_store(database_url) as store, store.writing() as connection:
        connection.execute(text("UPDATE xuefa_revision SET version_num = 'r9999'"))
    with pytest.raises(RecordsError, match="数据库比程序新（数据库结构 r9999") as caught:
        open_store(database_url)
    assert "更新到最新版本" in caught.value.findings[0].fix
    database = connect_database(database_url, busy_seconds=1)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM xuefa_revision")) == "r9999"
    database.close()


# On SQLite the reader's lock keeps the other process out until the look is over.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_schema_made_by_another_process_between_two_looks_is_not_taken_for_a_strangers(database_url: str) -> None:
    looks: list[str] = []

    def let_another_in(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "pg_class" in statement and not looks:
            looks.append(statement)
            subprocess.run([sys.executable, "-c", _OPEN, database_url], check=True)

    event.listen(Engine, "after_cursor_execute", let_another_in)
    try:
        open_store(database_url).close()
    finally:
        event.remove(Engine, "after_cursor_execute", let_another_in)
    assert len(looks) == 1


def test_a_roster_of_the_first_schema_is_kept_when_the_schema_is_upgraded(tmp_path: Path) -> None:
    file = tmp_path / "xuefa.db"
    database = connect_file(file, place=str(file), busy_seconds=1)
    with database.writing() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(xuefa.records.__file__).parent / "migrations"))
        command.upgrade(config, "r0001")
        connection.exec_driver_sql(
            "INSERT INTO learners VALUES ('学员01', '学员01', '党政办', '', '2022-01-01', NULL, 1)"
        )
    database.close()

    with open_store(sqlite_url(file)) as store:
        (learner,) = store.read_learners()
    assert (learner.learner_id, learner.unit, learner.since, learner.earlier) == (
        "学员01",
        "党政办",
        date(2022, 1, 1),
        (),
    )
