"""Notices as senders see them: rows that one sender holds for a while, sends, and marks; once for each, however many
senders there are, as far as the provider keeps to the key that it is given.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US, SECOND_US, Micros
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.notices import contacts, notices
from storage.schema.records import city, lots

Key = tuple[int, int, int, str]
"""(slot, seq, nth, channel): names one notice for ever."""

STALE_US: Final = DAY_US
"""What could not be sent for so long is not sent any more: nobody wants to read it."""


Place = tuple[Micros, int, int, int, str]
"""Where a notice stands in the list: when it happened, and its key."""


class HeldNotice(NamedTuple):
    """A notice that this sender holds; `tries` counts this one, too. `address` is whom it goes to by its channel."""

    key: Key
    template: str
    account: str
    about: str
    words: dict[str, Any]
    language: str
    address: str
    at_us: Micros
    tries: int


class NoticeRow(Row, frozen=True):
    """A notice as staff see it."""

    slot: int
    seq: int
    nth: int
    channel: str
    template: str
    account: str
    phone: str
    about: str
    at_us: Micros
    state: str
    tries: int
    sent_us: Micros | None
    said: str
    error: str


class NoticeOutbox:
    """The table `notices` as one sender sees it; leases are told by the database's clock, which all share."""

    def __init__(self, engine: AsyncEngine, owner: str) -> None:
        self._engine = engine
        self._owner = owner

    async def claim(self, most: int, lease_s: float) -> list[HeldNotice]:
        """The oldest that wait and that nobody holds; ours until the lease runs out. Stale ones are given up first."""
        waits = and_(notices.c.state == "waiting", notices.c.held_until <= _now())
        stale = update(notices).where(waits, notices.c.at_us < _now() - STALE_US).values(state="stale")
        free = (
            select(*_KEY)
            .where(waits)
            .order_by(notices.c.held_until, *_KEY)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("free")
        )
        held = {"owner": self._owner, "held_until": _now() + int(lease_s * SECOND_US), "tries": notices.c.tries + 1}
        mine = (notices.c.slot == free.c.slot) & (notices.c.seq == free.c.seq)
        mine &= (notices.c.nth == free.c.nth) & (notices.c.channel == free.c.channel)
        claimed = update(notices).where(mine).values(held).returning(notices)
        async with self._engine.begin() as connection:
            await connection.execute(stale)
            found = (await connection.execute(claimed)).all()
            accounts = sorted({row.account for row in found} - {""})
            asked = await connection.execute(select(contacts).where(contacts.c.account.in_(accounts)))
            known = {row.account: row for row in asked}
        return sorted(_held(row, known.get(row.account)) for row in found)

    async def sent(self, key: Key, said: str) -> None:
        """It is told: nobody has to send it any more, whoever holds it."""
        await self._mark(key, state="sent", said=said, sent_us=_now(), error="")

    async def failed(self, key: Key, error: str, rest_s: float) -> None:
        """Lets it rest, or gives it up (no rest); nothing happens if it is not ours any more."""
        state = {} if rest_s else {"state": "failed"}
        rest = {"owner": "", "held_until": _now() + int(rest_s * SECOND_US), "error": error[:500]}
        await self._mark(key, ours=True, **rest, **state)

    async def delay(self, key: Key, rest_s: float) -> None:
        """Not now: it was not tried, and waits for so long."""
        later = {"owner": "", "held_until": _now() + int(rest_s * SECOND_US), "tries": notices.c.tries - 1}
        await self._mark(key, ours=True, **later)

    async def names(self, ids: set[str]) -> tuple[dict[str, tuple[str, str]], str]:
        """The names (zh, en) of these lots, and the city's zone."""
        async with self._engine.connect() as connection:
            asked = select(lots.c.id, lots.c.name_zh, lots.c.name_en).where(lots.c.id.in_(sorted(ids)))
            found = {row.id: (row.name_zh, row.name_en) for row in await connection.execute(asked)}
            zone = (await connection.execute(select(city.c.zone))).scalar()
        return found, zone or "UTC"

    async def _mark(self, key: Key, ours: bool = False, **values: Any) -> None:
        where = tuple_(*_KEY) == tuple_(*key)
        if ours:
            where &= notices.c.owner == self._owner
        async with self._engine.begin() as connection:
            await connection.execute(update(notices).where(where, notices.c.state == "waiting").values(values))


class NoticeRecords:
    """The notices as staff look them up."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listed(
        self,
        after: tuple[int, int, int, int, str] | None,
        limit: int,
        account: str = "",
        state: str = "",
        about: str = "",
    ) -> list[NoticeRow]:
        """Newest first, after (at_us, slot, seq, nth, channel) of the last one seen."""
        columns = [notices.c[name] for name in NoticeRow.__struct_fields__]
        wanted = {"account": account, "state": state, "about": about}
        query = only(select(*columns), **{name: (notices.c[name], value) for name, value in wanted.items()})
        order = (notices.c.at_us, *_KEY)
        if after is not None:
            query = query.where(tuple_(*order) < tuple_(*after))
        query = query.order_by(*(column.desc() for column in order)).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, NoticeRow)


_KEY: Final = (notices.c.slot, notices.c.seq, notices.c.nth, notices.c.channel)


def _held(row: Any, contact: Any) -> HeldNotice:
    key = (row.slot, row.seq, row.nth, row.channel)
    phone = contact.phone if contact and contact.phone else row.phone
    address = {"app": row.account, "wechat": contact.openid if contact else "", "sms": phone}[row.channel]
    language = contact.language if contact else "zh"
    return HeldNotice(key, row.template, row.account, row.about, row.words, language, address, row.at_us, row.tries)


def _now() -> ColumnElement[int]:
    return (func.extract("epoch", func.clock_timestamp()) * SECOND_US).cast(BigInteger)
