"""One city for all rows of the matrix: after each, everything works and is true, so the next may strike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from actors.engine.cluster import Cluster
from tests.chaos.field import Field, battlefield


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def standing(
    ray_cluster: Cluster, open_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Field]:
    """A running city of which every part may be struck."""
    async with battlefield(ray_cluster, open_folder, tmp_path_factory.mktemp("struck")) as here:
        yield here


@pytest.fixture
async def field(standing: Field) -> Field:
    """The city, its people signed in anew: a token holds for a quarter of an hour, less than all rows take together."""
    await standing.load.sign_in()
    return standing
