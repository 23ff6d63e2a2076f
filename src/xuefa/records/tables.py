"""The tables of the records database and the types that give the same values back on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.types import TypeEngine

REVISION_TABLE = "xuefa_revision"
"""Where the revision of the schema stands; a name of our own, so that no other Alembic database is taken for ours."""

REVISIONS = ("r0001", "r0002", "r0003")
"""Every revision of the schema, oldest first; the last is what this code reads and writes."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time to the microsecond: microseconds since 1970 on SQLite, `timestamptz` on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            utc: datetime = value.astimezone(UTC)
            return utc
        return EPOCH + timedelta(microseconds=value)


metadata = MetaData()

records = Table(
    "records",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("verb", Text, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("learner_id", Text),
    Column("session_id", Text),
    Column("module", SmallInteger),
    Column("item_id", Text),
    Column("item_version", Text),
    Column("points", Double),
    Column("max_points", Double),
    Column("response", Text),
    Column("seconds", Double),
    Column("text", Text),
    Column("voids", Uuid),
)
"""What happened, append-only: triggers refuse UPDATE and DELETE. Its columns are the fields of `Record`."""

Index("ix_records_occurred_at", records.c.occurred_at)
Index("ix_records_learner_verb", records.c.learner_id, records.c.verb)
Index("ix_records_session", records.c.session_id)
Index(
    "ix_records_voids",
    records.c.voids,
    sqlite_where=records.c.voids.is_not(None),
    postgresql_where=records.c.voids.is_not(None),
)

learners = Table(
    "learners",
    metadata,
    Column("learner_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("exam_eligible", Boolean, nullable=False),
    Column("earlier", JSON, nullable=False),
)
"""The roster; `earlier` lists the postings before the present one as [since, until, unit, post], dates in ISO 8601."""

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("laws", JSON, nullable=False),
)

expected = Table(
    "expected",
    metadata,
    Column("session_id", ForeignKey("sessions.session_id"), primary_key=True),
    Column("learner_id", ForeignKey("learners.learner_id"), primary_key=True),
)
"""Who was expected (应到) at which session."""

pins = Table(
    "pins",
    metadata,
    Column("learner_id", ForeignKey("learners.learner_id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("locked_until", UtcDateTime),
)
"""PINs, hashed. This and the next two tables change in place and stay on this machine: no merge, export or report."""

openings = Table(
    "openings",
    metadata,
    Column("session_id", ForeignKey("sessions.session_id"), primary_key=True),
    Column("code", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
"""Which sessions were opened for signing in, and their codes."""

drafts = Table(
    "drafts",
    metadata,
    Column("learner_id", ForeignKey("learners.learner_id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)
"""What learners have written and not handed in."""
