"""How a world's actors are carried, written at its first start."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Empty: the next start decides."""
    op.create_table(
        "placement",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("placed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("placement_pk")),
        comment="How actors of a kind are carried, packed or dedicated; decided at the first start.",
    )
