"""Messages in the app or on a device, how owners are reached, and what the sandbox of the providers was given."""

from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import rows
from storage.rows import Row
from storage.schema.notices import contacts, messages, sandbox_notices


class MessageRow(Row, frozen=True):
    """One message; unread while `read_us` is None. `kind` is a notice's template or `office` (a person wrote it)."""

    id: str
    user_id: str
    kind: str
    title: str
    body: str
    about: str
    sender: str
    at_us: Micros
    read_us: Micros | None


class Contact(Row, frozen=True):
    """How an account's owner is reached; no `channels`: by all that a notice goes by and that has an address."""

    account: str
    openid: str = ""
    phone: str = ""
    language: str = "zh"
    channels: list[str] = []


class SandboxRow(Row, frozen=True):
    """What the sandbox was given; `again`: its key had come before."""

    key: str
    channel: str
    address: str
    said: str
    at_us: Micros
    again: bool


class Inbox:
    """The messages of everybody."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, message: MessageRow) -> bool:
        """Keeps a message; False if one of this id is there already."""
        new = insert(messages).values({name: getattr(message, name) for name in MessageRow.__struct_fields__})
        async with self._engine.begin() as connection:
            return bool((await connection.execute(new.on_conflict_do_nothing())).rowcount)

    async def listed(
        self, user: str, after: tuple[Micros, str] | None, limit: int, unread: bool = False
    ) -> list[MessageRow]:
        """A user's, newest first, after (at_us, id) of the last one seen."""
        query = select(messages).where(messages.c.user_id == user)
        if unread:
            query = query.where(messages.c.read_us.is_(None))
        if after is not None:
            query = query.where(tuple_(messages.c.at_us, messages.c.id) < tuple_(*after))
        query = query.order_by(messages.c.at_us.desc(), messages.c.id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, MessageRow)

    async def unread(self, user: str) -> int:
        """How many of a user's messages were not opened."""
        query = select(func.count()).where(messages.c.user_id == user, messages.c.read_us.is_(None))
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def newest(self, users: set[str], most: int = 20) -> dict[str, tuple[int, list[list[Any]]]]:
        """Of each of these users that has any: how many are unread, and the newest: id, kind, title, at_us, read_us."""
        place = func.row_number().over(partition_by=messages.c.user_id, order_by=messages.c.at_us.desc())
        unread = func.count().filter(messages.c.read_us.is_(None)).over(partition_by=messages.c.user_id)
        told = (
            messages.c.user_id,
            messages.c.id,
            messages.c.kind,
            messages.c.title,
            messages.c.at_us,
            messages.c.read_us,
        )
        inner = select(*told, place.label("place"), unread.label("unread")).where(messages.c.user_id.in_(sorted(users)))
        ranked = inner.subquery()
        query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.user_id, ranked.c.place)
        found: dict[str, tuple[int, list[list[Any]]]] = {}
        async with self._engine.connect() as connection:
            for row in await connection.execute(query):
                known = found.setdefault(row.user_id, (row.unread, []))
                known[1].append([row.id, row.kind, row.title, row.at_us, row.read_us])
        return found

    async def read(self, user: str, id: str, at: Micros) -> MessageRow | None:
        """Opens one of a user's messages: the first time counts; None if there is none."""
        read_us = func.coalesce(messages.c.read_us, at)
        opened = update(messages).where(messages.c.user_id == user, messages.c.id == id).values(read_us=read_us)
        async with self._engine.begin() as connection:
            found = await rows(connection, opened.returning(messages), MessageRow)  # type: ignore[arg-type]
        return found[0] if found else None


class Contacts:
    """How owners are reached."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, account: str) -> Contact:
        """This account's, or what holds for those who said nothing."""
        async with self._engine.connect() as connection:
            found = await rows(connection, select(contacts).where(contacts.c.account == account), Contact)
        return found[0] if found else Contact(account)

    async def with_openid(self, openid: str) -> list[str]:
        """The accounts that are reached by this openid of WeChat."""
        query = select(contacts.c.account).where(contacts.c.openid == openid).order_by(contacts.c.account)
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def set(self, contact: Contact) -> None:
        """This holds from now on."""
        values: dict[str, Any] = {name: getattr(contact, name) for name in Contact.__struct_fields__}
        new = insert(contacts).values(values)
        async with self._engine.begin() as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["account"], set_=values))


class Sandbox:
    """A provider of WeChat messages and SMS that keeps what it is given; the same key twice is one message."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def take(self, key: str, channel: str, address: str, said: str, at: Micros) -> None:
        """Takes a message, once for each key."""
        new = insert(sandbox_notices).values(key=key, channel=channel, address=address, said=said, at_us=at)
        async with self._engine.begin() as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["key"], set_={"again": True}))

    async def listed(self, address: str = "", limit: int = 100) -> list[SandboxRow]:
        """What was taken, newest first."""
        query = select(sandbox_notices).order_by(sandbox_notices.c.at_us.desc(), sandbox_notices.c.key).limit(limit)
        if address:
            query = query.where(sandbox_notices.c.address == address)
        async with self._engine.connect() as connection:
            return await rows(connection, query, SandboxRow)
