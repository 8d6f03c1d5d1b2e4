"""What actors asked of the outside: rows that envoys hold for a while, carry out, and let go when they are answered."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    all_,
    any_,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import SECOND_US, Ref
from storage.journal import ref_from
from storage.schema.engine import outside

ERROR_MOST = 500

Key = tuple[int, int]
"""(slot, n): names one errand for ever."""


class HeldErrand(NamedTuple):
    """A row that this owner holds; `tries` counts this one, too."""

    slot: int
    n: int
    ref: Ref
    port: str
    request: bytes
    tries: int


class Outside:
    """The table `outside` as one owner sees it; leases are told by the database's clock, which all owners share."""

    def __init__(self, engine: AsyncEngine, owner: str) -> None:
        self._engine = engine
        self._owner = owner

    async def claim(
        self, ports: Collection[str], most: int, lease_s: float, but: Collection[int] = ()
    ) -> list[HeldErrand]:
        """The oldest rows of these ports, but of none of those slots, that nobody holds and that do not rest; ours
        until the lease runs out.
        """
        free = (
            select(outside.c.slot, outside.c.n)
            .where(
                outside.c.port == any_(literal(sorted(ports), ARRAY(Text))),
                outside.c.slot != all_(literal(sorted(but), ARRAY(Integer))),
                outside.c.held_until <= _now(),
            )
            .order_by(outside.c.held_until, outside.c.slot, outside.c.n)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("free")
        )
        columns = (outside.c.slot, outside.c.n, outside.c.ref, outside.c.port, outside.c.request, outside.c.tries)
        claimed = (
            update(outside)
            .where(outside.c.slot == free.c.slot, outside.c.n == free.c.n)
            .values(owner=self._owner, held_until=_later(lease_s), tries=outside.c.tries + 1)
            .returning(*columns)
        )
        async with self._engine.begin() as connection:
            rows = (await connection.execute(claimed)).all()
        return sorted(HeldErrand(r.slot, r.n, ref_from(r.ref), r.port, r.request, r.tries) for r in rows)

    async def renew(self, keys: Sequence[Key], lease_s: float) -> None:
        """Holds those that are still ours for another while."""
        held = update(outside).where(_among(keys), outside.c.owner == self._owner)
        async with self._engine.begin() as connection:
            await connection.execute(held.values(held_until=_later(lease_s)))

    async def failed(self, key: Key, error: str, rest_s: float) -> None:
        """Lets it rest, with the error for staff, if it is still ours."""
        held = update(outside).where(_among([key]), outside.c.owner == self._owner)
        async with self._engine.begin() as connection:
            await connection.execute(held.values(owner="", held_until=_later(rest_s), error=error[:ERROR_MOST]))

    async def answered(self, key: Key) -> None:
        """Its answer is durable: nobody has to carry it any more, whoever holds it."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(outside).where(_among([key])))


def _among(keys: Sequence[Key]) -> ColumnElement[bool]:
    return tuple_(outside.c.slot, outside.c.n).in_(keys)


def _now() -> ColumnElement[int]:
    return (func.extract("epoch", func.clock_timestamp()) * SECOND_US).cast(BigInteger)


def _later(seconds: float) -> ColumnElement[int]:
    return _now() + int(seconds * SECOND_US)
