"""Which report went to whom, for which due time; what managers decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailings",
        sa.Column("subscription", sa.Text(), primary_key=True),
        sa.Column("due_at", sa.Text(), primary_key=True),
        sa.Column("target", sa.Text(), primary_key=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Text()),
        sa.Column("error", sa.Text(), nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("before", sa.Double()),
        sa.Column("expected", sa.Double()),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
    )
