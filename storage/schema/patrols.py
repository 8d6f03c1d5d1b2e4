"""What patrols leave behind: inspection records, and every check whether a vehicle may stand where it does."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from storage.schema.naming import METADATA, words

inspections = Table(
    "inspections",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("kind", "lot_id", "bay_id", "number", "plate", "colour"),
    Column("confidence_pct", Integer, nullable=False),
    *words("layout", "note", "session", "pictures", "device_id", "who"),
    Column("at_us", BigInteger, nullable=False),
    Index("inspections_by_time", "at_us", "id"),
    Index("inspections_by_plate", "plate", "at_us"),
    comment="A vehicle that stood wrongly or unpaid: plate, bay, pictures (ids, one space between), who saw it.",
)

plate_checks = Table(
    "plate_checks",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("plate", "lot_id", "bay_id"),
    Column("lon", Float),
    Column("lat", Float),
    Column("at_us", BigInteger, nullable=False),
    Column("checked_us", BigInteger, nullable=False),
    *words("who", "why", "session"),
    Column("allowed", Boolean, nullable=False),
    Column("until_us", BigInteger),
    Column("due_fen", BigInteger, nullable=False),
    Index("plate_checks_by_time", "checked_us", "id"),
    Index("plate_checks_by_plate", "plate", "checked_us"),
    comment="Whether a vehicle might stand in a bay at a time, as an inspector was told, until when and why.",
)
