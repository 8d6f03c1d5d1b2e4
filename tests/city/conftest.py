"""One small city that whole-city tests share: each uses sections of its own, and leaves the city alive."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from actors.engine.cluster import Cluster
from tests.city.small import Sensors, small_city
from tests.city.whole import Whole, whole_city
from tests.gateway.http.callers import Caller


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def city(
    database_url: str, ray_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Whole]:
    """Two cells, views, projector, a broker and a gateway process."""
    folder: Path = tmp_path_factory.mktemp("city")
    async with whole_city(database_url, ray_cluster, folder, small_city(), lease_s=4) as here:
        yield here


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(city: Whole) -> AsyncIterator[Caller]:
    """The administrator, signed in."""
    async with city.signed_in() as caller:
        yield caller


@pytest.fixture(scope="session")
def sensors() -> Sensors:
    """The sensors of the small city: they number their frames from test to test."""
    return Sensors()
