"""A table of those who left their slots' memory, since nothing is expected of them any more."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """A new table: nobody has left yet."""
    op.create_table(
        "absent",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "kind", "key", name=op.f("absent_pk")),
        comment="Actors that left their slots' memory, as they were after page seq; the only place where they are.",
    )
