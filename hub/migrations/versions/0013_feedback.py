"""Askings for feedback, each with its link's single use; corrective actions; a customer's cases by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "askings",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text()),
        sa.UniqueConstraint("case_id", "round", name="one_asking_a_round"),
    )
    op.create_table(
        "correctives",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began_at", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Text()),
        sa.Column("ended_at", sa.Text()),
    )
    op.create_index("correctives_of_case", "correctives", ["case_id"])
    op.create_index("correctives_open", "correctives", ["state", "due_at"])
    op.create_index("cases_of_subject", "cases", ["subject", "opened_at"])
