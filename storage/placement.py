"""How a world carries its actors: decided at its first start, for actors do not move to other slots."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.schema.world import placement


async def decided(engine: AsyncEngine, wanted: Mapping[str, str]) -> dict[str, str]:
    """How each kind is carried; kinds of which nothing is decided yet are from now on carried as wanted."""
    rows = [{"kind": kind, "placed": placed} for kind, placed in sorted(wanted.items())]
    async with engine.begin() as connection:
        await connection.execute(insert(placement).on_conflict_do_nothing(), rows)
    return await known_placement(engine)


async def known_placement(engine: AsyncEngine) -> dict[str, str]:
    """How each kind is carried of which that is decided."""
    async with engine.connect() as connection:
        return {row.kind: row.placed for row in await connection.execute(select(placement))}


@asynccontextmanager
async def moving(engine: AsyncEngine, world: str) -> AsyncIterator[bool]:
    """Whether slots of this world may be moved by us: one may at a time, and the database lets go of who dies."""
    lock = func.hashtext("slots"), func.hashtext(world)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        try:
            yield bool((await connection.execute(select(func.pg_try_advisory_lock(*lock)))).scalar_one())
        finally:
            await connection.invalidate()  # the lock ends with its connection
