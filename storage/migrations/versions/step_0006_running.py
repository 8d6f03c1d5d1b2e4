"""Several gateways of one city: who lives, who takes which frames, who makes which run of a job."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Empty: gateways enter themselves."""
    _gateways()
    _shares()
    _jobs()


def _gateways() -> None:
    op.create_table(
        "gateways",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("life", sa.Text(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("gateways_pk")),
        comment="A gateway that lives until until_us unless it says so again; life: one process of that name.",
    )


def _shares() -> None:
    op.create_table(
        "shares",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("life", sa.Text(), server_default="", nullable=False),
        sa.Column("until_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("shares_pk")),
        comment=(
            "A share of the devices' topics, its session at the broker, and the gateway that takes it until until_us."
        ),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.Text(), server_default="", nullable=False),
        sa.Column("until_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_due_us", sa.BigInteger(), nullable=True),
        sa.Column("last_ended_us", sa.BigInteger(), nullable=True),
        sa.Column("last_result", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("jobs_pk")),
        comment="A job's next run, (name, due_us), who makes it until until_us, and how the last one ended.",
    )
