"""Raw frames as they came, and the tables that projections derive from facts."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Sequence, Table, Text, text

from storage.schema.naming import METADATA

frames = Table(
    "frames",
    METADATA,
    Column("id", BigInteger, Sequence("frames_id"), primary_key=True),
    Column("received_us", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("device", Text),
    Column("kind", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("frames_by_device", "device", "id"),
    Index("frames_by_outcome", "outcome", "id", postgresql_where=text("outcome <> 'accepted'")),
    comment="Every frame that ever arrived, and what became of it; kept for a while.",
    postgresql_partition_by="RANGE (received_us)",
)

frame_counts = Table(
    "frame_counts",
    METADATA,
    Column("outcome", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("last_us", BigInteger, nullable=False),
    comment="How many frames had each outcome; in the transaction that stores them.",
)

projected = Table(
    "projected",
    METADATA,
    Column("projection", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    comment="How far each projection has come in each slot; in the transaction of its rows.",
)

bay_states = Table(
    "bay_states",
    METADATA,
    Column("bay_id", Text, primary_key=True),
    Column("lot_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("since_us", BigInteger),
    Column("changed_us", BigInteger, nullable=False),
    Column("device_id", Text),
    comment="What a bay shows; since when it is taken or free, as its device saw it.",
)

device_states = Table(
    "device_states",
    METADATA,
    Column("device_id", Text, primary_key=True),
    Column("lot_id", Text, nullable=False, index=True),
    Column("last_seen_us", BigInteger),
    Column("battery_pct", Integer),
    Column("rssi_dbm", Integer),
    Column("lost", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("drift_us", BigInteger, nullable=False),
    Column("offline_since_us", BigInteger),
    Column("frames", BigInteger, nullable=False),
    Column("firmware", Text, nullable=False, server_default=""),
    Column("arm", Text, nullable=False, server_default=""),
    comment="How a device is: last heard when, its battery, its signal, frames lost and late.",
)

lot_counts = Table(
    "lot_counts",
    METADATA,
    Column("lot_id", Text, primary_key=True),
    Column("bay_type", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    comment="How many bays of a lot, of one type, show one state.",
)

occupancy = Table(
    "occupancy",
    METADATA,
    Column("place", Text, primary_key=True),
    Column("bucket_us", BigInteger, primary_key=True, autoincrement=False),
    Column("occupied", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    comment="Changes within five minutes; their running sums are levels, in whatever order slots come.",
)

passages = Table(
    "passages",
    METADATA,
    Column("fact_slot", Integer, primary_key=True, autoincrement=False),
    Column("fact_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("fact_index", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("verb", Text, nullable=False),
    Column("bay_id", Text, nullable=False),
    Column("lot_id", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("device_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("first", Boolean, nullable=False),
    Index("passages_by_at", "at"),
    Index("passages_by_lot_id", "lot_id", "at"),
    Index("passages_by_bay_id", "bay_id", "at"),
    comment="Every taken and freed, one row a fact; kept for a while.",
    postgresql_partition_by="RANGE (at)",
)
