"""When each partner was last read whole and compared with the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partners", sa.Column("reconciled_at", sa.Text(), nullable=True))
