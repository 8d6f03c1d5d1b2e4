"""Reference data as it is kept: immutable versions of names, each in force from a time on.

Of two versions of one name that take effect at the same time the later one holds, as it does in cells.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Select, Text, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import Micros
from storage.errors import Declined
from storage.papers import Change
from storage.reading import rows
from storage.rows import PublishedRow
from storage.schema.engine import reference

_HOLDS = (reference.c.name, reference.c.effective_from.desc(), reference.c.version.desc())


class Publication(NamedTuple):
    """A version about to be published; `after` is the newest one known to whoever decided it, None: any."""

    name: str
    effective_from: Micros
    body: bytes
    note: str = ""
    after: int | None = None

    def audited(self, version: int) -> Change:
        """What the audit says of it."""
        after = {"version": version, "effective_from": self.effective_from, "bytes": len(self.body)}
        return Change("published", f"reference/{self.name}", None, {**after, "note": self.note} if self.note else after)


async def publish(
    connection: AsyncConnection, who: str, at: Micros, many: Iterable[Publication]
) -> list[tuple[Publication, int]]:
    """Each with its version, one more than the newest of its name; `version_conflict` if somebody was quicker."""
    many = list(many)
    newest = select(reference.c.name, func.max(reference.c.version).label("version")).group_by(reference.c.name)
    known = await connection.execute(newest.where(_named(each.name for each in many)))
    before = {row.name: int(row.version) for row in known}
    published = [(each, before.get(each.name, 0) + 1) for each in many]
    for each, version in published:
        if each.after is not None and each.after != version - 1:
            raise Declined("version_conflict", "Somebody has changed it since", version=str(version - 1))
    made = [
        {
            "name": each.name,
            "version": version,
            "effective_from": each.effective_from,
            "body": each.body,
            "at": at,
            "who": who,
            "note": each.note,
        }
        for each, version in published
    ]
    if made:
        await connection.execute(insert(reference), made)
    return published


class Published:
    """Read-only: what was published, by name, by version, and what is in force when."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def newest(self, prefix: str, after: str | None = None, limit: int = 100) -> list[PublishedRow]:
        """The newest version of each name that begins so, in order of name."""
        query = _first(select(reference).where(reference.c.name.startswith(prefix, autoescape=True)))
        query = query.order_by(reference.c.name, reference.c.version.desc()).limit(limit)
        return await self._rows(query if after is None else query.where(reference.c.name > after))

    async def versions(self, name: str, before: int | None = None, limit: int = 1_000) -> list[PublishedRow]:
        """All versions of a name, newest first, before one of them."""
        query = select(reference).where(reference.c.name == name).order_by(reference.c.version.desc()).limit(limit)
        return await self._rows(query if before is None else query.where(reference.c.version < before))

    async def every(self, names: Iterable[str]) -> dict[str, list[PublishedRow]]:
        """All versions of each of these names, newest first."""
        query = select(reference).where(_named(names)).order_by(reference.c.name, reference.c.version.desc())
        found: dict[str, list[PublishedRow]] = {}
        for row in await self._rows(query):
            found.setdefault(row.name, []).append(row)
        return found

    async def version(self, name: str, number: int) -> PublishedRow | None:
        """One version of a name."""
        wanted = (reference.c.name == name) & (reference.c.version == number)
        return next(iter(await self._rows(select(reference).where(wanted))), None)

    async def in_force(self, name: str, at: Micros) -> PublishedRow | None:
        """The version of a name that holds at a time."""
        return next(iter(await self.all_in_force([name], at)), None)

    async def all_in_force(self, names: Iterable[str], at: Micros) -> list[PublishedRow]:
        """Of each of these names the version that holds at a time, in order of name."""
        query = _first(select(reference).where(_named(names), reference.c.effective_from <= at))
        return await self._rows(query.order_by(*_HOLDS))

    async def in_force_below(self, prefix: str, at: Micros) -> list[PublishedRow]:
        """Of each name that begins so the version that holds at a time, in order of name."""
        below = reference.c.name.startswith(prefix, autoescape=True)
        query = _first(select(reference).where(below, reference.c.effective_from <= at))
        return await self._rows(query.order_by(*_HOLDS))

    async def _rows(self, query: Select[Any]) -> list[PublishedRow]:
        async with self._engine.connect() as connection:
            return await rows(connection, query, PublishedRow)


def _first(query: Select[Any]) -> Select[Any]:
    """One row for each name: the first in the order of the query."""
    return query.ext(distinct_on(reference.c.name))


def _named(names: Iterable[str]) -> Any:
    return reference.c.name == any_(literal(sorted(set(names)), ARRAY(Text)))
