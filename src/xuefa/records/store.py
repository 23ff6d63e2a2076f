"""The store: the records database of one township, opened by URL; what is appended never changes again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from sqlalchemy import Connection

from xuefa.errors import Finding, RecordsError
from xuefa.records import evening, rows
from xuefa.records.connection import Database, connect_database
from xuefa.records.evening import Draft, Opening, Pin
from xuefa.records.record import Learner, Record, Session, Verb
from xuefa.records.schema import require_schema

if TYPE_CHECKING:
    from xuefa.records.columns import RecordColumns


def open_store(url: str, *, busy_seconds: float = 8) -> Store:
    """Open the records database at `url`; make it, its folder and its schema, or upgrade the schema, where needed.

    `url` is `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`. A write waits up to `busy_seconds` for
    other writers. Raises RecordsError: locked, read-only, newer than this code, not a records database, unreachable.
    """
    database = connect_database(url, busy_seconds=busy_seconds)
    if database.file:
        try:
            database.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise RecordsError(
                Finding(str(database.file.parent), "建不了这个文件夹", "请检查上级文件夹是否存在、自己有没有写入权限")
            ) from None
    try:
        require_schema(database)
    except BaseException:
        database.close()
        raise
    return Store(database)


class Store:
    """An open records database; `open_store` makes one. Every method raises RecordsError if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def place(self) -> str:
        """The file, or the URL without its password."""
        return self._database.place

    def append_records(self, records: Iterable[Record]) -> int:
        """Append in one transaction and return how many were new; once it returns they are on disk.

        A record that is already there adds nothing. Raises ConflictError if an id is there, or comes twice, with two
        contents; BadInputError for text that no database keeps. Nothing is written then.
        """
        with self.writing() as connection:
            return rows.append_records(connection, records)

    def read_records(
        self,
        *,
        verbs: Collection[Verb] | None = None,
        learner_id: str | None = None,
        session_id: str | None = None,
        module: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        with_voided: bool = False,
    ) -> tuple[Record, ...]:
        """The records that fit every given condition, ordered by `occurred_at`, then `record_id`.

        `since` and `until` are aware times; `since` itself belongs to the span, `until` does not. Voided records and
        the voiding ones are left out unless `with_voided`; voiding a voiding record brings the first one back.
        """
        with self.reading() as connection:
            return rows.read_records(
                connection,
                verbs=verbs,
                learner_id=learner_id,
                session_id=session_id,
                module=module,
                since=since,
                until=until,
                with_voided=with_voided,
            )

    def find_records(self, ids: Iterable[UUID]) -> dict[UUID, Record]:
        """The records of these ids, voided ones too; an id that is not there is left out."""
        with self.reading() as connection:
            return {record.record_id: record for record in rows.find_records(connection, sorted(ids))}

    def stream_records(
        self, *, since: datetime, until: datetime, session_ids: Collection[str] = (), verbs: Collection[Verb] = ()
    ) -> Iterator[Record]:
        """The records from `since` (aware) until before `until`, and those of these sessions or verbs of any time.

        One at a time, voided ones and those that take back included, ordered as `read_records` does: a year may hold
        millions.
        """
        with self.reading() as connection:
            yield from rows.stream_records(connection, since=since, until=until, session_ids=session_ids, verbs=verbs)

    def read_columns(
        self, *, since: datetime, until: datetime, look: Callable[[], None] | None = None
    ) -> RecordColumns:
        """The answers from `since` (aware) until before `until`, and every other record, as columns; no voided ones.

        The way to read a whole year: an answer takes 48 bytes, and no value is made of it. `look` is called time and
        again meanwhile; what it raises ends the reading.
        """
        from xuefa.records.columns import read_columns  # noqa: PLC0415  numpy is loaded only where a year is read

        with self.reading() as connection:
            return read_columns(connection, since=since, until=until, look=look)

    def write_learners(self, learners: Iterable[Learner]) -> None:
        """Add learners, or replace those of the same id; the others stay. Raises ConflictError, BadInputError."""
        with self.writing() as connection:
            rows.write_learners(connection, learners)

    def read_learners(self) -> tuple[Learner, ...]:
        """All learners ever on the roster, by id."""
        with self.reading() as connection:
            return rows.read_learners(connection)

    def write_sessions(self, sessions: Iterable[Session]) -> None:
        """Add sessions, or replace those of the same id; the others stay.

        Raises BadInputError if somebody expected is not on the roster, ConflictError if an id comes with two contents.
        """
        with self.writing() as connection:
            rows.write_sessions(connection, sessions)

    def read_sessions(self) -> tuple[Session, ...]:
        """All sessions, by day, then id."""
        with self.reading() as connection:
            return rows.read_sessions(connection)

    def remove_session(self, session_id: str) -> None:
        """Remove a session made by mistake, which may have been corrected.

        Raises BadInputError if any other record, voided ones too, belongs to it.
        """
        with self.writing() as connection:
            rows.remove_session(connection, session_id)

    def read_pin(self, learner_id: str) -> Pin | None:
        """The PIN of a learner, None if none is set; `records.pins` sets and asks for it."""
        with self.reading() as connection:
            return evening.read_pin(connection, learner_id)

    def read_pin_holders(self) -> dict[str, datetime]:
        """When the learners who have a PIN set it, by learner id; aware times."""
        with self.reading() as connection:
            return evening.read_pin_holders(connection)

    def write_pin(self, pin: Pin) -> None:
        """Keep the PIN in place of the learner's earlier one."""
        with self.writing() as connection:
            evening.write_pin(connection, pin)

    def remove_pin(self, learner_id: str) -> bool:
        """Forget the PIN of a learner, who sets a new one at the next use; False if there was none."""
        with self.writing() as connection:
            return evening.remove_pin(connection, learner_id)

    def read_openings(self) -> tuple[Opening, ...]:
        """All openings, closed ones too, by time of opening, then session."""
        with self.reading() as connection:
            return evening.read_openings(connection)

    def write_opening(self, opening: Opening) -> None:
        """Keep the opening in place of an earlier one of the same session."""
        with self.writing() as connection:
            evening.write_opening(connection, opening)

    def read_draft(self, learner_id: str, key: str) -> Draft | None:
        """The draft of that learner under that key, None if there is none."""
        with self.reading() as connection:
            return evening.read_draft(connection, learner_id, key)

    def write_draft(self, draft: Draft, *, based_on: int) -> Draft:
        """Keep the draft if revision `based_on` (0: none) is still the kept one; gives it back with its new revision.

        The same text sent again gives back the kept draft. Raises StaleDraftError, with the newer draft, if another
        page has written meanwhile; BadInputError for text that no database keeps. Nothing is written then.
        """
        with self.writing() as connection:
            return evening.write_draft(connection, draft, based_on=based_on)

    def remove_draft(self, learner_id: str, key: str) -> None:
        """Forget a draft, for one that was handed in."""
        with self.writing() as connection:
            evening.remove_draft(connection, learner_id, key)

    def reading(self) -> AbstractContextManager[Connection]:
        """One read transaction, for the rest of this room."""
        return self._database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """One write transaction, for the rest of this room: all or nothing."""
        return self._database.writing()

    def close(self) -> None:
        """Close all connections; the store is not to be used afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
