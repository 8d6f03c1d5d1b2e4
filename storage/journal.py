"""The journal in PostgreSQL: one COPY per commit, and the primary key as the fence."""

import asyncio
from collections.abc import Sequence

import asyncpg

from actors.engine.journal import Absent, Errand, Head, Page, ParkedMessage, Placed, Snapshot, Stretch
from actors.values import Micros, Ref
from storage.line import Line

_HEADS = """
    SELECT asked.slot, head.seq, head.lease, head.flight
    FROM unnest($1::int[]) AS asked(slot)
    CROSS JOIN LATERAL (
        SELECT seq, lease, flight FROM journal WHERE journal.slot = asked.slot ORDER BY seq DESC LIMIT 1
    ) AS head
"""
_WRITERS = """
    SELECT slot, seq, lease, flight FROM journal
    JOIN unnest($1::int[], $2::bigint[]) AS asked(slot, seq) USING (slot, seq)
"""
_OPEN = """
    INSERT INTO journal (slot, seq, lease, flight, at, body, era, next_era)
    SELECT asked.slot, coalesce(head.seq, 0) + 1, $2::bigint, $3::bigint, $4::bigint, $5::bytea,
           coalesce(head.next_era, 0), greatest(head.next_era, $6::int)
    FROM unnest($1::int[]) AS asked(slot)
    LEFT JOIN LATERAL (
        SELECT seq, next_era FROM journal WHERE journal.slot = asked.slot ORDER BY seq DESC LIMIT 1
    ) AS head ON true
    ORDER BY asked.slot
    RETURNING slot, seq
"""
_READ = """
    SELECT page.* FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS asked(slot, after, upto)
    CROSS JOIN LATERAL (
        SELECT slot, seq, lease, flight, at, body, era, next_era FROM journal
        WHERE journal.slot = asked.slot AND seq > asked.after AND seq <= asked.upto ORDER BY seq
    ) AS page
"""
_SNAPSHOTS = "SELECT slot, seq, fold, body FROM snapshots WHERE slot = ANY($1::int[])"
_SAVE_SNAPSHOT = """
    INSERT INTO snapshots (slot, seq, fold, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (slot) DO UPDATE SET seq = excluded.seq, fold = excluded.fold, body = excluded.body
    WHERE snapshots.seq < excluded.seq
"""
_PARK = """
    INSERT INTO parked (slot, input, at, ref, error, message) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (slot, input) DO NOTHING
"""
_ASK = """
    INSERT INTO outside (slot, n, at, ref, port, request) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (slot, n) DO NOTHING
"""
_LEAVE = """
    INSERT INTO absent (slot, kind, key, seq, held) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (slot, kind, key) DO UPDATE SET seq = excluded.seq, held = excluded.held
    WHERE absent.seq < excluded.seq
"""
_ABSENT = """
    SELECT slot, kind, key, seq, held FROM absent
    JOIN unnest($2::text[], $3::text[]) AS asked(kind, key) USING (kind, key) WHERE slot = $1
"""
_PLACE_NEW = "INSERT INTO slots (slot, cell, ref) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING slot"
_PLACE_MANY = "INSERT INTO slots (slot, cell) SELECT * FROM unnest($1::int[], $2::text[]) ON CONFLICT DO NOTHING"
_PLACE_AGAIN = "UPDATE slots SET cell = $2, ref = $3 WHERE slot = $1 AND cell = $4 RETURNING slot"
_REFERENCES = """
    SELECT reference.name, version, effective_from, body FROM reference
    LEFT JOIN unnest($1::text[], $2::bigint[]) AS known(name, version_known) ON known.name = reference.name
    WHERE version > coalesce(version_known, 0) ORDER BY reference.name, version
"""
_BLOCKERS_OUT = """
    SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids($1)) AS pid WHERE pid <> pg_backend_pid()
"""


