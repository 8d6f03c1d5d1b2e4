"""A lost password is replaced from the command line, and what was signed in with the old one is signed out."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from storage.database import open_engine
from storage.session import now_us
from storage.users import Users
from tests.gateway.command.typed import typed


@pytest.fixture
async def users(database_url: str, world: str) -> AsyncIterator[Users]:
    engine = open_engine(database_url, world, "test", pool=1)
    yield Users(engine)
    await engine.dispose()


def ask(database_url: str, world: str, folder: Path, *words: str) -> tuple[int, dict[str, str]]:
    flags = ["--database-url", database_url, "--world", world, "--data-dir", str(folder), "--json"]
    ran = typed(["password", *words, *flags])
    return ran.exit_code, json.loads(ran.stdout.splitlines()[-1])


async def test_a_new_password_ends_the_old_one_and_its_sessions(
    database_url: str, world: str, users: Users, tmp_path: Path
) -> None:
    assert await users.add("li", PasswordHasher().hash("lost"), "viewer")
    known = await users.named("li")
    assert known is not None
    await users.keep_token("digest", "family", known.id, now_us() + 10**9)

    status, said = await asyncio.to_thread(ask, database_url, world, tmp_path, "li")

    assert (status, said["name"]) == (0, "li")
    now = await users.named("li")
    assert now is not None
    assert PasswordHasher().verify(now.password_hash, said["password"])
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(now.password_hash, "lost")
    assert await users.rotate("digest", "next", now_us(), now_us() + 10**9) is None


async def test_a_password_for_nobody_is_refused(database_url: str, world: str, tmp_path: Path) -> None:
    status, said = await asyncio.to_thread(ask, database_url, world, tmp_path, "nobody")
    assert status == 2
    assert "nobody" in said["text"]
