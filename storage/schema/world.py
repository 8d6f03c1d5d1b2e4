"""What a world has decided about itself for good."""

from sqlalchemy import Column, Table, Text

from storage.schema.naming import METADATA

placement = Table(
    "placement",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("placed", Text, nullable=False),
    comment="How actors of a kind are carried, packed or dedicated; decided at the first start.",
)
