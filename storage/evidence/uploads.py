"""Evidence on its way in: begun, brought in parts, cut off, gone on with, and finished with the hash of the whole.

An upload has parts of one size, but for the last; where it stands is how many bytes of it lie in the store. Parts are
named by their place, so that a part that comes twice is one, and so that nothing is left when an upload goes.
"""

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import HOUR_US, Micros
from storage.errors import Declined
from storage.evidence.kept import Evidence, blob_key, keep, kept
from storage.evidence.media import HEAD_BYTES, LIMITS, MEDIA, Limits
from storage.evidence.store import Store, put_whole
from storage.schema.evidence import blobs, uploads
from storage.session import now_us

PART_BYTES: Final = 1 << 20
UNFINISHED_MOST: Final = 200
"""How many uploads one user may have under way."""
LINGER_US: Final[Micros] = HOUR_US
"""A part that was on its way when its upload was closed has arrived by then."""


class Upload(msgspec.Struct, frozen=True):
    """An upload as it stands: the next part begins at `offset` and has `part_bytes`, or what is left."""

    id: str
    offset: int
    bytes: int
    part_bytes: int
    finished: bool = False


class Uploads:
    """The uploads of a world; `limits` and `part_bytes` hold for those that begin now."""

    def __init__(
        self,
        engine: AsyncEngine,
        store: Store,
        limits: Limits = LIMITS,
        part_bytes: int = PART_BYTES,
        now: Callable[[], Micros] = now_us,
    ) -> None:
        self._engine = engine
        self._store = store
        self._limits = limits
        self._part_bytes = part_bytes
        self._now = now

    async def begin(self, id: str, who: str, media: str, size: int, said: Evidence) -> Upload:
        """A new upload, or where the one with this id stands; `too_large`, `too_many_uploads`."""
        if size > self._limits.of(media):
            raise Declined("too_large", f"A {media} may have {self._limits.of(media)} bytes", path="$.bytes")
        row = {
            "id": id,
            "who": who,
            "said": msgspec.json.encode(said).decode(),
            "media": media,
            "bytes": size,
            "part_bytes": self._part_bytes,
            "touched_us": self._now(),
        }
        async with self._engine.begin() as connection:
            if (stands := await self._standing(connection, id, who)) is not None:
                return stands
            open_still = select(func.count()).where(uploads.c.who == who, uploads.c.closed_us.is_(None))
            if (await connection.execute(open_still)).scalar_one() >= UNFINISHED_MOST:
                raise Declined("too_many_uploads", "Finish some of your uploads first")
            await connection.execute(upsert(uploads).values(row).on_conflict_do_nothing())
            found = await self._standing(connection, id, who)
        if found is None:
            raise Declined("not_found", "This upload is somebody else's")
        return found

    async def standing(self, id: str, who: str) -> Upload:
        """Where it stands; `not_found` for one that is over, and for another's."""
        async with self._engine.connect() as connection:
            if (found := await self._standing(connection, id, who)) is None:
                raise Declined("not_found", "There is no such upload")
            return found

    async def take(self, id: str, who: str, offset: int, part: bytes) -> Upload:
        """Keeps the part that begins at `offset`; `wrong_offset` says where it has to begin."""
        row = await self._open(id, who)
        if offset != row.taken_bytes:
            raise _elsewhere(row.taken_bytes)
        wanted = min(row.part_bytes, row.bytes - offset)
        if len(part) != wanted or not part:
            raise Declined("wrong_part", f"This part has to have {wanted} bytes", bytes=str(wanted))
        if offset == 0 and not MEDIA[row.media].begins(part[:HEAD_BYTES]):
            raise Declined("wrong_media", f"This is no {row.media}", media=row.media)
        await put_whole(self._store, _part(id, offset // row.part_bytes), part)
        there = (uploads.c.id == id) & (uploads.c.taken_bytes == offset) & uploads.c.closed_us.is_(None)
        moved = {"taken_bytes": offset + len(part), "touched_us": self._now()}
        async with self._engine.begin() as connection:
            taken = await connection.execute(update(uploads).where(there).values(moved))
        stands = await self.standing(id, who)
        if not taken.rowcount:
            raise _elsewhere(stands.offset)
        return stands

    async def finish(self, id: str, who: str, digest: str) -> Evidence:
        """The evidence, once all of it is stored and has this SHA-256; `unfinished`, `wrong_hash` (it begins anew)."""
        if there := await self._made(id, digest):
            return there
        try:
            row = await self._open(id, who)
        except Declined:
            if there := await self._made(id, digest):  # another's end of the same came in between
                return there
            raise
        if row.taken_bytes != row.bytes:
            raise Declined("unfinished", "Parts are missing", offset=str(row.taken_bytes))
        if await _digest(self._whole(row)) != digest:
            await self._begin_anew(id)
            raise Declined("wrong_hash", "The parts do not add up to this hash: begin with the first", offset="0")
        await self._touch_blob(digest, row)
        await self._store.put(blob_key(digest), row.bytes, digest, self._whole(row))
        said = msgspec.json.decode(row.said, type=Evidence)
        now = self._now()
        made = msgspec.structs.replace(said, id=id, sha256=digest, media=row.media, bytes=row.bytes, stored_us=now)
        async with self._engine.begin() as connection:
            closing = update(uploads).where(uploads.c.id == id, uploads.c.closed_us.is_(None)).values(closed_us=now)
            if (await connection.execute(closing)).rowcount:
                await keep(connection, made)
            there = await kept(connection, id)
        if there is None:
            raise Declined("not_found", "There is no such upload")
        return there

    async def _made(self, id: str, digest: str) -> Evidence | None:
        async with self._engine.connect() as connection:
            there = await kept(connection, id)
        return there if there is not None and there.sha256 == digest else None

    async def tidy(self, idle_us: Micros) -> int:
        """Closes what nobody has gone on with for so long, and removes the parts of what was closed a while ago."""
        now = self._now()
        idle = uploads.c.closed_us.is_(None) & (uploads.c.touched_us < now - idle_us)
        async with self._engine.begin() as connection:
            await connection.execute(update(uploads).where(idle).values(closed_us=now))
            rows = (await connection.execute(select(uploads).where(uploads.c.closed_us < now - LINGER_US))).all()
        for row in rows:
            # One more than were noted: a part may have been stored by somebody who died before noting it.
            for place in range(row.taken_bytes // row.part_bytes + 1):
                await self._store.delete(_part(row.id, place))
            async with self._engine.begin() as connection:
                await connection.execute(delete(uploads).where(uploads.c.id == row.id))
        await self._store.tidy()
        return len(rows)

    async def _standing(self, connection: AsyncConnection, id: str, who: str) -> Upload | None:
        row = (await connection.execute(_ours(id, who))).first()
        done = await kept(connection, id) if row is None or row.closed_us is not None else None
        if done is not None and done.who == who:
            return Upload(id, done.bytes, done.bytes, self._part_bytes, finished=True)
        if row is None or row.closed_us is not None:
            return None
        return Upload(id, row.taken_bytes, row.bytes, row.part_bytes)

    async def _open(self, id: str, who: str) -> "_Row":
        async with self._engine.connect() as connection:
            row = (await connection.execute(_ours(id, who).where(uploads.c.closed_us.is_(None)))).first()
        if row is None:
            raise Declined("not_found", "There is no such upload")
        return msgspec.convert(row, _Row, from_attributes=True)

    async def _whole(self, row: "_Row") -> AsyncIterator[bytes]:
        for place in range(-(-row.bytes // row.part_bytes)):
            async for chunk in self._store.read(_part(row.id, place)):
                yield chunk

    async def _begin_anew(self, id: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(uploads).where(uploads.c.id == id).values(taken_bytes=0))

    async def _touch_blob(self, digest: str, row: "_Row") -> None:
        """Before its bytes are stored, so that whoever removes what is of nothing leaves it, or is done with it."""
        fresh = {"sha256": digest, "media": row.media, "bytes": row.bytes, "touched_us": self._now()}
        entering = upsert(blobs).values(fresh)
        entering = entering.on_conflict_do_update(
            index_elements=[blobs.c.sha256], set_={"touched_us": fresh["touched_us"]}
        )
        async with self._engine.begin() as connection:
            await connection.execute(entering)


class _Row(msgspec.Struct, frozen=True):
    id: str
    said: str
    media: str
    bytes: int
    part_bytes: int
    taken_bytes: int


def _part(id: str, place: int) -> str:
    return f"parts/{id}/{place}"


def _ours(id: str, who: str) -> Select[Any]:
    return select(uploads).where(uploads.c.id == id, uploads.c.who == who)


def _elsewhere(offset: int) -> Declined:
    return Declined("wrong_offset", f"The next part begins at {offset}", offset=str(offset))


async def _digest(chunks: AsyncIterator[bytes]) -> str:
    digest = sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
