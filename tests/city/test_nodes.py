"""Cells on two nodes: `yunparking up` joins a Ray cluster and spreads the city over it; one more gateway joins both."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import aiomqtt
import pytest

from actors.engine.mail import Unreachable
from actors.values import HOUR_US, SECOND_US
from gateway.broker import Broker
from gateway.ingress import wire
from sim.city import save
from storage.local import free_port
from storage.migrations import drop_world
from storage.session import now_us
from tests.city.small import LOTS, Sensors, bays_of, small_city
from tests.city.waiting import eventually
from tests.city.whole import Said
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

CELLS = 4
RAY = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
"""The cluster lets in who has its token."""
SLOW = ("loops", "health")
"""Sections whose bays need more than one word to show as occupied, or fall silent on purpose."""


class Child:
    """A process that answers line by line, in JSON."""

    def __init__(self, *words: str, log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | RAY,
                cwd=Path(__file__).parents[2],
            )
        self._log = log

    def read(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self._log.read_text()[-3000:]
        return json.loads(line)

    def ask(self) -> Any:
        assert self.process.stdin
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.read()

    def until(self, kind: str) -> dict[str, Any]:
        """The next line of this kind that `up` says."""
        while True:
            said: dict[str, Any] = self.read()
            assert said["kind"] != "error", said
            if said["kind"] == kind:
                return said

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Child]:
    """Two nodes."""
    child = Child("tests.city.nodes", log=tmp_path / "nodes.log")
    yield child
    assert child.process.stdin
    child.process.stdin.close()
    child.process.wait(60)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@asynccontextmanager
async def radio(url: str) -> AsyncIterator[aiomqtt.Client]:
    at = wire.Broker(url)
    async with aiomqtt.Client(at.host, at.port, username=at.user, password=at.password) as client:
        yield client


async def taken_bays(url: str, password: str) -> set[str]:
    """The bays that this gateway shows as occupied."""
    async with aiohttp.ClientSession(url, auto_decompress=False) as session:
        caller = await Caller(session).signed_in("admin", password)
        said = await caller.get("/api/v1/bays?state=occupied&limit=500")
        return {bay["id"] for bay in said.json["items"]}


async def test_a_city_lives_on_two_nodes_and_one_more_gateway_joins_it(
    database_url: str, nodes: Child, broker: Broker, tmp_path: Path
) -> None:
    world, file = f"t_{uuid4().hex[:12]}", tmp_path / "city.json"
    save(small_city(), file)
    address = nodes.read()
    services = ["--database-url", database_url, "--mqtt-url", broker.url, "--ray-address", address]
    first = free_port()

    def words(http: int, folder: str) -> list[str]:
        doors = ["--http-port", str(http), "--live-port", str(free_port())]
        return ["--json", "--world", world, "--data-dir", str(tmp_path / folder), *doors, *services]

    city = ["--set", f"city.file={file}", "--set", "replay.enabled=false", "--set", f"ray.cells={CELLS}"]
    up = Child("gateway.command", "up", *words(first, "first"), *city, log=tmp_path / "up.log")
    try:
        password = up.until("ready")["administrator"]["password"]
        where = nodes.ask()
        cells = {name: node for name, node in where.items() if name.startswith("cell-")}
        assert (len(cells), len(set(cells.values()))) == (CELLS, 2), where
        secret = ["--set", f"auth.secret_file={tmp_path / 'first' / 'secrets' / 'tokens'}"]
        named, second = ["--set", "gateway.name=second", *secret], free_port()
        further = Child("gateway.command", "gateway", *words(second, "second"), *named, log=tmp_path / "gateway.log")
        try:
            assert str(second) in further.until("info")["text"]
            await speak(broker.sensor_url)
            taken = {bay for lot in LOTS for bay in bays_of(lot) if lot not in SLOW}
            for url in (f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"):
                await eventually(lambda u=url: shows(u, password, taken), f"{url} shows every bay as occupied")
        finally:
            further.end()
    finally:
        up.end()
        await drop_world(database_url, world)


async def shows(url: str, password: str, taken: set[str]) -> bool:
    try:
        return await taken_bays(url, password) >= taken
    except (OSError, AssertionError) as error:
        raise Unreachable(f"{error!r}") from error


async def speak(url: str) -> None:
    """A car comes to every bay, and so to cells of both nodes."""
    at, sensors = now_us() - HOUR_US, Sensors()
    said: list[Said] = [
        sensors.frame(bay, n == 1, at + n * SECOND_US) for n in range(2) for lot in LOTS for bay in bays_of(lot)
    ]
    async with radio(url) as client:
        for frame in said:
            await client.publish(frame.topic, frame.payload, qos=1)
