"""Leases: one gateway takes a share at a time, a dead one's is free, and a name has one life."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.gateways import GatewayRow, Leases, ShareRow, running

ALL = ShareRow("all-1", "all", "a/#")
PARTS = [ShareRow("part-0", "part-0", "part/0/#"), ShareRow("part-1", "part-1", "part/1/#")]


def leases(engine: AsyncEngine, name: str, life: str = "") -> Leases:
    return Leases(engine, GatewayRow(name, life or f"{name}-1", "all=a/#", "secret"))


async def holders(engine: AsyncEngine) -> dict[str, str]:
    return {row.session: row.holder for row in (await running(engine)).shares}


async def expire(bare: asyncpg.Connection) -> None:
    """Nobody has said anything for longer than a lease."""
    for table in ("gateways", "shares"):
        await bare.execute(f"UPDATE {table} SET until_us = 1")


@pytest.fixture
async def divided(engine: AsyncEngine) -> AsyncEngine:
    assert await leases(engine, "first").divide(PARTS)
    return engine


async def test_of_several_who_want_a_share_one_gets_it(divided: AsyncEngine) -> None:
    takers = [leases(divided, f"g{n}") for n in range(5)]
    taken = await asyncio.gather(*(taker.take("part-0") for taker in takers))
    assert sum(taken) == 1
    assert (await holders(divided))["part-0"] == takers[taken.index(True)].me.name


async def test_what_a_dead_gateway_took_is_free(divided: AsyncEngine, bare: asyncpg.Connection) -> None:
    dead, other = leases(divided, "dead"), leases(divided, "other")
    await dead.look()
    assert await dead.take("part-0")
    assert not await other.take("part-0")
    await expire(bare)
    assert await other.take("part-0")
    seen = await dead.look()
    assert [row.session for row in seen.shares if row.life == dead.me.life] == [], "the lease is not renewed any more"


async def test_a_share_that_is_given_or_left_is_free_at_once(divided: AsyncEngine) -> None:
    one, other = leases(divided, "one"), leases(divided, "other")
    await one.look()
    assert await one.take("part-0")
    assert await one.take("part-1")
    await one.give(["part-0"])
    assert await other.take("part-0")
    await other.give(["part-1"])
    assert not await other.take("part-1"), "nobody gives what another has"
    await one.leave()
    assert await other.take("part-1")
    assert [gateway.name for gateway in (await running(divided)).gateways] == []


async def test_a_new_life_of_a_name_takes_over_and_the_old_one_is_told(divided: AsyncEngine) -> None:
    old, new = leases(divided, "gateway", "life-1"), leases(divided, "gateway", "life-2")
    assert (await old.look()).here
    assert await old.take("part-0")
    assert (await new.look()).here
    assert await new.take("part-0"), "it does not have to wait for its own lease"
    assert not (await old.look()).here
    assert (await new.look()).here
    assert [gateway.life for gateway in (await running(divided)).gateways] == ["life-2"]


async def test_another_division_waits_until_nobody_takes_the_old_shares(divided: AsyncEngine) -> None:
    old, new = leases(divided, "old"), leases(divided, "new")
    assert await old.take("part-0")
    assert not await new.divide([ALL])
    await old.give(["part-0"])
    assert await new.divide([ALL])
    assert [(row.session, row.retired) for row in (await running(divided)).shares] == [
        ("all-1", False),
        ("part-0", True),
        ("part-1", True),
    ]
    assert await new.take("part-0")
    await old.forget("part-0")
    await new.forget("part-0")
    await new.forget("all-1")
    assert sorted(await holders(divided)) == ["all-1", "part-1"], "who empties a share forgets it, and no other"
