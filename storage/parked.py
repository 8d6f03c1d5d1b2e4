"""Messages that broke an actor, as staff see and settle them: told again to the actor, or dismissed."""

from typing import Any, NamedTuple

from sqlalchemy import Select, Text, cast, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import Micros, uuid7
from storage.papers import Change, write_audit
from storage.schema.engine import parked

_ID = cast(parked.c.slot, Text) + literal("-", Text) + func.md5(parked.c.input)
_ROW = select(_ID.label("id"), parked)


class ParkedRow(NamedTuple):
    """A message whose turn failed; `verdict` is retried or dismissed, by whom and when, or None while it waits.

    `retry_key` is the identity under which it is told again: made at the first try, and the same for all of them.
    `answer` is why its actor did not take it then, as a code (`internal_error`: it broke again, and lies here anew);
    empty if it was taken, None if nobody knows.
    """

    id: str
    slot: int
    input: bytes
    at: Micros
    ref: str
    error: str
    message: bytes
    retry_key: str | None
    done_at: Micros | None
    done_by: str | None
    verdict: str | None
    answer: str | None


class ParkedMessages:
    """The parked messages of a world; an id is the slot and a digest of the input (`17-9e107d9d372bb682…`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listed(self, after: tuple[Micros, str] | None, limit: int, done: bool) -> list[ParkedRow]:
        """Newest first, after (at, id) of the last one seen; those that wait, or those that are settled."""
        query = _ROW.where(parked.c.done_at.is_not(None) if done else parked.c.done_at.is_(None))
        if after is not None:
            query = query.where(tuple_(parked.c.at, _ID) < tuple_(*after))
        async with self._engine.connect() as connection:
            found = await connection.execute(query.order_by(parked.c.at.desc(), _ID.desc()).limit(limit))
            return [ParkedRow(*row) for row in found]

    async def one(self, id: str) -> ParkedRow | None:
        """The message of this id."""
        async with self._engine.connect() as connection:
            return await _one(connection, id)

    async def claim(self, id: str, now: Micros) -> ParkedRow | None:
        """The message with the identity under which it is told again, made now unless it has one."""
        async with self._engine.begin() as connection:
            fresh = update(parked).where(_is(id), parked.c.retry_key.is_(None), parked.c.done_at.is_(None))
            await connection.execute(fresh.values(retry_key=uuid7(now)))
            return await _one(connection, id)

    async def settle(
        self, id: str, verdict: str, who: str, at: Micros, said: dict[str, Any], answer: str | None = None
    ) -> ParkedRow | None:
        """What staff did with it, once: who is later finds what was done. `said` goes into the audit, with the identity
        of a retry if there was one; so does a retry that ended after somebody had dismissed the message.
        """
        async with self._engine.begin() as connection:
            open_still = update(parked).where(_is(id), parked.c.done_at.is_(None))
            settled = await connection.execute(
                open_still.values(done_at=at, done_by=who, verdict=verdict, answer=answer)
            )
            row = await _one(connection, id)
            if row is not None and (settled.rowcount or (verdict, row.verdict) == ("retried", "dismissed")):
                about, said = {"ref": row.ref, "error": row.error}, {**said, "key": row.retry_key}
                await write_audit(connection, who, at, [Change(verdict, f"parked/{id}", about, said)])
            return row


def _is(id: str) -> Any:
    slot, _, digest = id.partition("-")
    return (parked.c.slot == int(slot)) & (func.md5(parked.c.input) == digest)


async def _one(connection: AsyncConnection, id: str) -> ParkedRow | None:
    query: Select[Any] = _ROW.where(_is(id))
    row = (await connection.execute(query)).first()
    return ParkedRow(*row) if row is not None else None
