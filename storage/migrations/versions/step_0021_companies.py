"""Whether a stay's vehicle is a company's; plates that owe are found without the stays that do not."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Stays from before were of no company's vehicle: nobody could say so."""
    op.add_column("sessions", sa.Column("company", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("sessions_by_owing_plate", "sessions", ["plate"], postgresql_where=sa.text("arrears_fen > 0"))
