"""The page of the interface in a real browser: it lists every operation and can ask one."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from gateway.http.routes import ROUTES
from tests.gateway.http.houses import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """The page, in English; whatever the browser complains of fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(locale="en-GB")
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{address}/docs")
        yield page
        await browser.close()
        assert complaints == []


async def test_every_operation_is_listed_in_both_languages(page: Page) -> None:
    await page.locator("details.operation").first.wait_for()
    assert await page.locator("details.operation").count() == len(ROUTES)
    assert await page.locator("#get_bays .words").inner_text() == "Bays"
    await page.click("#language")
    assert await page.locator("#get_bays .words").inner_text() == "车位列表"
    await page.fill("#find", "api/v1/ingest")
    assert await page.locator("details.operation").count() == 1


async def test_an_operation_is_tried_after_signing_in(page: Page) -> None:
    await page.fill("[name=name]", "viewer")
    await page.fill("[name=password]", PASSWORD)
    await page.click("#sign-in button")
    await page.locator("output.good").wait_for()
    await page.click("#get_bays > summary")
    await page.fill("#get_bays [name=p-limit]", "1")
    await page.select_option("#get_bays [name=p-state]", "unknown")
    await page.click("#get_bays .send button")
    await page.locator("#get_bays pre").filter(has_text='"number": "NL0-0"').wait_for()
    assert "/api/v1/bays?limit=1&state=unknown" in await page.locator("#get_bays .send").inner_text()
