"""What inspectors were told of vehicles that they asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """A new table: nobody has asked yet."""
    op.create_table(
        "plate_checks",
        *_text("id", "plate", "lot_id", "bay_id"),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("checked_us", sa.BigInteger(), nullable=False),
        *_text("who", "why", "session"),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("plate_checks_pk")),
        comment="Whether a vehicle might stand in a bay at a time, as an inspector was told, until when and why.",
    )
    op.create_index("plate_checks_by_time", "plate_checks", ["checked_us", "id"])
    op.create_index("plate_checks_by_plate", "plate_checks", ["plate", "checked_us"])


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
