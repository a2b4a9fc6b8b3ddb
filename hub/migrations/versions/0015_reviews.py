"""How often a person was asked about what waits, and when last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parked", sa.Column("asked", sa.Integer(), server_default="0", nullable=False))
    op.add_column("parked", sa.Column("asked_at", sa.Text(), nullable=True))
