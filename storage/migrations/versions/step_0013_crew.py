"""Collectors at work, what their devices send, and a lock against guessing passwords."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Made from facts by the projector; the rest begins empty."""
    _work()
    _money()
    _devices()
    _people()
    _stays()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _fact() -> list[sa.Column[int]]:
    kinds = {"slot": sa.Integer(), "seq": sa.BigInteger(), "nth": sa.Integer()}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def _work() -> None:
    op.create_table(
        "shifts",
        *_text("id", "collector", "name", "operator", "lots", "lost", "device"),
        *_number("opened_us"),
        sa.Column("opened_lon", sa.Float(), nullable=False),
        sa.Column("opened_lat", sa.Float(), nullable=False),
        *_text("opened_place", "opened_picture"),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
        sa.Column("closed_lon", sa.Float(), nullable=False),
        sa.Column("closed_lat", sa.Float(), nullable=False),
        *_text("closed_place", "closed_picture", "by", "why"),
        sa.PrimaryKeyConstraint("id", name=op.f("shifts_pk")),
        comment="Attendance: who worked where, when; lots (and those lost) joined by spaces; by: who ended it.",
    )
    op.create_index("shifts_by_collector", "shifts", ["collector", "opened_us", "id"])
    op.create_index("shifts_by_opened", "shifts", ["opened_us", "id"])


def _money() -> None:
    op.create_table(
        "takings",
        *_fact(),
        *_text("collector", "shift", "session", "payment", "channel"),
        *_number("fen", "at_us"),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", name=op.f("takings_pk")),
        comment="What a collector took (less than 0: gave back); late: after the shift was over.",
    )
    op.create_index("takings_by_collector", "takings", ["collector", "at_us"])
    op.create_index("takings_by_shift", "takings", ["shift"])
    op.create_table(
        "hand_overs",
        *_fact(),
        *_text("collector", "shift", "by", "operator"),
        *_number("counted_fen", "expected_fen", "offered_us", "at_us"),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", name=op.f("hand_overs_pk")),
        comment="Cash that a collector handed over; signed by the collector at offered_us, by the cashier at at_us.",
    )
    op.create_index("hand_overs_by_at", "hand_overs", ["at_us", "slot", "seq", "nth"])


def _devices() -> None:
    op.create_table(
        "operations",
        *_text("device", "id", "who", "kind", "body", "outcome", "code", "details"),
        *_number("at_us", "received_us"),
        sa.PrimaryKeyConstraint("device", "id", name=op.f("operations_pk")),
        comment="What a device did without a line and sent later; outcome is empty as long as it is being applied.",
    )
    op.create_index("operations_by_received", "operations", ["received_us"])
    op.create_table(
        "device_files",
        *_text("id", "who", "device", "name", "kind", "sha256"),
        *_number("at_us"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("device_files_pk")),
        comment="Logs and databases that devices uploaded, for whoever looks into a complaint.",
    )
    op.create_index("device_files_by_at", "device_files", ["at_us", "id"])
    op.create_table(
        "prints",
        *_text("ticket", "about"),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", "about", name=op.f("prints_pk")),
        comment="How often a ticket of a kind was printed of one thing; more than once: copies.",
    )


def _people() -> None:
    op.create_table(
        "problems",
        *_text("id", "kind", "lot_id", "bay_id", "device_id", "note", "pictures", "who", "state"),
        *_text("decided_by", "decision"),
        *_number("at_us"),
        sa.Column("decided_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("problems_pk")),
        comment="What people on the street report; a work order or a false report once somebody has decided.",
    )
    op.create_index("problems_by_at", "problems", ["at_us", "id"])
    op.create_index("problems_open", "problems", ["at_us", "id"], postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "tries",
        *_text("name"),
        sa.Column("wrong", sa.Integer(), nullable=False),
        *_number("last_us", "locked_until_us"),
        sa.PrimaryKeyConstraint("name", name=op.f("tries_pk")),
        comment="Wrong passwords in a row, by the name they were tried with; locked: not even the right one helps.",
    )
    op.create_index("tries_by_last", "tries", ["last_us"])


def _stays() -> None:
    """What a vehicle owed when it came stands in the list of stays, and whether its exit was said from afar."""
    for name in ("owes_fen", "owes"):
        op.add_column("sessions", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("sessions", sa.Column("exit_remote", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("session_plates_by_person", "session_plates", ["person", "at_us"])
    left = sa.text("exit_person <> ''")
    op.create_index("sessions_by_exit_person", "sessions", ["exit_person", "exit_us"], postgresql_where=left)
