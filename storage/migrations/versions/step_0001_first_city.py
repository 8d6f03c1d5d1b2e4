"""The tables of the first city: engine, register, people, raw frames and projections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them all, parents before children."""
    _engine()
    _places()
    _lots()
    _desk()
    _people()
    _frames()
    _states()
    _history()


def _engine() -> None:
    """What cells write."""
    op.create_table(
        "journal",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("flight", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "seq", name=op.f("journal_pk")),
        comment="All turns of one slot in one commit; the primary key is the fence.",
    )
    op.create_table(
        "snapshots",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("fold", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("snapshots_pk")),
        comment="A slot's folded state after page seq; a cache, may be deleted at any time.",
    )
    op.create_table(
        "slots",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.PrimaryKeyConstraint("slot", name=op.f("slots_pk")),
        sa.UniqueConstraint("ref", name=op.f("slots_ref_unique")),
        comment="Which cell should carry a slot; advice only. ref: the one actor of a dedicated slot.",
    )
    op.create_table(
        "parked",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("input", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "input", name=op.f("parked_pk")),
        comment="Messages whose turn failed, kept for staff.",
    )
    op.create_table(
        "reference",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("reference_pk")),
        comment="Immutable, versioned configuration that turns read; effective_from decides, not arrival.",
    )


def _places() -> None:
    """The register of places."""
    op.create_table(
        "city",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("bounds", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("city_pk")),
        comment="One row: what the city is called, its time zone, its bounds (west, south, east, north).",
    )
    op.create_table(
        "regions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("regions_pk")),
    )
    op.create_table(
        "roads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("roads_region_id_of_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("roads_pk")),
        comment="lines: a list of lines, each a list of [longitude, latitude].",
    )
    op.create_index(op.f("roads_by_region_id"), "roads", ["region_id"])


def _lots() -> None:
    """Lots and their bays."""
    op.create_table(
        "lots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("road_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("street", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("lots_region_id_of_regions")),
        sa.ForeignKeyConstraint(["road_id"], ["roads.id"], name=op.f("lots_road_id_of_roads")),
        sa.PrimaryKeyConstraint("id", name=op.f("lots_pk")),
        comment="An off-street lot, or a section of a street (street = true).",
    )
    op.create_index(op.f("lots_by_region_id"), "lots", ["region_id"])
    op.create_index(op.f("lots_by_road_id"), "lots", ["road_id"])
    op.create_table(
        "bays",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("bay_type", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("bearing", sa.Float()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("bays_lot_id_of_lots")),
        sa.PrimaryKeyConstraint("id", name=op.f("bays_pk")),
        sa.UniqueConstraint("number", name=op.f("bays_number_unique")),
        comment="bearing: degrees clockwise from north along which a vehicle stands, if it is known.",
    )
    op.create_index(op.f("bays_by_lot_id"), "bays", ["lot_id"])


def _desk() -> None:
    """Devices, and what the desk writes beside each change."""
    op.create_table(
        "devices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("bay_id", sa.Text()),
        sa.Column("heartbeat_us", sa.BigInteger(), nullable=False),
        sa.Column("debounce_us", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bay_id"], ["bays.id"], name=op.f("devices_bay_id_of_bays")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("devices_lot_id_of_lots")),
        sa.PrimaryKeyConstraint("id", name=op.f("devices_pk")),
        comment="What watches a bay or a lot; heartbeat: it reports at least this often.",
    )
    op.create_index(op.f("devices_by_bay_id"), "devices", ["bay_id"])
    op.create_index(op.f("devices_by_lot_id"), "devices", ["lot_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pk")),
        comment="Who changed which record from what to what; in the transaction of the change.",
    )
    op.create_index(op.f("audit_by_what"), "audit", ["what"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ref_kind", sa.Text(), nullable=False),
        sa.Column("ref_key", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("delivered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
        comment="What the desk has to tell actors; in the transaction of the change.",
    )
    op.create_index("outbox_waiting", "outbox", ["id"], postgresql_where=sa.text("NOT delivered"))


def _people() -> None:
    """Who may sign in."""
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pk")),
        sa.UniqueConstraint("name", name=op.f("users_name_unique")),
        comment="People of the command centre; only the hash of a password is kept.",
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("refresh_tokens_user_id_of_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("refresh_tokens_pk")),
        comment="Each is good for one use; a family is all that came from one sign-in.",
    )
    op.create_index(op.f("refresh_tokens_by_expires_us"), "refresh_tokens", ["expires_us"])
    op.create_index(op.f("refresh_tokens_by_family"), "refresh_tokens", ["family"])
    op.create_index(op.f("refresh_tokens_by_user_id"), "refresh_tokens", ["user_id"])


def _frames() -> None:
    """Raw frames."""
    op.create_table(
        "frames",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("device", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("frames_pk")),
        comment="Every frame that ever arrived, and what became of it.",
    )
    op.create_index("frames_by_device", "frames", ["device", "id"])
    op.create_index("frames_by_outcome", "frames", ["outcome", "id"])
    op.create_table(
        "frame_counts",
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outcome", name=op.f("frame_counts_pk")),
        comment="How many frames had each outcome; in the transaction that stores them.",
    )


def _states() -> None:
    """Derived from facts: how things are."""
    op.create_table(
        "projected",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "slot", name=op.f("projected_pk")),
        comment="How far each projection has come in each slot; in the transaction of its rows.",
    )
    op.create_table(
        "bay_states",
        sa.Column("bay_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger()),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.Text()),
        sa.PrimaryKeyConstraint("bay_id", name=op.f("bay_states_pk")),
        comment="What a bay shows; since when it is taken or free, as its device saw it.",
    )
    op.create_index(op.f("bay_states_by_lot_id"), "bay_states", ["lot_id"])
    op.create_table(
        "device_states",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("last_seen_us", sa.BigInteger()),
        sa.Column("battery_pct", sa.Integer()),
        sa.Column("rssi_dbm", sa.Integer()),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("drift_us", sa.BigInteger(), nullable=False),
        sa.Column("offline_since_us", sa.BigInteger()),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name=op.f("device_states_pk")),
        comment="How a device is: last heard when, its battery, its signal, frames lost and late.",
    )
    op.create_index(op.f("device_states_by_lot_id"), "device_states", ["lot_id"])
    op.create_table(
        "lot_counts",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("bay_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", "bay_type", "state", name=op.f("lot_counts_pk")),
        comment="How many bays of a lot, of one type, show one state.",
    )


def _history() -> None:
    """Derived from facts: how things were."""
    op.create_table(
        "occupancy",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("bucket_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occupied", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", "bucket_us", name=op.f("occupancy_pk")),
        comment="Changes within five minutes; their running sums are levels, in whatever order slots come.",
    )
    op.create_table(
        "passages",
        sa.Column("fact_slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fact_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("bay_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("device_us", sa.BigInteger(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fact_slot", "fact_seq", "fact_index", name=op.f("passages_pk")),
        comment="Every taken and freed, one row a fact.",
    )
    op.create_index("passages_by_at", "passages", ["at", "fact_slot", "fact_seq", "fact_index"])
    op.create_index("passages_by_bay_id", "passages", ["bay_id", "at", "fact_slot", "fact_seq", "fact_index"])
    op.create_index("passages_by_lot_id", "passages", ["lot_id", "at", "fact_slot", "fact_seq", "fact_index"])
