"""What owners are told and have been told, how they are reached, and what their wallets did."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, false, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.schema.naming import METADATA

wallet_records = Table(
    "wallet_records",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("gift_fen", BigInteger, nullable=False),
    Column("other", Text, nullable=False),
    Column("payment", Text, nullable=False),
    Column("balance_fen", BigInteger, nullable=False),
    Column("balance_gift_fen", BigInteger, nullable=False),
    comment="Every movement of a wallet, and the balances after it.",
)

notice_stays = Table(
    "notice_stays",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("plate", Text, nullable=False),
    Column("lot_id", Text, nullable=False),
    Column("bay_id", Text, nullable=False),
    Column("entry_us", BigInteger, nullable=False),
    Column("exit_us", BigInteger, nullable=False),
    Column("charge_fen", BigInteger, nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    Column("greeted", Text, nullable=False),
    comment="Of each stay what its owner may have to be told; greeted: the account that was told of the entry.",
)

notices = Table(
    "notices",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
    Column("template", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("words", JSONB, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("owner", Text, nullable=False, server_default=""),
    Column("held_until", BigInteger, nullable=False, server_default="0"),
    Column("sent_us", BigInteger),
    Column("said", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Index("notices_waiting", "held_until", postgresql_where=text("state = 'waiting'")),
    Index("notices_by_account", "account", "at_us"),
    comment="What people are told, by the fact that it is about: once for each fact and channel.",
)

contacts = Table(
    "contacts",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("openid", Text, nullable=False, index=True),
    Column("phone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channels", JSONB, nullable=False),
    comment="How an owner wants to be told things; no row: only in the app.",
)

messages = Table(
    "messages",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("read_us", BigInteger),
    Index("messages_by_user", "user_id", "at_us", "id"),
    Index("messages_unread", "user_id", postgresql_where=text("read_us IS NULL")),
    comment="Messages in the app or on a device; unread until they are opened.",
)

sandbox_notices = Table(
    "sandbox_notices",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("again", Boolean, nullable=False, server_default=false()),
    comment="What the sandbox of WeChat and of the SMS provider was given; again: the same key came twice.",
)
