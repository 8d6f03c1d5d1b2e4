"""What all tests share: one real PostgreSQL, real brokers, one Ray, each started when the first test asks for it."""

import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest

from actors.engine.cluster import Cluster
from gateway.broker import Broker
from storage.migrations import drop_world
from storage.postgres import Postgres
from tests.mosquitto import ABSENT, PROGRAM, Mosquitto
from tests.worlds import make_world

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")  # how long an example takes says how busy the machine is

RECORDINGS = Path(os.environ.pop("YUNPARKING_RECORDINGS", Path(__file__).parents[2] / "shared" / "data" / "city"))
"""Recordings that do not belong to the project. The variable is taken away: it is no setting of what tests start."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the long tests take: how long, and which of all sequences."""
    parser.addoption("--soak-s", type=int, default=600, help="how many seconds a soak test goes on")
    parser.addoption("--seed", type=int, default=random.randrange(1 << 32), help="of a soak test; a random one else")


@pytest.fixture(scope="session")
def garage_stays() -> Path:
    """Months of stays in one garage; tests that need them skip where there are none."""
    file = RECORDINGS / "shenzhen_bay_events_2016-07_09.csv"
    if not file.exists():
        pytest.skip(f"there is no {file.name} in {RECORDINGS}; YUNPARKING_RECORDINGS may name its folder")
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
    """A real PostgreSQL for the whole run."""
    server = Postgres(open_folder / "postgres")
    yield server.start()
    server.stop()


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
