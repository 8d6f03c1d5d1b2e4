"""Collectors at work: shifts, what they took and handed over; and what their devices sent, printed and reported."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text, text

from storage.schema.naming import METADATA, numbers, words


def _fact() -> list[Column[int]]:
    return [
        Column("slot", Integer, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("nth", Integer, primary_key=True, autoincrement=False),
    ]


shifts = Table(
    "shifts",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("collector", "name", "operator", "lots", "lost", "device"),
    *numbers("opened_us"),
    Column("opened_lon", Float, nullable=False),
    Column("opened_lat", Float, nullable=False),
    *words("opened_place", "opened_picture"),
    Column("closed_us", BigInteger),
    Column("closed_lon", Float, nullable=False),
    Column("closed_lat", Float, nullable=False),
    *words("closed_place", "closed_picture", "by", "why"),
    Index("shifts_by_collector", "collector", "opened_us", "id"),
    Index("shifts_by_opened", "opened_us", "id"),
    comment="Attendance: who worked where, when; lots (and those lost) joined by spaces; by: who ended it.",
)

takings = Table(
    "takings",
    METADATA,
    *_fact(),
    *words("collector", "shift", "session", "payment", "channel"),
    *numbers("fen", "at_us"),
    Column("late", Boolean, nullable=False),
    Index("takings_by_collector", "collector", "at_us"),
    Index("takings_by_shift", "shift"),
    comment="What a collector took (less than 0: gave back); late: after the shift was over.",
)

hand_overs = Table(
    "hand_overs",
    METADATA,
    *_fact(),
    *words("collector", "shift", "by", "operator"),
    *numbers("counted_fen", "expected_fen", "offered_us", "at_us"),
    Index("hand_overs_by_at", "at_us", "slot", "seq", "nth"),
    comment="Cash that a collector handed over; signed by the collector at offered_us, by the cashier at at_us.",
)

operations = Table(
    "operations",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    *words("who", "kind", "body", "outcome", "code", "details"),
    *numbers("at_us", "received_us"),
    Index("operations_by_received", "received_us"),
    comment="What a device did without a line and sent later; outcome is empty as long as it is being applied.",
)

device_files = Table(
    "device_files",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("who", "device", "name", "kind", "sha256"),
    *numbers("at_us"),
    Column("content", LargeBinary, nullable=False),
    Index("device_files_by_at", "at_us", "id"),
    comment="Logs and databases that devices uploaded, for whoever looks into a complaint.",
)

prints = Table(
    "prints",
    METADATA,
    Column("ticket", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    comment="How often a ticket of a kind was printed of one thing; more than once: copies.",
)

problems = Table(
    "problems",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("kind", "lot_id", "bay_id", "device_id", "note", "pictures", "who", "state", "decided_by", "decision"),
    *numbers("at_us"),
    Column("decided_us", BigInteger),
    Index("problems_by_at", "at_us", "id"),
    Index("problems_open", "at_us", "id", postgresql_where=text("state = 'open'")),
    comment="What people on the street report; a work order or a false report once somebody has decided.",
)

tries = Table(
    "tries",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("wrong", Integer, nullable=False),
    *numbers("last_us", "locked_until_us"),
    Index("tries_by_last", "last_us"),
    comment="Wrong passwords in a row, by the name they were tried with; locked: not even the right one helps.",
)
