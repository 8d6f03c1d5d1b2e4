"""What is known of plates and given to them, as lists need it: lists, claims, passes, campaigns."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from storage.schema.naming import METADATA, numbers, words

listings = Table(
    "listings",
    METADATA,
    Column("plate", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    *words("list"),
    *numbers("from_us", "until_us"),
    *words("lots", "reason", "person"),
    *numbers("at_us"),
    Index("listings_by_list", "list", "plate", "id"),
    comment="A plate on a list (black, white, disabled), from until (0: for good), in some lots or all.",
)

plate_claims = Table(
    "plate_claims",
    METADATA,
    Column("plate", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    *words("holder", "evidence", "state", "person", "reason"),
    *numbers("at_us", "decided_us"),
    Index("plate_claims_by_state", "state", "plate", "account"),
    comment="An account that claims another's plate: open, accepted or refused, by whom and why.",
)

passes = Table(
    "passes",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("state", "rule", "operator", "plates", "replacements", "lots", "groups", "account", "holder", "phone"),
    *words("source", "person"),
    Column("rule_version", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    *numbers("fen", "offer_fen", "offer_until_us", "issued_us", "from_us", "until_us", "refund_fen"),
    *words("end_reason", "ended_by"),
    *numbers("changed_us"),
    Index("passes_by_account", "account", "id"),
    Index("passes_by_end", "until_us", "id"),
    comment="A pass: whose, for which plates, where and until when; sums in fen.",
)

pass_changes = Table(
    "pass_changes",
    METADATA,
    Column("pass", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    *words("what", "was", "now", "person", "reason"),
    *numbers("at_us"),
    comment="Who changed a pass's plates, and put which car in whose place.",
)

campaigns = Table(
    "campaigns",
    METADATA,
    Column("id", Text, primary_key=True),
    *words("name", "kind", "code"),
    Column("terms", LargeBinary, nullable=False),
    Column("off", Boolean, nullable=False),
    *numbers("issued", "changed_us"),
    comment="A campaign: its terms, and how many coupons it has given out.",
)
