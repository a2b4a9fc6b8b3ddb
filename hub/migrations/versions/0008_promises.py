"""How far each reader of the entries has read, and when each open case's promises are to be looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readers",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("seq", BIG, nullable=False),
    )
    op.create_table(
        "promises",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("look_at", sa.Text(), nullable=False),
    )
    op.create_index("promises_to_look_at", "promises", ["look_at"])
