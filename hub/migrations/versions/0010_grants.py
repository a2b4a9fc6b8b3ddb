"""Tokens that a partner gave in the place of the one that its connection holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", sa.Text(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("claim_at", sa.Text(), nullable=True),
        sa.Column("claim_until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection"),
    )
