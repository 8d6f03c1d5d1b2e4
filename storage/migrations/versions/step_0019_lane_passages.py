"""Vehicles that lanes saw."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """The table is new: the projector fills it from the first page on."""
    op.create_table(
        "lane_passages",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("entering", sa.Boolean(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("plate", "outcome", "why", "session", "picture")),
        sa.PrimaryKeyConstraint("lot_id", "lane", "n", name=op.f("lane_passages_pk")),
        comment="A vehicle that a lane saw: the plate as it was read, its picture, whether it passed or not.",
    )
    op.create_index("lane_passages_by_time", "lane_passages", ["seen_us", "lot_id", "lane", "n"])
    op.create_index("lane_passages_by_plate", "lane_passages", ["plate", "seen_us"])
