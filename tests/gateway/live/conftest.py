"""A city of three lots on the live line, new for every test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.live.server import LiveSettings
from tests.gateway.live.stage import Stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage(LiveSettings(port=0)) as city:
        yield city
