"""The register's tables: written by the desk only, each row with the version that a change must name."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)

from storage.schema.naming import METADATA

city = Table(
    "city",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("bounds", JSON, nullable=False),
    Column("body", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
    comment="One row: what the city is called, its time zone, its bounds (west, south, east, north).",
)

regions = Table(
    "regions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

roads = Table(
    "roads",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("region_id", Text, ForeignKey("regions.id"), nullable=False, index=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
    comment="lines: a list of lines, each a list of [longitude, latitude].",
)

lots = Table(
    "lots",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("road_id", Text, ForeignKey("roads.id"), nullable=False, index=True),
    Column("region_id", Text, ForeignKey("regions.id"), nullable=False, index=True),
    Column("operator", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("street", Boolean, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("version", BigInteger, nullable=False),
    comment="An off-street lot, or a section of a street (street = true).",
)

bays = Table(
    "bays",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("lot_id", Text, ForeignKey("lots.id"), nullable=False, index=True),
    Column("bay_type", Text, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("bearing", Float),
    Column("charging", Boolean, nullable=False, server_default=false()),
    Column("version", BigInteger, nullable=False),
    comment="bearing: degrees clockwise from north along which a vehicle stands, if it is known.",
)

devices = Table(
    "devices",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lot_id", Text, ForeignKey("lots.id"), nullable=False, index=True),
    Column("bay_id", Text, ForeignKey("bays.id"), index=True),
    Column("heartbeat_us", BigInteger, nullable=False),
    Column("debounce_us", BigInteger, nullable=False),
    Column("secret", Text),
    Column("bays", ARRAY(Text), nullable=False, server_default="{}"),
    Column("version", BigInteger, nullable=False),
    comment="What watches a bay or a lot; heartbeat: it reports at least this often.",
)

lanes = Table(
    "lanes",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("lot_id", Text, ForeignKey("lots.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("camera_id", Text, ForeignKey("devices.id")),
    Column("barrier_id", Text, ForeignKey("devices.id")),
    Column("screen_id", Text, ForeignKey("devices.id")),
    Column("version", BigInteger, nullable=False),
    comment="Where a car passes a barrier: in, out, or both ways.",
)

audit = Table(
    "audit",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("what", Text, nullable=False, index=True),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    comment="Who changed which record from what to what; in the transaction of the change.",
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("ref_kind", Text, nullable=False),
    Column("ref_key", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("delivered", Boolean, nullable=False, server_default=false()),
    Index("outbox_waiting", "id", postgresql_where=text("NOT delivered")),
    comment="What the desk has to tell actors; in the transaction of the change.",
)
