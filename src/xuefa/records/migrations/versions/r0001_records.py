"""The four tables, and the triggers that keep `records` append-only."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None

_UTC_DATETIME = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")

_SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER records_refuse_update BEFORE UPDATE ON records
    BEGIN SELECT RAISE(ABORT, 'records is append-only'); END
    """,
    """
    CREATE TRIGGER records_refuse_delete BEFORE DELETE ON records
    BEGIN SELECT RAISE(ABORT, 'records is append-only'); END
    """,
    # INSERT OR REPLACE deletes the old row without asking the trigger above
    """
    CREATE TRIGGER records_refuse_replace BEFORE INSERT ON records
    WHEN EXISTS (SELECT 1 FROM records WHERE record_id = NEW.record_id)
    BEGIN SELECT RAISE(ABORT, 'records is append-only'); END
    """,
)
_POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION records_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'records is append-only'; END $$
    """,
    """
    CREATE TRIGGER records_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON records
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse_change()
    """,
)


def upgrade() -> None:
    """Make the first schema; there was none before it, and there is no way back."""
    op.create_table(
        "records",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("occurred_at", _UTC_DATETIME, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("learner_id", sa.Text),
        sa.Column("session_id", sa.Text),
        sa.Column("module", sa.SmallInteger),
        sa.Column("item_id", sa.Text),
        sa.Column("item_version", sa.Text),
        sa.Column("points", sa.Double),
        sa.Column("max_points", sa.Double),
        sa.Column("response", sa.Text),
        sa.Column("seconds", sa.Double),
        sa.Column("text", sa.Text),
        sa.Column("voids", sa.Uuid),
    )
    op.create_index("ix_records_occurred_at", "records", ["occurred_at"])
    op.create_index("ix_records_learner_verb", "records", ["learner_id", "verb"])
    op.create_index("ix_records_session", "records", ["session_id"])
    voiding = sa.text("voids IS NOT NULL")
    op.create_index("ix_records_voids", "records", ["voids"], sqlite_where=voiding, postgresql_where=voiding)
    op.create_table(
        "learners",
        sa.Column("learner_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("exam_eligible", sa.Boolean, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("laws", sa.JSON, nullable=False),
    )
    op.create_table(
        "expected",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.session_id"), primary_key=True),
        sa.Column("learner_id", sa.Text, sa.ForeignKey("learners.learner_id"), primary_key=True),
    )
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for trigger in _POSTGRESQL_TRIGGERS if on_postgresql else _SQLITE_TRIGGERS:
        op.execute(trigger)
