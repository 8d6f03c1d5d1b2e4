"""What happened at gates: vehicles that lanes saw, barriers that people lifted, gates forced open for an emergency."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from storage.schema.naming import METADATA, words

gate_lifts = Table(
    "gate_lifts",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    *words("lot_id", "lane", "person", "reason", "picture", "session"),
    Index("gate_lifts_by_time", "at_us", "slot", "seq", "nth"),
    Index("gate_lifts_by_person", "person", "at_us"),
    comment="A barrier that a person lifted: who, why, with which picture, for which stay.",
)

lane_passages = Table(
    "lane_passages",
    METADATA,
    Column("lot_id", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("entering", Boolean, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    *words("plate", "outcome", "why", "session", "picture"),
    Index("lane_passages_by_time", "seen_us", "lot_id", "lane", "n"),
    Index("lane_passages_by_plate", "plate", "seen_us"),
    comment="A vehicle that a lane saw: the plate as it was read, its picture, whether it passed or not.",
)

emergencies = Table(
    "emergencies",
    METADATA,
    Column("lot_id", Text, primary_key=True),
    Column("from_us", BigInteger, primary_key=True, autoincrement=False),
    *words("person", "reason"),
    Column("until_us", BigInteger),
    *words("ended_by", "ended_why"),
    Index("emergencies_by_time", "from_us", "lot_id"),
    comment="All gates of a lot were forced open from then until then: by whom, and why.",
)
