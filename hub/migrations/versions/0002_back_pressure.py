"""Who stopped what, how long a partner is left alone, what may still be called of it, and first contacts signed off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name"),
    )
    op.create_table(
        "allowances",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("free_at", sa.Text(), nullable=True),
        sa.Column("window_at", sa.Text(), nullable=True),
        sa.Column("calls", BIG, nullable=False),
        sa.PrimaryKeyConstraint("partner"),
    )
    op.add_column("partners", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("partners", sa.Column("open_until", sa.Text(), nullable=True))
    op.add_column("partners", sa.Column("signed_off_at", sa.Text(), nullable=True))
    # A partner that was written to before there was a guard has had its first contact.
    op.execute("UPDATE partners SET signed_off_at = pushed_at WHERE pushed_at IS NOT NULL")
