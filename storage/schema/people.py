"""Who may sign in, and the tokens that keep them signed in."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Table, Text, false

from storage.schema.naming import METADATA

users = Table(
    "users",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    comment="People of the command centre; only the hash of a password is kept.",
)

refresh_tokens = Table(
    "refresh_tokens",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("family", Text, nullable=False, index=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_us", BigInteger, nullable=False, index=True),
    Column("revoked", Boolean, nullable=False, server_default=false()),
    comment="Each is good for one use; a family is all that came from one sign-in.",
)
