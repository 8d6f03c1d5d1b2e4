"""Reservations and shared bays as lists need them."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from storage.schema.naming import METADATA


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


reservations = Table(
    "reservations",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("account", "lot_id", "bay_id", "plate", "state", "why", "operator"),
    *_number("from_us", "until_us", "deposit_fen"),
    *_text("deposit", "payment"),
    *_number("asked_us", "changed_us"),
    Index("reservations_by_lot", "lot_id", "id"),
    comment="Whose, which bay, from when until when; what became of its deposit (held, returned or kept).",
)

bay_shares = Table(
    "bay_shares",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("lot_id", "bay_id", "owner", "state", "asked"),
    Column("body", LargeBinary, nullable=False),
    *_text("person", "reason"),
    *_number("changed_us"),
    Index("bay_shares_by_owner", "owner", "id"),
    comment="A bay that its owner shares or wants to: what staff decided last, and what he asks for now.",
)
