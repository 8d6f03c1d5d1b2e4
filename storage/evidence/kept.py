"""Evidence that is whole: what each picture or video is of, its bytes again, and its end."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Select, delete, exists, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.messages.session import AddEvidence
from actors.values import HOUR_US, Micros, Ref
from storage.evidence.store import Store
from storage.schema.evidence import blobs, evidence
from storage.schema.records import outbox
from storage.session import now_us

GRACE_US: Final[Micros] = HOUR_US
"""A content that is of nothing may still become somebody's: it was touched just before its bytes are stored."""
AT_ONCE: Final = 100
SESSION: Final = "session"


class Evidence(msgspec.Struct, frozen=True):
    """A picture or video: which content, of what kind and size; when it was taken, what of, in which role; by which
    device, brought by whom; `report` joins what one event brought.
    """

    id: str
    sha256: str
    media: str
    bytes: int
    taken_us: Micros
    stored_us: Micros
    about_kind: str
    about_key: str
    role: str
    source: str
    device: str
    who: str
    report: str

    @property
    def about(self) -> Ref:
        """What it is of."""
        return Ref(self.about_kind, self.about_key)


_EVIDENCE = select(evidence, blobs.c.media, blobs.c.bytes).join(blobs, blobs.c.sha256 == evidence.c.sha256)
_OWN = tuple(column.name for column in evidence.c)


def blob_key(digest: str) -> str:
    """Where a content lies."""
    return f"blobs/{digest[:2]}/{digest}"


async def keep(connection: AsyncConnection, made: Evidence) -> None:
    """Enters it, and has its session told, if it is of one; its content's bytes are stored."""
    row = msgspec.to_builtins(made)
    await connection.execute(insert(evidence), {name: row[name] for name in _OWN})
    if made.about.kind == SESSION:
        told = AddEvidence(made.id, made.role, made.source, made.device, made.taken_us)
        order = {"ref_kind": SESSION, "ref_key": made.about_key, "message": msgspec.msgpack.encode(told)}
        await connection.execute(insert(outbox), order)


async def kept(connection: AsyncConnection, id: str) -> Evidence | None:
    """The evidence of this id."""
    found = await _rows(connection, _EVIDENCE.where(evidence.c.id == id))
    return found[0] if found else None


class KeptEvidence:
    """All evidence of a world."""

    def __init__(self, engine: AsyncEngine, store: Store, now: Callable[[], Micros] = now_us) -> None:
        self._engine = engine
        self._store = store
        self._now = now

    async def one(self, id: str) -> Evidence | None:
        """The evidence of this id."""
        async with self._engine.connect() as connection:
            return await kept(connection, id)

    async def of(self, about: Ref, after: tuple[Micros, str] | None, limit: int) -> list[Evidence]:
        """What there is of one actor in the order in which it was taken, after (taken_us, id) of the last one seen."""
        order = evidence.c.taken_us, evidence.c.id
        query = _EVIDENCE.where(evidence.c.about_kind == about.kind, evidence.c.about_key == about.key)
        if after is not None:
            query = query.where(tuple_(*order) > tuple_(*after))
        async with self._engine.connect() as connection:
            return await _rows(connection, query.order_by(*order).limit(limit))

    def content(self, row: Evidence, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes, or some of them."""
        return self._store.read(blob_key(row.sha256), first, last)

    async def tidy(self, keep_us: Micros) -> int:
        """Forgets what was stored longer ago than that (0: nothing), and removes contents that are of nothing."""
        if keep_us:
            async with self._engine.begin() as connection:
                old = evidence.c.stored_us < self._now() - keep_us
                await connection.execute(delete(evidence).where(old))
        gone = 0
        while removed := await self._remove_some():
            gone += removed
        return gone

    async def _remove_some(self) -> int:
        """A content's row is locked until its bytes are gone: whoever brings it again waits, and stores it anew."""
        mine = exists().where(evidence.c.sha256 == blobs.c.sha256)
        alone = (blobs.c.touched_us < self._now() - GRACE_US) & ~mine
        async with self._engine.begin() as connection:
            some = select(blobs.c.sha256).where(alone).limit(AT_ONCE).with_for_update(skip_locked=True)
            found = (await connection.execute(some)).scalars().all()
            removed = 0
            for digest in found:
                gone = await connection.execute(delete(blobs).where(blobs.c.sha256 == digest, alone))
                if gone.rowcount:
                    await self._store.delete(blob_key(digest))
                    removed += 1
        return removed


async def _rows(connection: AsyncConnection, query: Select[Any]) -> list[Evidence]:
    return [msgspec.convert(row, Evidence, from_attributes=True) for row in await connection.execute(query)]
