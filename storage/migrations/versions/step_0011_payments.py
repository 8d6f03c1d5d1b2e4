"""Payments with outside providers, and notifications of theirs that were not believed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Empty: facts and providers fill them."""
    _payments()
    _refused()


def _payments() -> None:
    texts = ("channel", "method", "state")
    sums = ("fen", "refunding_fen", "refunded_fen")
    who = ("payer", "openid", "about")
    times = ("started_us", "until_us", "paid_us")
    words = ("provider_ref", "bank", "merchant", "why", "trouble")
    op.create_table(
        "payments",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
        *(sa.Column(name, sa.Text(), nullable=False) for name in who),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in times),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pk")),
        comment=(
            "Every attempt with a provider: what was asked, how it stands, what went back, what staff have to look at."
        ),
    )
    op.create_index("payments_by_started", "payments", ["started_us", "id"])
    op.create_index("payments_by_channel", "payments", ["channel", "started_us", "id"])
    op.create_index("payments_by_openid", "payments", ["openid", "started_us", "id"])


def _refused() -> None:
    op.create_table(
        "refused_notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("refused_notifications_pk")),
        comment="What claimed to be a provider's notification and moved nothing, and why; the newest ten thousand.",
    )
