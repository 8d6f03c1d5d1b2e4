"""Who runs the city just now: its gateways, which of them takes which frames, and which has made which run of a job."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text, false

from storage.schema.naming import METADATA

gateways = Table(
    "gateways",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("life", Text, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("division", Text, nullable=False),
    Column("signer", Text, nullable=False),
    comment="A gateway that lives until until_us unless it says so again; life: one process of that name.",
)

shares = Table(
    "shares",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("filters", Text, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=false()),
    Column("holder", Text, nullable=False, server_default=""),
    Column("life", Text, nullable=False, server_default=""),
    Column("until_us", BigInteger, nullable=False, server_default="0"),
    comment="A share of the devices' topics, its session at the broker, and the gateway that takes it until until_us.",
)

jobs = Table(
    "jobs",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("runner", Text, nullable=False, server_default=""),
    Column("until_us", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_due_us", BigInteger),
    Column("last_ended_us", BigInteger),
    Column("last_result", Text, nullable=False, server_default=""),
    comment="A job's next run, (name, due_us), who makes it until until_us, and how the last one ended.",
)
