"""Earlier postings of a learner: who moved, left and came back, or was on long leave."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Everyone who is on the roster already has had one posting."""
    op.add_column("learners", sa.Column("earlier", sa.JSON, nullable=False, server_default="[]"))
