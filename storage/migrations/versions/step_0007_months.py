"""Journal, frames and passages are kept in parts by month; a page names the era of the page after it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NEXT_ERA = """
    to_char(to_timestamp((max(at) OVER slots) / 1000000) AT TIME ZONE 'UTC', 'YYYYMM')::integer
"""


def upgrade() -> None:
    """Each table is made anew, in parts, and filled from the one before it; months are made by `migrate`."""
    _journal()
    _frames()
    _passages()


def _journal() -> None:
    op.rename_table("journal", "journal_before")
    op.execute("ALTER TABLE journal_before DROP CONSTRAINT journal_pk")
    op.create_table(
        "journal",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("flight", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("era", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_era", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "seq", "era", name=op.f("journal_pk")),
        comment="All turns of one slot in one commit; the primary key is the fence, for each page names the next era.",
        postgresql_partition_by="RANGE (era)",
    )
    op.execute("CREATE TABLE journal_rest PARTITION OF journal DEFAULT")
    op.execute(f"""
        INSERT INTO journal SELECT slot, seq, lease, flight, at, body, coalesce(lag(next_era) OVER slots, 0), next_era
        FROM (
            SELECT *, {_NEXT_ERA} AS next_era FROM journal_before WINDOW slots AS (PARTITION BY slot ORDER BY seq)
        ) AS page WINDOW slots AS (PARTITION BY slot ORDER BY seq)
    """)  # noqa: S608
    op.drop_table("journal_before")


def _frames() -> None:
    op.rename_table("frames", "frames_before")
    op.execute("ALTER TABLE frames_before DROP CONSTRAINT frames_pk")
    for index in ("frames_by_device", "frames_by_outcome"):
        op.drop_index(index, "frames_before")
    op.execute("CREATE SEQUENCE frames_id")
    op.create_table(
        "frames",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('frames_id'::regclass)"), nullable=False),
        sa.Column("received_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("device", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "received_us", name=op.f("frames_pk")),
        comment="Every frame that ever arrived, and what became of it; kept for a while.",
        postgresql_partition_by="RANGE (received_us)",
    )
    op.create_index("frames_by_device", "frames", ["device", "id"])
    op.create_index("frames_by_outcome", "frames", ["outcome", "id"])
    op.execute("CREATE TABLE frames_rest PARTITION OF frames DEFAULT")
    op.execute("INSERT INTO frames SELECT * FROM frames_before")
    op.execute("SELECT setval('frames_id', coalesce((SELECT max(id) FROM frames), 0) + 1, false)")
    op.drop_table("frames_before")


def _passages() -> None:
    op.rename_table("passages", "passages_before")
    op.execute("ALTER TABLE passages_before DROP CONSTRAINT passages_pk")
    for index in ("passages_by_at", "passages_by_bay_id", "passages_by_lot_id"):
        op.drop_index(index, "passages_before")
    key = ["at", "fact_slot", "fact_seq", "fact_index"]
    op.execute("CREATE TABLE passages (LIKE passages_before) PARTITION BY RANGE (at)")
    op.create_primary_key(op.f("passages_pk"), "passages", [*key[1:], "at"])
    op.create_table_comment("passages", "Every taken and freed, one row a fact; kept for a while.")
    op.create_index("passages_by_at", "passages", key)
    op.create_index("passages_by_bay_id", "passages", ["bay_id", *key])
    op.create_index("passages_by_lot_id", "passages", ["lot_id", *key])
    op.execute("CREATE TABLE passages_rest PARTITION OF passages DEFAULT")
    op.execute("INSERT INTO passages SELECT * FROM passages_before")
    op.drop_table("passages_before")
