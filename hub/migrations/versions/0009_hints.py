"""Which records are to be read again because a webhook named them, and which webhooks were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hints",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "native_id"),
    )
    op.create_index("hints_oldest", "hints", ["partner", "noted_at"])
    op.create_table(
        "webhooks",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "id"),
    )
    op.create_index("webhooks_oldest", "webhooks", ["partner", "seen_at"])
