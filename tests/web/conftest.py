"""What the tests in a browser share: one chromium a file, and a small city behind a real database."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.gateway.http.conftest import engine, home
from tests.web.browsers import NO_GL, chromium

__all__ = ["engine", "home"]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A chromium for pages without a map."""
    async with chromium(NO_GL) as started:
        yield started
