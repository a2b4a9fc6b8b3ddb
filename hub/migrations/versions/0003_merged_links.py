"""A record that its people merged into another one is no counterpart of its case any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LINKED = sa.text("state NOT IN ('parked', 'merged')")


def upgrade() -> None:
    op.drop_index("one_counterpart_a_partner", table_name="links")
    op.create_index(
        "one_counterpart_a_partner",
        "links",
        ["case_id", "partner"],
        unique=True,
        sqlite_where=LINKED,
        postgresql_where=LINKED,
    )
