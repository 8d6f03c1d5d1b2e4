"""Movements of wallets, what owners are told, how they are reached, and messages in the app."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """All tables are new: the projector fills them from the first page on, people and the sender the rest."""
    _wallets()
    _stays()
    _notices()
    _people()
    _sandbox()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _wallets() -> None:
    op.create_table(
        "wallet_records",
        *_text("account"),
        *_number("seq"),
        sa.Column("nth", sa.Integer(), nullable=False),
        *_number("at_us"),
        *_text("why"),
        *_number("fen", "gift_fen"),
        *_text("other", "payment"),
        *_number("balance_fen", "balance_gift_fen"),
        sa.PrimaryKeyConstraint("account", "seq", "nth", name=op.f("wallet_records_pk")),
        comment="Every movement of a wallet, and the balances after it.",
    )


def _stays() -> None:
    op.create_table(
        "notice_stays",
        *_text("session", "account", "plate", "lot_id", "bay_id"),
        *_number("entry_us", "exit_us", "charge_fen", "paid_fen"),
        *_text("greeted"),
        sa.PrimaryKeyConstraint("session", name=op.f("notice_stays_pk")),
        comment="Of each stay what its owner may have to be told; greeted: the account that was told of the entry.",
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("slot", sa.Integer(), nullable=False),
        *_number("seq"),
        sa.Column("nth", sa.Integer(), nullable=False),
        *_text("channel", "template", "account", "phone", "about"),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        *_number("at_us"),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_us", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("slot", "seq", "nth", "channel", name=op.f("notices_pk")),
        comment="What people are told, by the fact that it is about: once for each fact and channel.",
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("notices_waiting", "notices", ["held_until"], postgresql_where=waiting)
    op.create_index("notices_by_account", "notices", ["account", "at_us"])


def _people() -> None:
    op.create_table(
        "contacts",
        *_text("account", "openid", "phone", "language"),
        sa.Column("channels", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("contacts_pk")),
        comment="How an owner wants to be told things; no row: only in the app.",
    )
    op.create_index(op.f("contacts_by_openid"), "contacts", ["openid"])
    op.create_table(
        "messages",
        *_text("id", "user_id", "kind", "title", "body", "about", "sender"),
        *_number("at_us"),
        sa.Column("read_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pk")),
        comment="Messages in the app or on a device; unread until they are opened.",
    )
    op.create_index("messages_by_user", "messages", ["user_id", "at_us", "id"])
    op.create_index("messages_unread", "messages", ["user_id"], postgresql_where=sa.text("read_us IS NULL"))


def _sandbox() -> None:
    op.create_table(
        "sandbox_notices",
        *_text("key", "channel", "address", "said"),
        *_number("at_us"),
        sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("sandbox_notices_pk")),
        comment="What the sandbox of WeChat and of the SMS provider was given; again: the same key came twice.",
    )
