"""Users and their refresh tokens: one use each, and a token in two hands ends its family."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.users import User, Users

NOW, LATER = 1_000_000, 2_000_000


@pytest.fixture
async def users(engine: AsyncEngine) -> Users:
    return Users(engine, now=lambda: NOW)


async def signed_in(users: Users) -> User:
    await users.add("ann", "hash", "operator")
    ann = await users.named("ann")
    assert ann is not None
    await users.keep_token("t1", "family", ann.id, LATER)
    return ann


async def test_of_several_first_administrators_one_is_made(users: Users) -> None:
    assert not await users.any()
    made = await asyncio.gather(*(users.add("admin", f"hash{n}", "administrator") for n in range(5)))
    assert sorted(made) == [False] * 4 + [True]
    assert await users.any()
    assert await users.named("nobody") is None


async def test_a_token_is_traded_once(users: Users) -> None:
    ann = await signed_in(users)
    assert await users.rotate("t1", "t2", NOW, LATER) == (ann, "family")
    assert await users.rotate("t2", "t3", NOW, LATER) == (ann, "family")


async def test_a_token_used_twice_ends_its_family(users: Users) -> None:
    await signed_in(users)
    await users.rotate("t1", "t2", NOW, LATER)
    assert await users.rotate("t1", "thief", NOW, LATER) is None
    assert await users.rotate("t2", "t3", NOW, LATER) is None
    assert await users.rotate("thief", "t4", NOW, LATER) is None


async def test_of_two_trades_at_once_one_wins_and_the_family_ends(users: Users) -> None:
    await signed_in(users)
    traded = await asyncio.gather(*(users.rotate("t1", f"n{n}", NOW, LATER) for n in range(2)))
    assert sum(each is not None for each in traded) == 1
    assert [await users.rotate(f"n{n}", f"m{n}", NOW, LATER) for n in range(2)] == [None, None]


async def test_tokens_that_are_old_ended_or_unknown(users: Users) -> None:
    await signed_in(users)
    assert await users.rotate("never", "x", NOW, LATER) is None
    assert await users.rotate("t1", "x", LATER, LATER + 1) is None
    await users.revoke("family")
    assert await users.rotate("t1", "x", NOW, LATER) is None


async def test_a_changed_user_has_no_sessions_left(users: Users, bare: asyncpg.Connection) -> None:
    ann = await signed_in(users)
    changed = await users.change("boss", ann.id, password_hash="new", disabled=True)
    assert changed == await users.get(ann.id) == User(ann.id, "ann", "new", "operator", True)
    assert await users.rotate("t1", "x", NOW, LATER) is None
    assert await users.change("boss", "nobody", role="viewer") is None
    audit = await bare.fetch("SELECT who, verb, before, after FROM audit ORDER BY verb")
    assert [(row["who"], row["verb"]) for row in audit] == [("boss", "changed"), ("setup", "created")]
    assert not any("hash" in str(tuple(row)) or "new" in str(tuple(row)) for row in audit)
