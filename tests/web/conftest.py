"""What the tests in a browser share: one chromium a file, and a small city behind a real database."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.gateway.http.conftest import engine, home
from tests.web.browsers import CHROMIUM, QUIET, SOFTWARE_GL

__all__ = ["engine", "home"]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A chromium that draws in software."""
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_GL + QUIET)
        yield started
        await started.close()
