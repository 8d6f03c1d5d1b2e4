"""The engine's tables: written by cells, but for `reference` (the desk's), `recoveries`, a parked row's verdict, and
the rows of `outside`, which envoys carry out."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

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

absent = Table(
    "absent",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("held", LargeBinary, nullable=False),
    comment="Actors that left their slots' memory, as they were after page seq; the only place where they are.",
)

slots = Table(
    "slots",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("cell", Text, nullable=False),
    Column("ref", Text, unique=True),
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
    Column("retry_key", Text),
    Column("done_at", BigInteger),
    Column("done_by", Text),
    Column("verdict", Text),
    Column("answer", Text),
    comment="Messages whose turn failed, kept for staff.",
)

outside = Table(
    "outside",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("ref", Text, nullable=False),
    Column("port", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("owner", Text, nullable=False, server_default=text("''")),
    Column("held_until", BigInteger, nullable=False, server_default=text("0")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Index("outside_by_port", "port", "held_until"),
    comment="What actors asked of the outside and have no answer to; held by an envoy, or resting after an error.",
)

recoveries = Table(
    "recoveries",
    METADATA,
    Column("worker", Text, primary_key=True),
    Column("life", BigInteger, primary_key=True, autoincrement=False),
    Column("lost_us", BigInteger, nullable=False),
    Column("back_us", BigInteger),
    Column("why", Text),
    comment="Lives of workers that ended: last heard, the next one first heard, and why.",
)

reference = Table(
    "reference",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("effective_from", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False, server_default=text("0")),
    Column("who", Text, nullable=False, server_default=text("''")),
    Column("note", Text, nullable=False, server_default=text("''")),
    comment="Immutable, versioned configuration that turns read; effective_from decides, not arrival.",
)
