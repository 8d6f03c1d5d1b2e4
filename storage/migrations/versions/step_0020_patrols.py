"""What patrols report of vehicles that stand wrongly or unpaid."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """A new table: there are no reports yet."""
    op.create_table(
        "inspections",
        *_text("id", "kind", "lot_id", "bay_id", "number", "plate", "colour"),
        sa.Column("confidence_pct", sa.Integer(), nullable=False),
        *_text("layout", "note", "session", "pictures", "device_id", "who"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("inspections_pk")),
        comment="A vehicle that stood wrongly or unpaid: plate, bay, pictures (ids, one space between), who saw it.",
    )
    op.create_index("inspections_by_time", "inspections", ["at_us", "id"])
    op.create_index("inspections_by_plate", "inspections", ["plate", "at_us"])


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
