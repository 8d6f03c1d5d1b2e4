"""The desk: the only writer of records.

Each change is one transaction with its audit rows and with what it has to tell actors; a change names the
version that it was decided on, and is declined if that is no longer the newest.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import Micros
from storage.errors import Declined, declined
from storage.orders import Affected, order
from storage.papers import Change, write_audit
from storage.published import Publication, publish
from storage.records import KEPT, City, Kept, Record, Register, kept
from storage.session import now_us

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_TOLD_TO_REPEAT = ("40001", "40P01")  # serialization failure, deadlock: the server undid it and says so
_ATTEMPTS = 5


class Loaded(NamedTuple):
    """What loading a whole city came to, in records."""

    created: int
    changed: int
    unchanged: int


class Desk:
    """Where records are made and changed; every method raises `Declined` for a change that was not made."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], Micros] = now_us) -> None:
        self._engine = engine
        self._now = now

    async def get(self, record: type[R], id: str) -> R:
        """The record as it is now; `not_found`."""
        async with self._engine.connect() as connection:
            return await _found(connection, record, id)

    async def create(self, who: str, new: R) -> R:
        """Keep a new record, as version 1; `id_taken`, `bay_number_taken`, `unknown_parent`."""
        made = msgspec.structs.replace(new, version=1)

        async def work(connection: AsyncConnection) -> R:
            await self._write(connection, who, kept(type(new)), [(None, made)])
            await order(connection, Affected.by([(None, made)]))
            return made

        return await self._transaction(work)

    async def change(self, who: str, record: type[R], id: str, version: int, **fields: Any) -> R:
        """Give some fields new values; `not_found`, `version_conflict`, `fixed` and those of `create`."""

        async def work(connection: AsyncConnection) -> R:
            old = await _found(connection, record, id, lock=True)
            if old.version != version:
                raise Declined("version_conflict", "Somebody has changed it since", version=str(old.version))
            new = msgspec.structs.replace(old, **fields)
            if new == old:
                return old
            new = msgspec.structs.replace(new, version=version + 1)
            await self._write(connection, who, kept(record), [(old, new)])
            await order(connection, Affected.by([(old, new)]))
            return new

        return await self._transaction(work)

    async def load(self, who: str, register: Register) -> Loaded:
        """Make the records be as this city says, all or none; what it does not name stays as it is."""

        async def work(connection: AsyncConnection) -> Loaded:
            pairs: list[tuple[Record | None, Record]] = []
            for kind in KEPT:
                different = _differences(await _all(connection, kind, lock=True), register.of(kind.record))
                await self._write(connection, who, kind, different)
                pairs += different
            await order(connection, Affected.by(pairs))
            created = sum(old is None for old, _ in pairs)
            return Loaded(created, len(pairs) - created, register.size - len(pairs))

        return await self._transaction(work)

    async def export(self) -> Register:
        """The whole city as it is now; `not_found` if none was loaded."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            city = await _found(connection, City, "city")
            rest = {kind.table.name: list((await _all(connection, kind)).values()) for kind in KEPT[1:]}
            return Register(city=city, **rest)  # type: ignore[arg-type]

    async def latest(self) -> str:
        """Moves with every change of a record: who keeps a copy reads anew. Sums of versions miss no late commit."""
        sums = [select(func.sum(kind.table.c.version)).scalar_subquery() for kind in KEPT]
        async with self._engine.connect() as connection:
            return "-".join(str(each or 0) for each in (await connection.execute(select(*sums))).one())

    async def refer(self, who: str, name: str, effective_from: Micros, body: bytes) -> int:
        """Publish the next version of reference data to all actors; its number."""
        return (await self.publish(who, [Publication(name, effective_from, body)]))[0]

    async def publish(self, who: str, many: list[Publication]) -> list[int]:
        """Publish a version of each, all or none; their numbers. `version_conflict`: one is not the next."""

        async def work(connection: AsyncConnection) -> list[int]:
            at = self._now()
            published = await publish(connection, who, at, many)
            await write_audit(connection, who, at, [each.audited(version) for each, version in published])
            return [version for _, version in published]

        return await self._transaction(work)

    async def _write(self, connection: AsyncConnection, who: str, kind: Kept, pairs: list[tuple[Any, Any]]) -> None:
        """Rows and audit of these (before, after) of one kind."""
        _refuse_moves(kind, pairs)
        made = [msgspec.to_builtins(new) for old, new in pairs if old is None]
        if made:
            await connection.execute(insert(kind.table), made)
        for old, new in pairs:
            if old is not None:
                there = (kind.table.c.id == old.id) & (kind.table.c.version == old.version)
                await connection.execute(update(kind.table).where(there).values(msgspec.to_builtins(new)))
        await write_audit(connection, who, self._now(), [_change(kind, old, new) for old, new in pairs])

    async def _transaction(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._engine.begin() as connection:
                    return await work(connection)
            except IntegrityError as error:
                raise declined(error) from error
            except DBAPIError as error:
                state = getattr(getattr(error.orig, "__cause__", None), "sqlstate", "")
                if attempt == _ATTEMPTS or state not in _TOLD_TO_REPEAT:
                    raise
        raise AssertionError("unreachable")


async def _found(connection: AsyncConnection, record: type[R], id: str, lock: bool = False) -> R:
    table = kept(record).table
    query = select(table).where(table.c.id == id)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise Declined("not_found", f"There is no such {kept(record).what}", id=id)
    return msgspec.convert(row, record, from_attributes=True)


async def _all(connection: AsyncConnection, kind: Kept, lock: bool = False) -> dict[str, Record]:
    query = select(kind.table).order_by(kind.table.c.id)
    rows = await connection.execute(query.with_for_update() if lock else query)
    return {row.id: msgspec.convert(row, kind.record, from_attributes=True) for row in rows}


def _differences(known: dict[str, Record], wanted: list[Record]) -> list[tuple[Record | None, Record]]:
    """(before, after) of what is not as wanted."""
    pairs: list[tuple[Record | None, Record]] = []
    for each in wanted:
        old = known.get(each.id)
        if old is None:
            pairs.append((None, msgspec.structs.replace(each, version=1)))
        elif msgspec.structs.replace(each, version=old.version) != old:
            pairs.append((old, msgspec.structs.replace(each, version=old.version + 1)))
    return pairs


def _refuse_moves(kind: Kept, pairs: list[tuple[Any, Any]]) -> None:
    for old, new in pairs:
        for field in kind.fixed:
            if old is not None and getattr(old, field) != getattr(new, field):
                raise Declined("fixed", f"A {kind.what} keeps its {field}", id=old.id, field=field)


def _change(kind: Kept, old: Record | None, new: Record) -> Change:
    before, after = (_shown(kind, each) if each else None for each in (old, new))
    return Change("changed" if old else "created", f"{kind.what}/{new.id}", before, after)


def _shown(kind: Kept, record: Record) -> dict[str, Any]:
    return {k: v for k, v in msgspec.to_builtins(record).items() if k not in kind.hidden}
