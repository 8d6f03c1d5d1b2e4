"""A passage says whether anything was known of its bay before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """What was made of facts is made of them again: the projector begins at their first page."""
    op.execute(sa.text("DELETE FROM passages"))
    op.execute(sa.text("DELETE FROM projected WHERE projection = 'passages'"))
    op.add_column("passages", sa.Column("first", sa.Boolean(), nullable=False))
