"""Gateways that share the frames of devices, over a real broker and database: taken once, handed on, redivided."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.mail import Unreachable
from gateway.broker import Broker
from gateway.command.running import city_to_serve
from gateway.command.say import Say
from gateway.command.up import Up
from gateway.ingress import wire
from gateway.ingress.holding import Ingest, decided, faults
from gateway.ingress.intake import Limits
from gateway.ingress.opening import StillTaken, open_sessions, rows_of
from gateway.ingress.sessions import Sessions
from gateway.ingress.shares import Share, division
from gateway.sections import Database, Ray
from gateway.sections import Ingest as IngestSettings
from gateway.settings import Settings
from storage.database import open_engine
from storage.gateways import GatewayRow, Leases, Seen, ShareRow, running
from storage.session import connect
from tests.gateway.ingress.scene import (
    NOW,
    REST_S,
    FakePost,
    FakeRegistry,
    FakeStore,
    RunningBroker,
    mosquitto,
    sensor,
    topic,
    until,
)

DEVICES = [f"s-{n}" for n in range(16)]
ACK_WAIT_S = 1
"""When our own broker, made impatient, says again what is not acknowledged: within `REST_S`."""
_names = itertools.count()


@pytest.fixture
async def engine(database_url: str, world: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url, world)
    yield engine
    await engine.dispose()


@pytest.fixture
async def bare(database_url: str, world: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(database_url, world, "test")
    yield connection
    await connection.close()


class Place(NamedTuple):
    """Where a broker is for gateways and for sensors, and how long it may leave what is not acknowledged."""

    url: str
    sensor_url: str
    rest_s: float


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Our own broker, dividing the devices into two parts, and not patient with who does not acknowledge."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("gateway.broker.ACK_WAIT_S", ACK_WAIT_S)
        broker = Broker(tmp_path_factory.mktemp("divided"), parts=2)
        yield Place(broker.start(), broker.sensor_url, rest_s=REST_S)
        broker.stop()


@pytest.fixture(params=["divided"])
def place(request: pytest.FixtureRequest) -> Place:
    """That one, or a broker of either make that divides nothing."""
    found: Place | RunningBroker = request.getfixturevalue(request.param)
    if isinstance(found, RunningBroker):
        return Place(found.url, found.url, rest_s=REST_S if found.redelivers else 0.2)
    return found


class Town:
    """What gateways of one city share: its world at the broker, its frames, its post."""

    def __init__(self, engine: AsyncEngine, place: Place, world: str = "") -> None:
        self.engine, self.place = engine, place
        self.world = world or f"town{next(_names)}"
        self.post, self.store = FakePost(), FakeStore()

    def gateway(self, name: str, shares: Sequence[Share]) -> Ingest:
        """One gateway's ingest, not yet running."""
        me = GatewayRow(name, f"{name}-{next(_names)}", "; ".join(share.said for share in shares), "secret")
        url, rest_s = self.place.url, self.place.rest_s
        made = Sessions(url, self.world, self.post, FakeRegistry(), self.store, Limits(), lambda: NOW, rest_s)
        return Ingest(Leases(self.engine, me), shares, made)

    @contextlib.asynccontextmanager
    async def running(self, ingest: Ingest) -> AsyncIterator[Ingest]:
        task = asyncio.create_task(ingest.run())
        try:
            yield ingest
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def say(self, *numbers: int) -> None:
        """Every device says these."""
        parts = wire.Broker(self.place.sensor_url)
        line = wire.Wire(parts, f"sensors{next(_names)}", (), lambda *frame: None)
        async with line._client as client:
            client.pending_calls_threshold = 10_000
            said = [client.publish(topic(device), sensor(n), qos=1) for n in numbers for device in DEVICES]
            await asyncio.gather(*said)

    def heard(self) -> dict[str, list[int]]:
        """The numbers that were taken of each device, in the order in which they were taken."""
        found: dict[str, list[int]] = {}
        for letter in self.post.turns.values():
            found.setdefault(letter.ref.own_id, []).append(letter.source.n)
        return found


def names(ingest: Ingest) -> list[str]:
    return sorted(held.share.name for held in ingest._held.values())


async def healthy(ingest: Ingest) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(Unreachable):
                await ingest.condition()
                return
            await asyncio.sleep(0.02)


