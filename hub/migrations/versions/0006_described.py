"""When each partner's own description was last compared with the one that is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partners", sa.Column("described_at", sa.Text(), nullable=True))
