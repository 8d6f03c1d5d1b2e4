"""Pictures and video: uploads under way, contents that are kept, and what each is of."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Empty: whoever brings evidence writes it."""
    _uploads()
    _blobs()
    _evidence()


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("part_bytes", sa.Integer(), nullable=False),
        sa.Column("taken_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("touched_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("uploads_pk")),
        comment="An upload under way: how much of it is stored in parts; closed_us: nobody may go on with it.",
    )
    op.create_index(op.f("uploads_by_who"), "uploads", ["who"])


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("touched_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("blobs_pk")),
        comment="A content that the store keeps, or is about to: its row is there first, and goes last.",
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("taken_us", sa.BigInteger(), nullable=False),
        sa.Column("stored_us", sa.BigInteger(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("evidence_sha256_of_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("evidence_pk")),
        comment="A picture or video: of which content, what it shows of what, by what device, who brought it, when.",
    )
    op.create_index(op.f("evidence_by_sha256"), "evidence", ["sha256"])
    op.create_index(op.f("evidence_by_stored_us"), "evidence", ["stored_us"])
    op.create_index("evidence_by_about", "evidence", ["about_kind", "about_key", "taken_us", "id"])
