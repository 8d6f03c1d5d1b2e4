"""The ledger's lines and its periods, and what balance each wallet's own actor says it has."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)

from storage.schema.naming import METADATA

APPEND_ONLY = "append_only"
"""In a table's `info`: what is in it stays, also when its projection is made again."""

ledger_lines = Table(
    "ledger_lines",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("fact", Text, nullable=False),
    Column("occurred_us", BigInteger, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("late_for", Integer),
    Column("operator", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("payment", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Index("ledger_lines_by_account", "account", "occurred_us"),
    Index("ledger_lines_by_session", "session", postgresql_where=text("session <> ''")),
    Index("ledger_lines_by_payment", "payment", postgresql_where=text("payment <> ''")),
    Index("ledger_lines_by_date", "business_date", "occurred_us"),
    comment="Lines of entries: debit +, credit −, fen; an entry is a fact's, and sums to zero. Only added to.",
    info={APPEND_ONLY: True},
)

closings = Table(
    "closings",
    METADATA,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("closed_us", BigInteger, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("closed_why", Text, nullable=False),
    Column("places", JSON, nullable=False),
    Column("reopened_us", BigInteger),
    Column("reopened_by", Text),
    Column("reopened_why", Text),
    Column("reopened_places", JSON(none_as_null=True)),
    comment="A period (202611) closed for the n-th time, at which places of the journal (slot → page); reopened.",
)

wallets = Table(
    "wallets",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("balance_fen", BigInteger, nullable=False),
    Column("balance_gift_fen", BigInteger, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("nth", Integer, nullable=False),
    comment="What an account's own actor last said its wallet has: the other half of a proof of the ledger.",
)
