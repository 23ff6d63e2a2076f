"""Merges another records database into a store: all of it or nothing, and the other one is only read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from xuefa.errors import Finding, RecordsError
from xuefa.records import rows
from xuefa.records.conflicts import index_by_id, require_same
from xuefa.records.connection import connect_file
from xuefa.records.corrections import Correction, parse_corrections, settle_session
from xuefa.records.record import Learner, Record, Session, Verb
from xuefa.records.schema import require_current
from xuefa.records.store import Store

_COPY_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class MergeSummary:
    """What a merge added, how many records were there already, and how many known sessions it put right."""

    records_added: int
    records_known: int
    learners_added: int
    sessions_added: int
    sessions_corrected: int


@dataclass(frozen=True)
class _Contents:
    origin: str
    records: tuple[Record, ...]
    learners: tuple[Learner, ...]
    sessions: tuple[Session, ...]


def merge_records(store: Store, other: Path | Store) -> MergeSummary:
    """Add to `store` the records, learners and sessions of `other` that it does not have.

    `other` is a SQLite records file, which is copied and never opened itself, or an open store. Of a session with two
    contents that corrections explain (`records.corrections`), the newest correction of each field counts, on whichever
    machine it was made: a content that was put right never comes back. Raises ConflictError if one id has two contents
    otherwise, RecordsError if the file is no records file, is older or newer than this code, is damaged
    or being written; nothing is written then.
    """
    if isinstance(other, Store):
        with other.reading() as connection:
            contents = _read(connection, origin=other.place)
    else:
        contents = _read_file(other)
    with store.writing() as connection:
        places = {"known_in": f"{store.place} 里", "fresh_in": f"{contents.origin} 里"}
        learners = _select_new_learners(rows.read_learners(connection), contents, places)
        known = rows.read_sessions(connection)
        sessions = _settle_sessions(known, contents, _read_corrections(connection, contents), places)
        rows.write_learners(connection, learners)
        rows.write_sessions(connection, sessions)
        records_added = rows.append_records(connection, contents.records, **places)
    corrected = len({one.session_id for one in known} & {one.session_id for one in sessions})
    return MergeSummary(
        records_added=records_added,
        records_known=len(contents.records) - records_added,
        learners_added=len(learners),
        sessions_added=len(sessions) - corrected,
        sessions_corrected=corrected,
    )


def _select_new_learners(known: tuple[Learner, ...], contents: _Contents, places: Mapping[str, str]) -> list[Learner]:
    """The learners that are not known; raise ConflictError if one is known with another content."""
    fresh = index_by_id(contents.learners, origin=contents.origin)
    require_same(known, fresh, **places)
    same = frozenset(known)
    return [learner for learner in contents.learners if learner not in same]


def _settle_sessions(
    known: tuple[Session, ...], contents: _Contents, corrections: Sequence[Correction], places: Mapping[str, str]
) -> list[Session]:
    """The sessions to write: new ones as they are, known ones as corrections say; raise ConflictError for others."""
    before = {session.session_id: session for session in known}
    fresh = index_by_id(contents.sessions, origin=contents.origin)
    settled = {
        session_id: settle_session(before.get(session_id, session), session, corrections)
        for session_id, session in fresh.items()
    }
    require_same(known, {one: fresh[one] for one, content in settled.items() if content is None}, **places)
    return [session for session in settled.values() if session and session != before.get(session.session_id)]


def _read_corrections(connection: Connection, contents: _Contents) -> tuple[Correction, ...]:
    """Those of both machines, oldest first."""
    ours = rows.read_records(connection, verbs={Verb.CORRECTED}, with_voided=True)
    return parse_corrections((*ours, *(one for one in contents.records if one.verb is Verb.CORRECTED)))


def _read_file(path: Path) -> _Contents:
    if not path.is_file():
        raise RecordsError(Finding(str(path), "找不到这个文件", "请检查文件名和所在的文件夹"))
    with tempfile.TemporaryDirectory(prefix="xuefa-merge-") as folder:
        copy = Path(folder) / "records.db"
        _copy_at_rest(path, copy)
        database = connect_file(copy, place=str(path), busy_seconds=0)
        try:
            require_current(database)
            with database.reading() as connection:
                _require_sound(connection, path)
                return _read(connection, origin=str(path))
        finally:
            database.close()


def _require_sound(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
        raise RecordsError(
            Finding(str(path), "文件已经损坏", "请从原来的电脑上重新拷贝一份；拷贝前先关闭学法程序，拷完再拔 U 盘")
        )


def _read(connection: Connection, *, origin: str) -> _Contents:
    return _Contents(
        origin=origin,
        records=rows.read_records(connection, with_voided=True),
        learners=rows.read_learners(connection),
        sessions=rows.read_sessions(connection),
    )


def _copy_at_rest(path: Path, copy: Path) -> None:
    """Copy the file and its write-ahead log, which may hold the last records; raise RecordsError if they change."""
    try:
        for _ in range(_COPY_TRIES):
            before = _look_of(path)
            shutil.copyfile(path, copy)
            if (log := _log_of(path)).exists():
                shutil.copyfile(log, _log_of(copy))
            if _look_of(path) == before:
                return
            _log_of(copy).unlink(missing_ok=True)
    except OSError:
        raise RecordsError(
            Finding(str(path), "读不出来", "请检查 U 盘是否插好、自己有没有读取权限，然后再试")
        ) from None
    raise RecordsError(Finding(str(path), "有程序正在往里写", "请先关闭正在使用它的程序，然后再合并"))


def _look_of(path: Path) -> tuple[tuple[int, int], ...]:
    return tuple(
        (stat.st_size, stat.st_mtime_ns) for part in (path, _log_of(path)) if part.exists() for stat in [part.stat()]
    )


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
