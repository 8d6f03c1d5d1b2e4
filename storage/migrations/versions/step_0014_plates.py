"""Lists and claims of plates, passes and campaigns, as lists need them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """All tables are new: the projector fills them from the first page on."""
    _plates()
    _passes()
    _campaigns()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"{table}_pk"))


def _plates() -> None:
    op.create_table(
        "listings",
        *_text("plate", "id", "list"),
        *_number("from_us", "until_us"),
        *_text("lots", "reason", "person"),
        *_number("at_us"),
        _key("listings", "plate", "id"),
        comment="A plate on a list (black, white, disabled), from until (0: for good), in some lots or all.",
    )
    op.create_index("listings_by_list", "listings", ["list", "plate", "id"])
    op.create_table(
        "plate_claims",
        *_text("plate", "account", "holder", "evidence", "state", "person", "reason"),
        *_number("at_us", "decided_us"),
        _key("plate_claims", "plate", "account"),
        comment="An account that claims another's plate: open, accepted or refused, by whom and why.",
    )
    op.create_index("plate_claims_by_state", "plate_claims", ["state", "plate", "account"])


def _passes() -> None:
    op.create_table(
        "passes",
        *_text("id", "state", "rule", "operator", "plates", "replacements", "lots", "groups"),
        *_text("account", "holder", "phone", "source", "person"),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        *_number("fen", "offer_fen", "offer_until_us", "issued_us", "from_us", "until_us", "refund_fen"),
        *_text("end_reason", "ended_by"),
        *_number("changed_us"),
        _key("passes", "id"),
        comment="A pass: whose, for which plates, where and until when; sums in fen.",
    )
    op.create_index("passes_by_account", "passes", ["account", "id"])
    op.create_index("passes_by_end", "passes", ["until_us", "id"])
    op.create_table(
        "pass_changes",
        *_text("pass"),
        *_number("seq"),
        sa.Column("nth", sa.Integer(), nullable=False),
        *_text("what", "was", "now", "person", "reason"),
        *_number("at_us"),
        _key("pass_changes", "pass", "seq", "nth"),
        comment="Who changed a pass's plates, and put which car in whose place.",
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        *_text("id", "name", "kind", "code"),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        *_number("issued", "changed_us"),
        _key("campaigns", "id"),
        comment="A campaign: its terms, and how many coupons it has given out.",
    )
