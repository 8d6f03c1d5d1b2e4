"""Which gateways of a city live, and which of them takes which share of the devices' frames: leases, each a row.

A lease is timed by the database's clock and moves by compare-and-set. It says who should take a share; that nobody
else does is the broker's doing, which has one connection for a session.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import HOUR_US, SECOND_US, Micros
from storage.database import SERVER_US
from storage.schema.running import gateways, shares

LEASE_US: Micros = 10 * SECOND_US
"""A gateway that has said nothing for so long is dead, and what it took is free; unless it was told otherwise."""


class GatewayRow(msgspec.Struct, frozen=True):
    """A gateway: its name and life (one process of that name), how it divides the topics, which secret signs tokens."""

    name: str
    life: str
    division: str
    signer: str


class ShareRow(msgspec.Struct, frozen=True):
    """A share of the topics: its session at the broker, its filters, whether it is to be emptied and given up
    (`retired`), and who takes it now (both empty: nobody).
    """

    session: str
    name: str
    filters: str
    retired: bool = False
    holder: str = ""
    life: str = ""


class Seen(msgspec.Struct, frozen=True):
    """One look: the gateways that live, and every share. `here`: this gateway bears its name alone."""

    here: bool
    gateways: list[GatewayRow]
    shares: list[ShareRow]


class Leases:
    """The leases of one gateway, each for `lease_us` from its last word on. The newest life of a name bears it: a
    process that was replaced is told so.
    """

    def __init__(self, engine: AsyncEngine, me: GatewayRow, lease_us: Micros = LEASE_US) -> None:
        self._engine = engine
        self.me = me
        self.lease_us = lease_us
        self._entered = False

    async def look(self) -> Seen:
        """Says that this gateway lives, renews what it takes, and reads how things are."""
        async with self._engine.begin() as connection:
            here = await self._enter(connection)
            mine = (shares.c.life == self.me.life) & (shares.c.until_us > SERVER_US)
            await connection.execute(update(shares).where(mine).values(until_us=SERVER_US + self.lease_us))
            seen = await _seen(connection, here)
        self._entered = True
        return seen

    async def _enter(self, connection: AsyncConnection) -> bool:
        row = msgspec.to_builtins(self.me) | {"until_us": SERVER_US + self.lease_us}
        known = gateways.c
        entering = insert(gateways).values(row)
        again = (known.life == self.me.life) | (known.until_us <= SERVER_US) | literal(not self._entered)
        entering = entering.on_conflict_do_update(index_elements=[known.name], set_=row, where=again)
        here = (await connection.execute(entering.returning(known.name))).first() is not None
        if not self._entered:
            before = (shares.c.holder == self.me.name) & (shares.c.life != self.me.life)
            await connection.execute(update(shares).where(before).values(until_us=0))
            await connection.execute(delete(gateways).where(known.until_us < SERVER_US - HOUR_US))
        return here

    async def take(self, session: str) -> bool:
        """Takes a share that nobody takes; False if somebody was faster."""
        free = (shares.c.session == session) & (shares.c.until_us <= SERVER_US)
        mine = {"holder": self.me.name, "life": self.me.life, "until_us": SERVER_US + self.lease_us}
        async with self._engine.begin() as connection:
            taken = await connection.execute(update(shares).where(free).values(mine).returning(shares.c.session))
            return taken.first() is not None

    async def give(self, sessions: Iterable[str]) -> None:
        """Gives shares up: another may take them at once."""
        its = shares.c.session.in_(list(sessions)) & (shares.c.life == self.me.life)
        async with self._engine.begin() as connection:
            await connection.execute(update(shares).where(its).values(until_us=0))

    async def divide(self, wanted: Sequence[ShareRow]) -> bool:
        """Makes these the shares from now on, and retires all others; False while somebody takes one of those."""
        return await divide(self._engine, wanted)

    async def forget(self, session: str) -> None:
        """A retired share of ours is empty: it was one no longer."""
        its = (shares.c.session == session) & shares.c.retired & (shares.c.life == self.me.life)
        async with self._engine.begin() as connection:
            await connection.execute(delete(shares).where(its))

    async def leave(self) -> None:
        """This gateway ends: its name and its shares are free."""
        async with self._engine.begin() as connection:
            await connection.execute(update(shares).where(shares.c.life == self.me.life).values(until_us=0))
            await connection.execute(delete(gateways).where(gateways.c.life == self.me.life))


async def divide(engine: AsyncEngine, wanted: Sequence[ShareRow]) -> bool:
    """Makes these the shares from now on, and retires all others; False while somebody takes one of those."""
    names = [share.session for share in wanted]
    others = ~shares.c.session.in_(names)
    async with engine.begin() as connection:
        await connection.execute(select(shares.c.session).order_by(shares.c.session).with_for_update())
        taken = select(shares.c.session).where(others, ~shares.c.retired, shares.c.until_us > SERVER_US)
        if (await connection.execute(taken)).first() is not None:
            return False
        await connection.execute(update(shares).where(others).values(retired=True))
        rows = [{"session": each.session, "name": each.name, "filters": each.filters} for each in wanted]
        entering = insert(shares)
        entering = entering.on_conflict_do_update(index_elements=[shares.c.session], set_={"retired": False})
        await connection.execute(entering, rows)
    return True


async def running(engine: AsyncEngine) -> Seen:
    """How things are, as somebody sees it who is no gateway."""
    async with engine.connect() as connection:
        return await _seen(connection, here=True)


async def _seen(connection: AsyncConnection, here: bool) -> Seen:
    alive = select(gateways).where(gateways.c.until_us > SERVER_US).order_by(gateways.c.name)
    every = select(shares, (shares.c.until_us > SERVER_US).label("taken")).order_by(shares.c.name, shares.c.session)
    return Seen(
        here,
        [GatewayRow(row.name, row.life, row.division, row.signer) for row in await connection.execute(alive)],
        [
            ShareRow(
                row.session, row.name, row.filters, row.retired, *((row.holder, row.life) if row.taken else ("", ""))
            )
            for row in await connection.execute(every)
        ],
    )