@pytest.fixture
def town(engine: AsyncEngine, place: Place, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("gateway.ingress.holding.LOOK_EVERY_S", 0.05)
    return Town(engine, place)


async def test_two_gateways_take_a_part_each_and_one_takes_both(town: Town) -> None:
    shares = division(2, "")
    async with town.running(town.gateway("a", shares)) as a:
        await healthy(a)
        assert names(a) == ["part-0", "part-1"]
        async with town.running(town.gateway("b", shares)) as b:
            await until(lambda: len(names(a)) == len(names(b)) == 1)
            await healthy(a)
            await healthy(b)
            assert set(names(a)) | set(names(b)) == {"part-0", "part-1"}
            await town.say(*range(1, 6))
            await until(lambda: len(town.store.rows) >= 5 * len(DEVICES))
            assert all(counters.received for ingest in (a, b) for counters in ingest.figures()), "each had some"
            assert sum(ingest.gauges().received_frames_total for ingest in (a, b)) == 5 * len(DEVICES)
            assert [ingest.gauges().up for ingest in (a, b)] == [1, 1]
            assert {row.topic for row in town.store.rows} == {topic(device) for device in DEVICES}
            assert town.heard() == {device: [1, 2, 3, 4, 5] for device in DEVICES}
        await until(lambda: names(a) == ["part-0", "part-1"])
        await until(lambda: a.gauges().unconnected_seconds > 0)
        await until(lambda: (a.gauges().up, a.gauges().unconnected_seconds) == (1, 0))
        await town.say(6)
        await until(lambda: len(town.post.turns) == 6 * len(DEVICES))
        assert town.heard() == {device: [1, 2, 3, 4, 5, 6] for device in DEVICES}
        await until(lambda: sum(a.gauges().frames_total.values()) >= 3 * len(DEVICES))  # what was counted stays counted


async def test_what_a_dead_gateway_had_not_acknowledged_comes_to_the_next_in_order(
    town: Town, bare: asyncpg.Connection
) -> None:
    shares = division(2, "")
    dead = town.gateway("dead", shares)
    task = asyncio.create_task(dead.run())
    await healthy(dead)
    town.store.open.clear()  # nothing is kept, so nothing is acknowledged
    town.post.hold = lambda letter: True
    await town.say(1, 2, 3)
    await until(lambda: len(town.post.letters) == 3 * len(DEVICES))
    for held in dead._held.values():
        held.listening.wire._paho._sock.shutdown(socket.SHUT_RDWR)  # as a killed process: without goodbye
        held.task.cancel()
    dead._held.clear()
    dead._leases.leave = lambda: asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bare.execute("UPDATE shares SET until_us = 1")
    await bare.execute("UPDATE gateways SET until_us = 1")

    town.store.open.set()
    town.post.hold = lambda letter: False
    async with town.running(town.gateway("next", shares)):
        await town.say(4)
        await until(lambda: len(town.post.turns) >= 4 * len(DEVICES))
    assert town.heard() == {device: [1, 2, 3, 4] for device in DEVICES}


@pytest.mark.parametrize("place", ["nats", *(["mosquitto"] if mosquitto() else [])], indirect=True)
async def test_a_new_division_waits_for_the_old_one_and_loses_nothing(town: Town) -> None:
    whole, parts = division(1, "a=yunparking/#"), division(1, "v1=yunparking/v1/#; loops=yunparking/loop/#")
    async with town.running(town.gateway("old", whole)) as old:
        await healthy(old)
        await town.say(1)
        await until(lambda: len(town.post.turns) == len(DEVICES))
        async with town.running(town.gateway("new", parts)) as new:
            await until(lambda: new._seen is not None)
            with pytest.raises(Unreachable, match="gateways divide the topics differently"):
                await new.condition()
            assert names(new) == []
    await town.say(2)  # nobody listens: the old session owes it
    async with town.running(town.gateway("new", parts)) as new:
        await until(lambda: names(new) == ["a"])
        await town.say(3)  # comes by both ways, and is one turn
        await until(lambda: names(new) == ["loops", "v1"])
        await healthy(new)
        await town.say(4)
        await until(lambda: len(town.post.turns) == 4 * len(DEVICES))
        assert town.heard() == {device: [1, 2, 3, 4] for device in DEVICES}
        assert not any(row.retired for row in (await running(town.engine)).shares)


async def test_what_is_acknowledged_before_there_is_a_gateway_is_taken_also_after_another_division(
    engine: AsyncEngine, database_url: str, world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first start, then two parts, then one again: each time sensors speak as soon as the broker lets them in."""
    monkeypatch.setattr("gateway.ingress.holding.LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("gateway.broker.ACK_WAIT_S", ACK_WAIT_S)
    town = Town(engine, Place("", "", rest_s=REST_S), world)
    for number, parts, gateways in ((1, 1, 0), (2, 2, 1), (3, 1, 1)):
        known = Settings(world=world, data_dir=str(tmp_path), database=Database(url=database_url))
        up = Up(msgspec.structs.replace(known, ingest=IngestSettings(parts=parts)), Say(as_json=True))
        try:
            await asyncio.to_thread(up._start_broker)
            town.place = Place(up.settings.broker.url, up._sensor_url, rest_s=REST_S)
            await town.say(number)
            if gateways:
                async with town.running(town.gateway("a", up.settings.shares)) as one:
                    await until(lambda n=number: len(town.post.turns) == n * len(DEVICES))
                    await healthy(one)
        finally:
            up.stop()
    assert town.heard() == {device: [1, 2, 3] for device in DEVICES}
    assert not any(row.retired for row in (await running(engine)).shares)


def test_a_gateway_started_by_hand_divides_as_our_own_broker_does(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker", parts=2)
    try:
        ray = Ray(address=f"127.0.0.1:{urlsplit(broker.start()).port}")  # anything that listens
        known = Settings(data_dir=str(tmp_path), database=Database(url="postgresql://elsewhere"), ray=ray)
        assert city_to_serve(known).shares == division(2, "")
    finally:
        broker.stop()


async def test_the_division_is_left_alone_while_a_gateway_goes_on_with_another(
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.ingress.opening.PATIENCE_S", 0)
    async with town.running(town.gateway("by hand", division(2, ""))) as one:
        await healthy(one)
        with pytest.raises(StillTaken, match="by hand"):
            await open_sessions(town.engine, town.place.url, town.world, division(1, ""), lease_s=0)
        await healthy(one)


async def test_a_gateway_by_hand_stands_back_also_while_the_share_of_a_killed_one_is_free(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    shares = division(2, "")
    survivor, odd = town.gateway("survivor", shares), town.gateway("by hand", division(1, ""))
    await survivor._leases.look()
    await survivor._leases.divide(rows_of(shares))  # and nobody holds one: their holder's lease has run out
    for _ in range(2):
        await odd.look()
    seen = await running(town.engine)
    assert {(row.session, row.retired, row.holder) for row in seen.shares} == {(s.session, False, "") for s in shares}
    [said] = [record.getMessage() for record in caplog.records if "stands back" in record.getMessage()]
    assert "otherwise than survivor" in said
    assert "ingest.parts" in said
    await survivor._leases.leave()
    async with town.running(odd):
        await healthy(odd)
        assert "all" in names(odd), "those have ended"


async def test_a_share_that_a_broken_look_had_taken_is_listened_to(town: Town) -> None:
    shares = division(2, "")
    one = town.gateway("one", shares)
    await one._leases.divide([ShareRow(share.session, share.name, ",".join(share.filters)) for share in shares])
    assert await one._leases.take(shares[1].session)
    async with town.running(one):
        await healthy(one)
        assert names(one) == ["part-0", "part-1"]


def test_shares_are_spread_evenly_and_retired_ones_come_first() -> None:
    me = GatewayRow("a", "a-1", "d", "")
    shares = [ShareRow(f"s{n}", f"s{n}", "f", False, "a", "a-1") for n in range(3)]
    both = [me, GatewayRow("b", "b-1", "d", "")]
    assert decided(Seen(True, both, shares), me) == (["s2"], [])
    assert decided(Seen(True, both, [*shares[:1], ShareRow("s1", "s1", "f"), ShareRow("s2", "s2", "f")]), me) == (
        [],
        [ShareRow("s1", "s1", "f")],
    )
    old = ShareRow("old", "old", "f", True)
    assert decided(Seen(True, [me], [ShareRow("s0", "s0", "f"), old]), me) == ([], [old])
    other = GatewayRow("c", "c-1", "another", "")
    assert decided(Seen(True, [me, other], shares), me) == ([], []), "who divides otherwise takes none of these"


def test_what_gateways_do_not_agree_on_is_said() -> None:
    a, b = GatewayRow("a", "1", "x", "s1"), GatewayRow("b", "1", "y", "s2")
    assert len(faults(Seen(True, [a, b], []))) == 2
    assert faults(Seen(True, [a, GatewayRow("screens", "1", "", "s1")], [])) == []
    assert faults(Seen(False, [a], [])) == ["another gateway runs under this name"]
