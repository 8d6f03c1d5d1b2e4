"""Indexes of what comes thousands of times a second carry no more than finds it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Passages of one microsecond are few and put in order when they are read; accepted frames are nearly all."""
    for name, columns in (
        ("passages_by_at", ["at"]),
        ("passages_by_lot_id", ["lot_id", "at"]),
        ("passages_by_bay_id", ["bay_id", "at"]),
    ):
        op.drop_index(name, "passages")
        op.create_index(name, "passages", columns)
    op.drop_index("frames_by_outcome", "frames")
    op.create_index("frames_by_outcome", "frames", ["outcome", "id"], postgresql_where=sa.text("outcome <> 'accepted'"))
