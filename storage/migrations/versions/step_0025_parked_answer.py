"""What the actor answered when a parked message was told to it again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Of those told again before, the audit alone knows it."""
    op.add_column("parked", sa.Column("answer", sa.Text()))
