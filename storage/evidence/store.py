"""Where the bytes of evidence lie: a port, and the folder that keeps them unless something else is set."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 256 * 1024
HALF = "half"
HALF_S = 3_600.0
"""What has been half written for so long is nobody's: its writer died."""


class Lost(Exception):
    """The store has nothing under this key."""


class Store(Protocol):
    """Keeps bytes under keys (`a/b/c` of letters, digits and `-`). What `put` has returned for is durable and whole."""

    async def put(self, key: str, size: int, digest: str, chunks: AsyncIterator[bytes]) -> None:
        """Keeps all of it, so many bytes with this SHA-256, or nothing; what lay there before is replaced."""

    def read(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included; raises `Lost`."""

    async def delete(self, key: str) -> None:
        """Nothing lies there any more, whether something did or not."""

    async def tidy(self) -> None:
        """What crashes left half written goes."""


class FolderStore:
    """A folder of this machine, or one that all gateways share: a file for each key, renamed when it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, key: str, size: int, digest: str, chunks: AsyncIterator[bytes]) -> None:
        """Written elsewhere, on the disk, and then renamed."""
        half = self.folder / HALF / secrets.token_hex(16)
        await asyncio.to_thread(_make_folder, half.parent)
        try:
            with await asyncio.to_thread(_begin, half) as out:
                async for chunk in chunks:
                    await asyncio.to_thread(out.write, chunk)
                await asyncio.to_thread(os.fsync, out.fileno())
            await asyncio.to_thread(_rename, half, self.folder / key)
        except BaseException:
            half.unlink(missing_ok=True)
            raise

    async def read(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """A piece at a time."""
        try:
            file = await asyncio.to_thread(open, self.folder / key, "rb")
        except FileNotFoundError:
            raise Lost(key) from None
        with file:
            file.seek(first)
            left = (1 << 62) if last is None else last - first + 1
            while left > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk

    async def delete(self, key: str) -> None:
        """The file goes; its folder stays, as another may be about to write there."""
        await asyncio.to_thread((self.folder / key).unlink, missing_ok=True)

    async def tidy(self) -> None:
        """Files of writers that died, and folders of uploads that are over."""
        await asyncio.to_thread(_tidy, self.folder, time.time() - HALF_S)


async def put_whole(store: Store, key: str, body: bytes) -> None:
    """Keeps bytes that are here already."""

    async def only() -> AsyncIterator[bytes]:
        yield body

    await store.put(key, len(body), sha256(body).hexdigest(), only())


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _begin(half: Path) -> FileIO:
    return FileIO(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _rename(half: Path, file: Path) -> None:
    _make_folder(file.parent)
    half.replace(file)
    for folder in (file.parent, file.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tidy(top: Path, before: float) -> None:
    for half in (top / HALF).glob("*"):
        if half.stat().st_mtime < before:
            half.unlink(missing_ok=True)
    for folder in (top / "parts").glob("*"):
        if folder.stat().st_mtime < before and not any(folder.iterdir()):
            folder.rmdir()
