"""Barriers that people lifted, and the times in which all gates of a lot were forced open."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Both tables are new: the projector fills them from the first page on."""
    _gate_lifts()
    _emergencies()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _gate_lifts() -> None:
    op.create_table(
        "gate_lifts",
        sa.Column("slot", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("nth", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        *_text("lot_id", "lane", "person", "reason", "picture", "session"),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", name=op.f("gate_lifts_pk")),
        comment="A barrier that a person lifted: who, why, with which picture, for which stay.",
    )
    op.create_index("gate_lifts_by_time", "gate_lifts", ["at_us", "slot", "seq", "nth"])
    op.create_index("gate_lifts_by_person", "gate_lifts", ["person", "at_us"])


def _emergencies() -> None:
    op.create_table(
        "emergencies",
        *_text("lot_id"),
        sa.Column("from_us", sa.BigInteger(), nullable=False, autoincrement=False),
        *_text("person", "reason"),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        *_text("ended_by", "ended_why"),
        sa.PrimaryKeyConstraint("lot_id", "from_us", name=op.f("emergencies_pk")),
        comment="All gates of a lot were forced open from then until then: by whom, and why.",
    )
    op.create_index("emergencies_by_time", "emergencies", ["from_us", "lot_id"])
