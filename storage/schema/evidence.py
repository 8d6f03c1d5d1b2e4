"""Pictures and video: what is being uploaded, which contents are kept, and what each is of."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from storage.schema.naming import METADATA

uploads = Table(
    "uploads",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("who", Text, nullable=False, index=True),
    Column("said", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("part_bytes", Integer, nullable=False),
    Column("taken_bytes", BigInteger, nullable=False, server_default="0"),
    Column("touched_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger),
    comment="An upload under way: how much of it is stored in parts; closed_us: nobody may go on with it.",
)

blobs = Table(
    "blobs",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("media", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("touched_us", BigInteger, nullable=False),
    comment="A content that the store keeps, or is about to: its row is there first, and goes last.",
)

evidence = Table(
    "evidence",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, ForeignKey(blobs.c.sha256), nullable=False, index=True),
    Column("taken_us", BigInteger, nullable=False),
    Column("stored_us", BigInteger, nullable=False, index=True),
    Column("about_kind", Text, nullable=False),
    Column("about_key", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("report", Text, nullable=False),
    Index("evidence_by_about", "about_kind", "about_key", "taken_us", "id"),
    comment="A picture or video: of which content, what it shows of what, by what device, who brought it, when.",
)
