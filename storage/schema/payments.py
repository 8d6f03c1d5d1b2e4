"""Payments with outside providers as people look them up, and what claimed to be a provider's word and was not."""

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from storage.schema.naming import METADATA

payments = Table(
    "payments",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("refunding_fen", BigInteger, nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Column("payer", Text, nullable=False),
    Column("openid", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("paid_us", BigInteger, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("bank", Text, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    Index("payments_by_started", "started_us", "id"),
    Index("payments_by_channel", "channel", "started_us", "id"),
    Index("payments_by_openid", "openid", "started_us", "id"),
    comment="Every attempt with a provider: what was asked, how it stands, what went back, what staff have to look at.",
)

refused_notifications = Table(
    "refused_notifications",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="What claimed to be a provider's notification and moved nothing, and why; the newest ten thousand.",
)
