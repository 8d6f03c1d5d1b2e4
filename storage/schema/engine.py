"""The engine's tables: written by cells only, except `reference`, which the desk writes and cells read."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from storage.schema.naming import METADATA

journal = Table(
    "journal",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("lease", BigInteger, nullable=False),
    Column("flight", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("era", Integer, primary_key=True, autoincrement=False),
    Column("next_era", Integer, nullable=False),
    comment="All turns of one slot in one commit; the primary key is the fence, for each page names the next era.",
    postgresql_partition_by="RANGE (era)",
)

snapshots = Table(
    "snapshots",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("fold", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="A slot's folded state after page seq; a cache, may be deleted at any time.",
)

slots = Table(
    "slots",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("cell", Text, nullable=False),
    Column("ref", Text),
    comment="Which cell should carry a slot; advice only. ref: the one actor of a dedicated slot.",
)

parked = Table(
    "parked",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("input", LargeBinary, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("ref", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    comment="Messages whose turn failed, kept for staff.",
)

reference = Table(
    "reference",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("effective_from", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Immutable, versioned configuration that turns read; effective_from decides, not arrival.",
)
