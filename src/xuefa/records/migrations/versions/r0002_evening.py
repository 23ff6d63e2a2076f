"""PINs, opened sessions and drafts: what changes in place and stays on this machine."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"

_UTC_DATETIME = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the three tables; what r0001 made stays as it is."""
    op.create_table(
        "pins",
        sa.Column("learner_id", sa.Text, sa.ForeignKey("learners.learner_id"), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("set_at", _UTC_DATETIME, nullable=False),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("locked_until", _UTC_DATETIME),
    )
    op.create_table(
        "openings",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.session_id"), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("opened_at", _UTC_DATETIME, nullable=False),
        sa.Column("closed_at", _UTC_DATETIME),
    )
    op.create_table(
        "drafts",
        sa.Column("learner_id", sa.Text, sa.ForeignKey("learners.learner_id"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("saved_at", _UTC_DATETIME, nullable=False),
    )
