"""Whose numbers the partners' own records say, and whether a partner was read to its end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counterparts",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "native_id", "other"),
    )
    op.create_index("counterparts_named", "counterparts", ["other", "number"])
    op.create_index("links_by_number", "links", ["partner", "number"])
    op.add_column("partners", sa.Column("read_whole_at", sa.Text(), nullable=True))
