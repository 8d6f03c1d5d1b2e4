"""The folder that keeps evidence: whole files or none."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.evidence.store import HALF_S, FolderStore, Lost, put_whole


async def whole(store: FolderStore, key: str, first: int = 0, last: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, first, last)])


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


async def test_what_is_put_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    body = os.urandom(700_000)
    await put_whole(store, "blobs/ab/abcd", body)
    assert await whole(store, "blobs/ab/abcd") == body
    assert await whole(store, "blobs/ab/abcd", 10, 300_000) == body[10:300_001]
    assert await whole(store, "blobs/ab/abcd", 699_999) == body[-1:]
    assert (tmp_path / "evidence/blobs/ab/abcd").stat().st_mode & 0o077 == 0
    await put_whole(store, "blobs/ab/abcd", b"x")
    assert await whole(store, "blobs/ab/abcd") == b"x"


async def test_what_is_not_there_is_lost(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.delete("parts/1/0")
    with pytest.raises(Lost):
        await whole(store, "parts/1/0")


async def test_a_cut_put_leaves_nothing(tmp_path: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    store = FolderStore(tmp_path)
    with pytest.raises(ConnectionResetError):
        await store.put("blobs/ab/abcd", 8, "", cut())
    assert files(tmp_path) == []


async def test_what_a_crash_left_is_tidied(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await put_whole(store, "parts/1/0", b"x")
    await put_whole(store, "parts/2/0", b"x")
    await store.delete("parts/1/0")
    for name, age_s in (("old", HALF_S + 9), ("new", 0)):
        (tmp_path / "half" / name).write_bytes(b"")
        os.utime(tmp_path / "half" / name, (time.time() - age_s,) * 2)
    for folder in (tmp_path / "parts").iterdir():
        os.utime(folder, (time.time() - HALF_S - 9,) * 2)
    await store.tidy()
    assert files(tmp_path) == ["half/new", "parts/2/0"]
    assert not (tmp_path / "parts/1").exists()
