"""Merges another records database into a store: all of it or nothing, and the other one is only read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from xuefa.errors import Finding, RecordsError
from xuefa.records import rows
from xuefa.records.conflicts import Contradictions, index_by_id, require_same
from xuefa.records.connection import connect_file
from xuefa.records.corrections import Correction, parse_corrections, settle_session
from xuefa.records.record import Learner, Session, Verb
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

    @property
    def text(self) -> str:
        """The counts in one sentence of Chinese."""
        corrected = f"，按更正改了学习活动 {self.sessions_corrected} 次" if self.sessions_corrected else ""
        return (
            f"新增 {self.records_added} 条记录，已有 {self.records_known} 条；"
            f"新增学员 {self.learners_added} 人，学习活动 {self.sessions_added} 次{corrected}。"
        )


def merge_records(store: Store, other: Path | Store) -> MergeSummary:
    """Add to `store` the records, learners and sessions of `other` that it does not have.

    `other` is a SQLite records file, which is copied and never opened itself, or an open store. Its records are read
    and written a few at a time in one transaction, so that memory does not grow with their number. Of a session with
    two contents that corrections explain (`records.corrections`), the newest correction of each field counts, on
    whichever machine it was made: a content that was put right never comes back. Raises ConflictError if one id has two
    contents otherwise, RecordsError if the file is no records file, is older or newer than this code, is damaged or
    being written; nothing is written then.
    """
    with _reading(other) as (source, origin), store.writing() as connection:
        places = {"known_in": f"{store.place} 里", "fresh_in": f"{origin} 里"}
        learners = _select_new_learners(rows.read_learners(connection), rows.read_learners(source), places)
        known = rows.read_sessions(connection)
        corrections = _read_corrections(connection, source)
        sessions = _settle_sessions(known, rows.read_sessions(source), corrections, places)
        rows.write_learners(connection, learners)
        rows.write_sessions(connection, sessions)
        contradictions = Contradictions(**places)
        records = records_added = 0
        for some in rows.stream_all_records(source):
            records += len(some)
            fresh = index_by_id(some, origin=places["fresh_in"])
            records_added += rows.append_new_records(connection, fresh, contradictions)
        contradictions.require_none()
    corrected = len({one.session_id for one in known} & {one.session_id for one in sessions})
    return MergeSummary(
        records_added=records_added,
        records_known=records - records_added,
        learners_added=len(learners),
        sessions_added=len(sessions) - corrected,
        sessions_corrected=corrected,
    )


def _select_new_learners(
    known: tuple[Learner, ...], learners: tuple[Learner, ...], places: Mapping[str, str]
) -> list[Learner]:
    """The learners that are not known; raise ConflictError if one is known with another content."""
    require_same(known, index_by_id(learners, origin=places["fresh_in"]), **places)
    same = frozenset(known)
    return [learner for learner in learners if learner not in same]


def _settle_sessions(
    known: tuple[Session, ...],
    sessions: tuple[Session, ...],
    corrections: Sequence[Correction],
    places: Mapping[str, str],
) -> list[Session]:
    """The sessions to write: new ones as they are, known ones as corrections say; raise ConflictError for others."""
    before = {session.session_id: session for session in known}
    fresh = index_by_id(sessions, origin=places["fresh_in"])
    settled = {
        session_id: settle_session(before.get(session_id, session), session, corrections)
        for session_id, session in fresh.items()
    }
    require_same(known, {one: fresh[one] for one, content in settled.items() if content is None}, **places)
    return [session for session in settled.values() if session and session != before.get(session.session_id)]


def _read_corrections(*connections: Connection) -> tuple[Correction, ...]:
    """Those of all machines, oldest first."""
    return parse_corrections(
        record
        for connection in connections
        for record in rows.read_records(connection, verbs={Verb.CORRECTED}, with_voided=True)
    )


@contextmanager
def _reading(other: Path | Store) -> Iterator[tuple[Connection, str]]:
    """A read transaction on the other database, and where its contents stand."""
    if isinstance(other, Store):
        with other.reading() as connection:
            yield connection, other.place
        return
    if not other.is_file():
        raise RecordsError(Finding(str(other), "找不到这个文件", "请检查文件名和所在的文件夹"))
    with tempfile.TemporaryDirectory(prefix="xuefa-merge-") as folder:
        copy = Path(folder) / "records.db"
        _copy_at_rest(other, copy)
        database = connect_file(copy, place=str(other), busy_seconds=0)
        try:
            require_current(database)
            with database.reading() as connection:
                _require_sound(connection, other)
                yield connection, str(other)
        finally:
            database.close()


def _require_sound(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
        raise RecordsError(
            Finding(str(path), "文件已经损坏", "请从原来的电脑上重新拷贝一份；拷贝前先关闭学法程序，拷完再拔 U 盘")
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
