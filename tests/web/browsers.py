"""What a test needs that looks at the pages: a chromium of the system, and the built pages."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGES = Path(__file__).parents[2] / "web" / "dist" / "index.html"
NO_GL = ["--disable-gpu"]
"""For pages without a map: to put a page together by software GL takes twice as long as all the rest of a test."""
SOFTWARE_GL = ["--use-angle=swiftshader", "--enable-webgl", "--ignore-gpu-blocklist"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]

BROWSED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt install chromium"),
    pytest.mark.skipif(not PAGES.exists(), reason="the pages are not built: make web"),
]


@asynccontextmanager
async def chromium(drawing: Sequence[str]) -> AsyncIterator[Browser]:
    """One that draws in this way."""
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *drawing, *QUIET])
        yield started
        await started.close()
