"""What all tests share: one real PostgreSQL, real brokers, one Ray, each started when the first test asks for it."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

from actors.engine.cluster import Cluster
from gateway.broker import Broker
from storage.migrations import drop_world
from storage.postgres import Postgres
from tests.mosquitto import ABSENT, PROGRAM, Mosquitto
from tests.sharing import Halves, place_of
from tests.worlds import make_world

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")  # how long an example takes says how busy the machine is

RECORDINGS = Path(os.environ.get("RECORDINGS", Path(__file__).parents[2] / "shared" / "data" / "city"))
"""Recordings that do not belong to the project."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the long tests take: how long, and which of all sequences."""
    parser.addoption("--soak-s", type=int, help="how many seconds a soak test goes on; to its end, or 600, else")
    parser.addoption("--seed", type=int, default=random.randrange(1 << 32), help="of a soak test; a random one else")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that who is done with the rest waits least."""
    items.sort(key=lambda item: place_of(item.nodeid))  # stable: nothing else changes its place


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Halves:
    """Who runs which tests when several processes share them (`-n 2`)."""
    return Halves(config, log)


@pytest.fixture
def soaking(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Whether a soak test that counts its cases goes on: to the last of them, or for --soak-s if that was given."""
    soak_s: int | None = request.config.getoption("soak_s")
    began = time.monotonic()
    return lambda: soak_s is None or time.monotonic() - began < soak_s


@pytest.fixture(scope="session")
def garage_stays() -> Path:
    """Months of stays in one garage; tests that need them skip where there are none."""
    file = RECORDINGS / "shenzhen_bay_events_2016-07_09.csv"
    if not file.exists():
        pytest.skip(f"there is no {file.name} in {RECORDINGS}; RECORDINGS may name its folder")
    return file


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder of this run that every user may pass through, as a server that does not run as root must."""
    folder = Path(tempfile.mkdtemp(prefix="yunparking-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(open_folder: Path) -> Iterator[str]:
    """A real PostgreSQL for the whole run. It survives what tests do to it, not the machine: no disk is waited for,
    and at the end it is not asked to leave its folder in order.
    """
    server = Postgres(open_folder / "postgres")
    url = server.start()
    asyncio.run(_careless(url))
    yield url
    if server.process is not None:
        server.process.send_signal(signal.SIGQUIT)
    server.stop()


async def _careless(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER SYSTEM SET fsync = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[str]:
    """A world of the test's own: a migrated schema in that server, dropped afterwards."""
    name = f"t_{uuid4().hex[:12]}"
    await make_world(database_url, name)
    yield name
    await drop_world(database_url, name)


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL, credentials included, of the broker that the platform starts itself."""
    server = Broker(tmp_path_factory.mktemp("broker"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def mosquitto_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a second make of broker, open to anybody on this machine, keeping its queues without limit."""
    if PROGRAM is None:
        pytest.skip(ABSENT)
    server = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Cluster]:
    """A Ray of this run's own, with nothing in it; a test names its workers so that no other test's are met."""
    cluster = Cluster(f"tests-{uuid4().hex[:8]}")
    cluster.join(None, processes=2)
    yield cluster
    cluster.leave()
