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
    _of_sessions()


def _ledger() -> None:
    op.create_table(
        "ledger_lines",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("occurred_us", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("late_for", sa.Integer(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", "line", name=op.f("ledger_lines_pk")),
        comment="Lines of entries: debit +, credit −, fen; an entry is one fact's and sums to zero. Only ever added to.",
    )
    op.create_index("ledger_lines_by_account", "ledger_lines", ["account", "occurred_us"], unique=False)
    op.create_index("ledger_lines_by_date", "ledger_lines", ["business_date", "occurred_us"], unique=False)
    op.create_index(
        "ledger_lines_by_payment", "ledger_lines", ["payment"], unique=False, postgresql_where=sa.text("payment <> ''")
    )
    op.create_index(
        "ledger_lines_by_session", "ledger_lines", ["session"], unique=False, postgresql_where=sa.text("session <> ''")
    )
    op.create_table(
        "closings",
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_why", sa.Text(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("reopened_us", sa.BigInteger(), nullable=True),
        sa.Column("reopened_by", sa.Text(), nullable=True),
        sa.Column("reopened_why", sa.Text(), nullable=True),
        sa.Column("reopened_places", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("period", "n", name=op.f("closings_pk")),
        comment="A period (202611) was closed for the n-th time, at which places of the journal (slot → page), and reopened.",
    )
    op.create_table(
        "wallets",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("balance_gift_fen", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
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
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("bay_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("street", sa.Boolean(), nullable=False),
        sa.Column("entry_us", sa.BigInteger(), nullable=False),
        sa.Column("exit_us", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("exit_source", sa.Text(), nullable=False),
        sa.Column("exit_device_id", sa.Text(), nullable=False),
        sa.Column("exit_person", sa.Text(), nullable=False),
        sa.Column("exit_lane", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("plate_class", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("list_why", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("passes", sa.Text(), nullable=False),
        sa.Column("cover", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("tariff", sa.Text(), nullable=False),
        sa.Column("tariff_version", sa.Integer(), nullable=False),
        sa.Column("charge_fen", sa.BigInteger(), nullable=False),
        sa.Column("off_fen", sa.BigInteger(), nullable=False),
        sa.Column("got_fen", sa.BigInteger(), nullable=False),
        sa.Column("excess_fen", sa.BigInteger(), nullable=False),
        sa.Column("prepaid_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_excess_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("arrears_fen", sa.BigInteger(), nullable=False),
        sa.Column("arrears_got_fen", sa.BigInteger(), nullable=False),
        sa.Column("arrears_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("arrears_us", sa.BigInteger(), nullable=True),
        sa.Column("covers_until_us", sa.BigInteger(), nullable=False),
        sa.Column("offs", sa.LargeBinary(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        sa.Column("free_why", sa.Text(), nullable=False),
        sa.Column("waived_why", sa.Text(), nullable=False),
        sa.Column("waived_by", sa.Text(), nullable=False),
        sa.Column("void_why", sa.Text(), nullable=False),
        sa.Column("void_by", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("sessions_pk")),
        comment="A stay: whose, where, when, what it cost, what came and what is owed; sums in fen.",
    )
    op.create_index(
        "sessions_by_account",
        "sessions",
        ["account", "entry_us"],
        unique=False,
        postgresql_where=sa.text("account <> ''"),
    )
    op.create_index("sessions_by_entry", "sessions", ["entry_us", "session"], unique=False)
    op.create_index(
        "sessions_by_exit",
        "sessions",
        ["exit_us", "session"],
        unique=False,
        postgresql_where=sa.text("exit_us IS NOT NULL"),
    )
    op.create_index("sessions_by_lot", "sessions", ["lot_id", "entry_us", "session"], unique=False)
    op.create_index(
        "sessions_by_plate", "sessions", ["plate", "entry_us"], unique=False, postgresql_where=sa.text("plate <> ''")
    )
    op.create_index(
        "sessions_flagged", "sessions", ["entry_us", "session"], unique=False, postgresql_where=sa.text("flags <> ''")
    )
    op.create_index(
        "sessions_here",
        "sessions",
        ["lot_id", "session"],
        unique=False,
        postgresql_where=sa.text("exit_us IS NULL AND void_why = ''"),
    )
    op.create_index(
        "sessions_in_arrears",
        "sessions",
        ["arrears_us", "session"],
        unique=False,
        postgresql_where=sa.text("arrears_us IS NOT NULL"),
    )


def _of_sessions() -> None:
    op.create_table(
        "session_plates",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("plate_class", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("confidence_pct", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "seq", "nth", name=op.f("session_plates_pk")),
        comment="Every word on a stay's plate, and whether it was taken as the stay's.",
    )
    op.create_table(
        "session_payments",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("paid_us", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("arrears_fen", sa.BigInteger(), nullable=False),
        sa.Column("excess_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_excess_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "payment", name=op.f("session_payments_pk")),
        comment="What came for a stay by one payment, and how much of it went back.",
    )
    op.create_index("session_payments_by_paid", "session_payments", ["paid_us", "session", "payment"], unique=False)
    op.create_table(
        "session_flags",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("cleared_us", sa.BigInteger(), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session", "code", name=op.f("session_flags_pk")),
        comment="Why a stay needs a person (its last flag of each kind), and who has looked.",
    )
    op.create_table(
        "session_evidence",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "evidence", "role", name=op.f("session_evidence_pk")),
        comment="Pictures and videos of a stay.",
    )
