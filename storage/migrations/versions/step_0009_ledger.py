"""The ledger, whose lines nobody changes and whose entries sum to zero, and sessions as lists need them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_BALANCED = """
    CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM added GROUP BY slot, seq, nth HAVING sum(fen) <> 0) THEN
            RAISE EXCEPTION 'an entry of the ledger sums to zero' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
"""
_KEPT = """
    CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'lines of the ledger are only ever added' USING ERRCODE = 'restrict_violation';
    END $$
"""


def upgrade() -> None:
    """All tables are new: the projector fills them from the first page on."""
    _ledger()
    _ledger_laws()
    _sessions()
    _indexes()
    _of_sessions()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=True) for name in names]


def _ledger() -> None:
    op.create_table(
        "ledger_lines",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        *_text("account"),
        *_number("fen"),
        *_text("fact"),
        *_number("occurred_us"),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("late_for", sa.Integer(), nullable=True),
        *_text("operator", "lot", "session", "payment", "owner"),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", "line", name=op.f("ledger_lines_pk")),
        comment="Lines of entries: debit +, credit −, fen; an entry is a fact's, and sums to zero. Only added to.",
    )
    op.create_index("ledger_lines_by_account", "ledger_lines", ["account", "occurred_us"])
    op.create_index("ledger_lines_by_date", "ledger_lines", ["business_date", "occurred_us"])
    op.create_index("ledger_lines_by_payment", "ledger_lines", ["payment"], postgresql_where=sa.text("payment <> ''"))
    op.create_index("ledger_lines_by_session", "ledger_lines", ["session"], postgresql_where=sa.text("session <> ''"))
    op.create_table(
        "closings",
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        *_number("closed_us"),
        *_text("closed_by", "closed_why"),
        sa.Column("places", sa.JSON(), nullable=False),
        *_maybe("reopened_us"),
        sa.Column("reopened_by", sa.Text(), nullable=True),
        sa.Column("reopened_why", sa.Text(), nullable=True),
        sa.Column("reopened_places", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("period", "n", name=op.f("closings_pk")),
        comment="A period (202611) closed for the n-th time, at which places of the journal (slot → page); reopened.",
    )
    op.create_table(
        "wallets",
        *_text("account"),
        *_number("balance_fen", "balance_gift_fen"),
        sa.Column("slot", sa.Integer(), nullable=False),
        *_number("seq"),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("wallets_pk")),
        comment="What an account's own actor last said its wallet has: the other half of a proof of the ledger.",
    )


def _ledger_laws() -> None:
    """The database itself refuses an entry that does not sum to zero, and any change of what is written."""
    op.execute(_BALANCED)
    op.execute(_KEPT)
    op.execute("""
        CREATE TRIGGER ledger_balanced AFTER INSERT ON ledger_lines REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_balanced()
    """)
    op.execute("""
        CREATE TRIGGER ledger_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lines
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_kept()
    """)


def _sessions() -> None:
    op.create_table(
        "sessions",
        *_text("session", "lot_id", "bay_id", "state", "operator", "mode"),
        sa.Column("street", sa.Boolean(), nullable=False),
        *_number("entry_us"),
        *_maybe("exit_us"),
        *_text(
            "source",
            "device_id",
            "person",
            "lane",
            "exit_source",
            "exit_device_id",
            "exit_person",
            "exit_lane",
            "plate",
            "colour",
            "plate_class",
            "list",
            "list_why",
            "account",
            "passes",
            "cover",
        ),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        *_text("tariff"),
        sa.Column("tariff_version", sa.Integer(), nullable=False),
        *_number(
            "charge_fen",
            "off_fen",
            "got_fen",
            "excess_fen",
            "prepaid_fen",
            "returned_fen",
            "returned_excess_fen",
            "written_off_fen",
            "arrears_fen",
            "arrears_got_fen",
            "arrears_off_fen",
            "due_fen",
        ),
        *_maybe("arrears_us"),
        *_number("covers_until_us"),
        sa.Column("offs", sa.LargeBinary(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        *_text("free_why", "waived_why", "waived_by", "void_why", "void_by", "flags"),
        *_number("lost"),
        sa.Column("reminded", sa.Integer(), nullable=False),
        *_number("changed_us"),
        sa.PrimaryKeyConstraint("session", name=op.f("sessions_pk")),
        comment="A stay: whose, where, when, what it cost, what came and what is owed; sums in fen.",
    )


def _indexes() -> None:
    """The narrow ones hold what lists are most often asked for, and are small."""
    for name, columns, where in (
        ("account", ["account", "entry_us"], "account <> ''"),
        ("entry", ["entry_us", "session"], ""),
        ("exit", ["exit_us", "session"], "exit_us IS NOT NULL"),
        ("lot", ["lot_id", "entry_us", "session"], ""),
        ("plate", ["plate", "entry_us"], "plate <> ''"),
        ("flag", ["entry_us", "session"], "flags <> ''"),
        ("place", ["lot_id", "session"], "exit_us IS NULL AND void_why = ''"),
        ("arrears", ["arrears_us", "session"], "arrears_us IS NOT NULL"),
    ):
        op.create_index(f"sessions_by_{name}", "sessions", columns, postgresql_where=sa.text(where) if where else None)


def _of_sessions() -> None:
    op.create_table(
        "session_plates",
        *_text("session"),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        *_text("plate", "colour", "plate_class", "source", "device_id", "person"),
        sa.Column("confidence_pct", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        *_number("at_us"),
        sa.PrimaryKeyConstraint("session", "seq", "nth", name=op.f("session_plates_pk")),
        comment="Every word on a stay's plate, and whether it was taken as the stay's.",
    )
    op.create_table(
        "session_payments",
        *_text("session", "payment", "channel", "payer", "person", "shift", "provider_ref", "operator", "lot_id"),
        sa.Column("offline", sa.Boolean(), nullable=False),
        *_number("paid_us", "fen", "arrears_fen", "excess_fen", "returned_fen", "returned_excess_fen"),
        sa.PrimaryKeyConstraint("session", "payment", name=op.f("session_payments_pk")),
        comment="What came for a stay by one payment, and how much of it went back.",
    )
    op.create_index("session_payments_by_paid", "session_payments", ["paid_us", "session", "payment"])
    op.create_table(
        "session_flags",
        *_text("session", "code", "detail"),
        *_number("at_us"),
        *_maybe("cleared_us"),
        *_text("cleared_by", "note"),
        sa.PrimaryKeyConstraint("session", "code", name=op.f("session_flags_pk")),
        comment="Why a stay needs a person (its last flag of each kind), and who has looked.",
    )
    op.create_table(
        "session_evidence",
        *_text("session", "evidence", "role", "source", "device_id"),
        *_number("at_us"),
        sa.PrimaryKeyConstraint("session", "evidence", "role", name=op.f("session_evidence_pk")),
        comment="Pictures and videos of a stay.",
    )
