"""Reservations and shared bays as lists need them."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from storage.schema.naming import METADATA, numbers, words

reservations = Table(
    "reservations",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("account", "lot_id", "bay_id", "plate", "state", "why", "operator"),
    *numbers("from_us", "until_us", "deposit_fen"),
    *words("deposit", "payment"),
    *numbers("asked_us", "changed_us"),
    Index("reservations_by_lot", "lot_id", "id"),
    comment="Whose, which bay, from when until when; what became of its deposit (held, returned or kept).",
)

bay_shares = Table(
    "bay_shares",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("lot_id", "bay_id", "owner", "state", "asked"),
    Column("body", LargeBinary, nullable=False),
    *words("person", "reason"),
    *numbers("changed_us"),
    Index("bay_shares_by_owner", "owner", "id"),
    comment="A bay that its owner shares or wants to: what staff decided last, and what he asks for now.",
)
