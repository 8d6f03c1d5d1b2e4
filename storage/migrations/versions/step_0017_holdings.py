"""Reservations and shared bays as lists need them; bays that can charge a vehicle."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """The tables are new: the projector fills them from the first page on."""
    op.create_table(
        "reservations",
        *_text("id", "account", "lot_id", "bay_id", "plate", "state", "why", "operator"),
        *_number("from_us", "until_us", "deposit_fen"),
        *_text("deposit", "payment"),
        *_number("asked_us", "changed_us"),
        sa.PrimaryKeyConstraint("id", name=op.f("reservations_pk")),
        comment="Whose, which bay, from when until when; what became of its deposit (held, returned or kept).",
    )
    op.create_index("reservations_by_lot", "reservations", ["lot_id", "id"])
    op.create_table(
        "bay_shares",
        *_text("id", "lot_id", "bay_id", "owner", "state", "asked"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *_text("person", "reason"),
        *_number("changed_us"),
        sa.PrimaryKeyConstraint("id", name=op.f("bay_shares_pk")),
        comment="A bay that its owner shares or wants to: what staff decided last, and what he asks for now.",
    )
    op.create_index("bay_shares_by_owner", "bay_shares", ["owner", "id"])
    op.add_column("bays", sa.Column("charging", sa.Boolean(), nullable=False, server_default=sa.false()))


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