class PostgresJournal:
    """A cell's durable memory: one line for what is committed, another for what is read beside it.

    `limit_ms` is the longest a transaction of ours may live: a writer frozen before its commit blocks whoever
    takes over no longer than that.
    """

    def __init__(self, url: str, world: str, name: str, limit_ms: int = 10_000) -> None:
        self._world = world
        self._patience_s = limit_ms / 2000
        self._commits = Line(url, world, f"{name} commits", limit_ms)
        self._reads = Line(url, world, f"{name} reads", limit_ms)
        self._wards = Line(url, world, f"{name} opening", limit_ms)

    async def append(self, pages: list[Page]) -> None:
        """All pages in one COPY outside any transaction of ours: stored whole, or not at all."""

        async def copy(line: asyncpg.Connection) -> None:
            await line.copy_records_to_table(
                "journal", schema_name=self._world, columns=list(Page._fields), records=pages
            )

        await self._commits.say(copy)

    async def heads(self, slots: list[int]) -> dict[int, Head]:
        """Read on the line of the commits: after a failover it must not come from the server of before."""
        rows = await self._fetch(self._commits, _HEADS, slots)
        return {row["slot"]: Head(row["seq"], row["lease"], row["flight"]) for row in rows}

    async def writers(self, pages: list[Page]) -> dict[tuple[int, int], tuple[int, int]]:
        """Whose pages stand where these should stand."""
        keys = [page.slot for page in pages], [page.seq for page in pages]
        rows = await self._fetch(self._commits, _WRITERS, *keys)
        return {(row["slot"], row["seq"]): (row["lease"], row["flight"]) for row in rows}

    async def open(
        self, slots: list[int], lease: int, flight: int, at: Micros, body: bytes, era: int
    ) -> dict[int, int]:
        """One statement in order of slot; who blocks it for half the limit is disconnected.

        The limit itself would end the opening too, and so the next one, and leave who blocks them all in peace.
        """
        opening = asyncio.ensure_future(self._fetch(self._commits, _OPEN, sorted(slots), lease, flight, at, body, era))
        done, _ = await asyncio.wait({opening}, timeout=self._patience_s)
        if not done and self._commits.pid is not None:
            await self._fetch(self._wards, _BLOCKERS_OUT, self._commits.pid)
        return {row["slot"]: row["seq"] for row in await opening}

    async def read(self, stretches: list[Stretch]) -> dict[int, list[Page]]:
        """The pages of these stretches, of each slot in order, in one statement."""
        columns = [list(column) for column in zip(*stretches, strict=True)] or [[], [], []]
        pages: dict[int, list[Page]] = {}
        for row in await self._fetch(self._reads, _READ, *columns):
            pages.setdefault(row["slot"], []).append(Page(*row))
        return pages

    async def snapshots(self, slots: list[int]) -> dict[int, Snapshot]:
        """The kept snapshots of these slots."""
        return {row["slot"]: Snapshot(*row) for row in await self._fetch(self._reads, _SNAPSHOTS, slots)}

    async def save_snapshots(self, snapshots: list[Snapshot]) -> None:
        """Each is kept only above the one before it; a late one is harmless."""
        await self._many(_SAVE_SNAPSHOT, sorted(snapshots))

    async def park(self, parked: list[ParkedMessage]) -> None:
        """The same (slot, input) twice is one."""
        await self._many(_PARK, sorted(parked))

    async def ask(self, errands: list[Errand]) -> None:
        """The same (slot, n) twice is one, and stays with whoever holds it."""
        await self._many(_ASK, [(e.slot, e.n, e.at, str(e.ref), e.port, e.request) for e in sorted(errands)])

    async def leave(self, absent: list[Absent]) -> None:
        """Each is kept only above the one before it."""
        await self._many(_LEAVE, sorted(absent))

    async def absent(self, slot: int, refs: list[Ref]) -> list[Absent]:
        """What is kept of these."""
        rows = await self._fetch(self._reads, _ABSENT, slot, *map(list, zip(*refs, strict=True)))
        return [Absent(*row) for row in rows]

    async def placed(self) -> list[Placed]:
        """The whole placement table, in order of slot."""
        rows = await self._fetch(self._reads, "SELECT slot, cell, ref FROM slots ORDER BY slot")
        return [Placed(row["slot"], row["cell"], ref_from(row["ref"]) if row["ref"] else None) for row in rows]

    async def place(self, slot: int, was: str | None, cell: str, ref: Ref | None = None) -> bool:
        """Compare-and-set; True too if it says so already, as a repeat after an unknown outcome finds."""
        text = str(ref) if ref else None
        asked = (_PLACE_NEW, slot, cell, text) if was is None else (_PLACE_AGAIN, slot, cell, text, was)
        if await self._fetch(self._reads, *asked):
            return True
        now = await self._fetch(self._reads, "SELECT cell, ref FROM slots WHERE slot = $1", slot)
        return bool(now) and (now[0]["cell"], now[0]["ref"]) == (cell, text)

    async def place_new(self, cells: dict[int, str]) -> None:
        """One statement, however many."""
        await self._fetch(self._reads, _PLACE_MANY, list(cells), list(cells.values()))

    async def references(self, after: dict[str, int]) -> list[tuple[str, int, Micros, bytes]]:
        """Reference data above the versions already known, in order of name and version."""
        rows = await self._fetch(self._reads, _REFERENCES, list(after), list(after.values()))
        return [(row["name"], row["version"], row["effective_from"], row["body"]) for row in rows]

    async def close(self) -> None:
        """Give the connections back."""
        for line in (self._commits, self._reads, self._wards):
            await line.close()

    @staticmethod
    async def _fetch(line: Line, query: str, *values: object) -> list[asyncpg.Record]:
        return await line.say(lambda connection: connection.fetch(query, *values))

    async def _many(self, query: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            await self._reads.say(lambda connection: connection.executemany(query, rows))


def ref_from(text: str) -> Ref:
    """`kind:key` read back."""
    kind, _, key = text.partition(":")
    return Ref(kind, key)
