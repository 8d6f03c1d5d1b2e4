"""Who published a version of reference data, when, and why: people ask before they change a tariff."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Versions that are there already were published by nobody knows whom."""
    op.add_column("reference", sa.Column("at", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("reference", sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("reference", sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False))
