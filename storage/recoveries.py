"""Lives of workers that ended while the city ran: when, how long nobody answered, and why, if it could still be said.

Two write one row: the dying process its last word, and a gateway how long it took until the next life answered it.
Of its own children (gateways, broker, PostgreSQL) `yunparking up` says both.
"""

from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.schema.engine import recoveries

KEPT = 200


class Recovery(NamedTuple):
    """One life of a worker that ended: last heard when, its successor first heard when (None: not yet), and why."""

    worker: str
    life: int
    lost_us: Micros
    back_us: Micros | None
    why: str | None


class Recoveries:
    """The last few hundred of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def note(
        self, worker: str, life: int, lost_us: Micros, back_us: Micros | None, why: str | None = None
    ) -> str | None:
        """This life was heard last then, and its successor then; of several who heard them the first one counts.

        Why it ended, if it could still be said; `why` is what is known of that from outside.
        """
        row = insert(recoveries).values(worker=worker, life=life, lost_us=lost_us, back_us=back_us, why=why)
        first = func.least(recoveries.c.back_us, row.excluded.back_us)
        heard = {"lost_us": func.greatest(recoveries.c.lost_us, row.excluded.lost_us), "back_us": first}
        newest = select(recoveries.c.lost_us).order_by(recoveries.c.lost_us.desc()).offset(KEPT).limit(1)
        async with self._engine.begin() as connection:
            noted = row.on_conflict_do_update(index_elements=["worker", "life"], set_=heard)
            said: str | None = (await connection.execute(noted.returning(recoveries.c.why))).scalar_one()
            await connection.execute(delete(recoveries).where(recoveries.c.lost_us <= newest.scalar_subquery()))
            return said

    async def all_back(self, now: Micros) -> None:
        """The whole city answers: whoever was away when it was stopped is back with it."""
        lost = update(recoveries).where(recoveries.c.back_us.is_(None)).values(back_us=now)
        async with self._engine.begin() as connection:
            await connection.execute(lost)

    async def recent(self, limit: int = 50) -> list[Recovery]:
        """The newest of them."""
        query = select(recoveries).order_by(recoveries.c.lost_us.desc(), recoveries.c.worker).limit(limit)
        async with self._engine.connect() as connection:
            return [Recovery(*row) for row in await connection.execute(query)]
