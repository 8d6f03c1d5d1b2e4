"""What patrols leave behind: inspection records, and every check whether a vehicle may stand where it does."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from storage.schema.naming import METADATA


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


inspections = Table(
    "inspections",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("kind", "lot_id", "bay_id", "number", "plate", "colour"),
    Column("confidence_pct", Integer, nullable=False),
    *_text("layout", "note", "session", "pictures", "device_id", "who"),
    Column("at_us", BigInteger, nullable=False),
    Index("inspections_by_time", "at_us", "id"),
    Index("inspections_by_plate", "plate", "at_us"),
    comment="A vehicle that stood wrongly or unpaid: plate, bay, pictures (ids, one space between), who saw it.",
)
