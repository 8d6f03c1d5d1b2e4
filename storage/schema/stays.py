"""Sessions as lists need them: one row a stay, and what belongs to it several times."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, text

from storage.schema.naming import METADATA, maybe, numbers, words

sessions = Table(
    "sessions",
    METADATA,
    Column("session", Text, primary_key=True),
    *words("lot_id", "bay_id", "state", "operator", "mode"),
    Column("street", Boolean, nullable=False),
    *numbers("entry_us"),
    *maybe("exit_us"),
    *words("source", "device_id", "person", "lane", "exit_source", "exit_device_id", "exit_person", "exit_lane"),
    *words("plate", "colour", "plate_class", "list", "list_why", "account", "passes", "cover"),
    Column("disabled", Boolean, nullable=False),
    *words("tariff"),
    Column("tariff_version", Integer, nullable=False),
    *numbers("charge_fen", "off_fen", "got_fen", "excess_fen", "prepaid_fen", "returned_fen", "returned_excess_fen"),
    *numbers("written_off_fen", "arrears_fen", "arrears_got_fen", "arrears_off_fen", "due_fen"),
    *maybe("arrears_us"),
    *numbers("covers_until_us"),
    Column("offs", LargeBinary, nullable=False),
    Column("quote", LargeBinary, nullable=False),
    *words("free_why", "waived_why", "waived_by", "void_why", "void_by", "flags"),
    *numbers("lost"),
    Column("reminded", Integer, nullable=False),
    *numbers("changed_us"),
    Column("owes_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("owes", BigInteger, nullable=False, server_default=text("0")),
    Column("exit_remote", Boolean, nullable=False, server_default=text("false")),
    *(Column(name, Text, nullable=False, server_default=text("''")) for name in ("given_up_why", "given_up_by")),
    Column("company", Boolean, nullable=False, server_default=text("false")),
    Index("sessions_by_entry", "entry_us", "session"),
    Index("sessions_by_exit", "exit_us", "session", postgresql_where=text("exit_us IS NOT NULL")),
    Index("sessions_by_lot", "lot_id", "entry_us", "session"),
    Index("sessions_by_plate", "plate", "entry_us", postgresql_where=text("plate <> ''")),
    Index("sessions_by_account", "account", "entry_us", postgresql_where=text("account <> ''")),
    Index("sessions_by_place", "lot_id", "session", postgresql_where=text("exit_us IS NULL AND void_why = ''")),
    Index("sessions_by_exit_person", "exit_person", "exit_us", postgresql_where=text("exit_person <> ''")),
    Index("sessions_by_flag", "entry_us", "session", postgresql_where=text("flags <> ''")),
    Index("sessions_by_arrears", "arrears_us", "session", postgresql_where=text("arrears_us IS NOT NULL")),
    Index("sessions_by_owing_plate", "plate", postgresql_where=text("arrears_fen > 0")),
    comment="A stay: whose, where, when, what it cost, what came and what is owed; sums in fen.",
)

session_plates = Table(
    "session_plates",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    *words("plate", "colour", "plate_class", "source", "device_id", "person"),
    Column("confidence_pct", Integer, nullable=False),
    Column("taken", Boolean, nullable=False),
    *numbers("at_us"),
    Index("session_plates_by_person", "person", "at_us"),
    comment="Every word on a stay's plate, and whether it was taken as the stay's.",
)

session_payments = Table(
    "session_payments",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("payment", Text, primary_key=True),
    *words("channel", "payer", "person", "shift", "provider_ref", "operator", "lot_id"),
    Column("offline", Boolean, nullable=False),
    *numbers("paid_us", "fen", "arrears_fen", "excess_fen", "returned_fen", "returned_excess_fen"),
    Index("session_payments_by_paid", "paid_us", "session", "payment"),
    comment="What came for a stay by one payment, and how much of it went back.",
)

session_flags = Table(
    "session_flags",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    *words("detail"),
    *numbers("at_us"),
    *maybe("cleared_us"),
    *words("cleared_by", "note"),
    comment="Why a stay needs a person (its last flag of each kind), and who has looked.",
)

session_evidence = Table(
    "session_evidence",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("evidence", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    *words("source", "device_id"),
    *numbers("at_us"),
    comment="Pictures and videos of a stay.",
)
