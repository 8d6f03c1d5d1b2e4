"""Lanes: where a car passes a barrier, and which devices stand there."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """A lane belongs to a lot; its devices may be missing."""
    devices = [
        sa.Column(name, sa.Text(), sa.ForeignKey("devices.id", name=op.f(f"lanes_{name}_devices_fk")), nullable=True)
        for name in ("camera_id", "barrier_id", "screen_id")
    ]
    op.create_table(
        "lanes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), sa.ForeignKey("lots.id", name=op.f("lanes_lot_id_lots_fk")), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        *devices,
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("lanes_pk")),
        comment="Where a car passes a barrier: in, out, or both ways.",
    )
    op.create_index(op.f("lanes_by_lot_id"), "lanes", ["lot_id"])
