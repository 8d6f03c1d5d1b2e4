"""What staff did with a parked message, and which workers came back when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Everything that is parked now is still open."""
    op.add_column("parked", sa.Column("retry_key", sa.Text()))
    op.add_column("parked", sa.Column("done_at", sa.BigInteger()))
    op.add_column("parked", sa.Column("done_by", sa.Text()))
    op.add_column("parked", sa.Column("verdict", sa.Text()))
    op.create_table(
        "recoveries",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("life", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lost_us", sa.BigInteger(), nullable=False),
        sa.Column("back_us", sa.BigInteger()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("worker", "life", name=op.f("recoveries_pk")),
        comment="Lives of workers that ended: last heard, the next one first heard, and why.",
    )
