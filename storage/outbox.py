"""What the desk has written for actors and nobody has told them yet."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, Text, all_, any_, delete, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Ref
from storage.schema.records import outbox


class OutboxRow(NamedTuple):
    """A command (MessagePack) that was written together with a record and waits to be told to its actor."""

    id: int
    ref: Ref
    message: bytes


class Outbox:
    """The rows in order of id: two for one actor never change places, for the desk locks its record first."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def undelivered(self, most: int, besides: Collection[str] = ()) -> list[OutboxRow]:
        """The oldest rows not yet marked, without those for actors of `besides` (places)."""
        query = select(outbox).where(~outbox.c.delivered).order_by(outbox.c.id).limit(most)
        if besides:
            place = func.split_part(outbox.c.ref_key, "/", 1)
            query = query.where(place != all_(literal(list(besides), ARRAY(Text))))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [OutboxRow(row.id, Ref(row.ref_kind, row.ref_key), row.message) for row in rows]

    async def waiting(self) -> int:
        """How many rows are not yet marked."""
        query = select(func.count()).where(~outbox.c.delivered)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one()

    async def delivered(self, ids: Sequence[int]) -> None:
        """Mark these: their turns are durable."""
        among = outbox.c.id == any_(literal(list(ids), ARRAY(BigInteger)))
        async with self._engine.begin() as connection:
            await connection.execute(update(outbox).where(among).values(delivered=True))

    async def tidy(self) -> int:
        """Remove delivered rows, but the last of each device and bay: it tells that its actor was told; how many."""
        later = outbox.alias()
        same = (later.c.ref_kind == outbox.c.ref_kind) & (later.c.ref_key == outbox.c.ref_key)
        newer = exists().where(later.c.delivered, same, later.c.id > outbox.c.id)
        stays = outbox.c.ref_kind == "session"
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(outbox).where(outbox.c.delivered, newer | stays))).rowcount
