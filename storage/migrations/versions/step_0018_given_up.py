"""Who gave up what a stay owed, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Stays that were written off before keep it empty: their facts say it."""
    for name in ("given_up_why", "given_up_by"):
        op.add_column("sessions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
