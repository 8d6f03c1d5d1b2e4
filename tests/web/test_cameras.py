"""The cameras' page in a real browser: what staff see of a day's readings, which cameras said in a real cell."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.http.serve import listen
from tests.gateway.http.callers import Clock
from tests.gateway.http.houses import PASSWORD, furnished
from tests.gateway.http.streets import Street
from tests.gateway.http.test_readings import Cameras
from tests.storage.conftest import Home
from tests.web.browsers import BROWSED, PAGES

pytestmark = BROWSED


@pytest.fixture(scope="module")
async def cameras(home: Home, engine: AsyncEngine) -> AsyncIterator[Cameras]:
    """A section with three cameras that have seen a morning."""
    clock = Clock()
    street = Street(furnished(engine, clock, PAGES.parent), engine, *home, clock)
    await street.start()
    await street.ruled("L0", mode="camera", confidence_pct=80)
    seeing = await Cameras(street).installed()
    sure = [(f"川P6000{n}", 95) for n in range(4)]
    await seeing.one_after_the_other("L0-0", *sure, ("", 0), ("川P60009", 79))
    await seeing.one_after_the_other("L0-1", ("川P60010", 80))
    await seeing.one_after_the_other("L0-2", *((f"川P6002{n}", 99) for n in range(3)))
    await street.told()
    yield seeing
    await street.close()


@pytest.fixture
async def page(cameras: Cameras, browser: Browser) -> AsyncIterator[Page]:
    """The page, opened by an operator; no script may fail on it."""
    runner = await listen(cameras.street.house, "127.0.0.1", 0)
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    await page.locator("input[autocomplete=username]").fill("operator")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_test_id("rail-cameras").click()
    yield page
    assert not troubles
    await context.close()
    await runner.cleanup()


@pytest.mark.feature("DEV-15")
async def test_each_cameras_share_of_the_day_is_shown_against_the_target(page: Page, cameras: Cameras) -> None:
    rows = page.get_by_test_id("camera")
    await expect(rows).to_have_count(3)
    worst, *others = await rows.all()
    await expect(worst).to_contain_text("d-L0-0")
    await expect(worst).to_contain_text("4 / 6")
    await expect(worst).to_contain_text("66.7%")
    await expect(worst).to_contain_text("Below target")
    for row, read in zip(others, ("1 / 1", "3 / 3"), strict=True):
        await expect(row).to_contain_text(read)
        await expect(row).to_contain_text("100.0%")
        await expect(row).not_to_contain_text("Below target")
    await expect(page.get_by_test_id("cameras-rate")).to_contain_text("80.0%")
    await expect(page.get_by_test_id("cameras-rate")).to_contain_text("15.0 points below the target")
    await expect(page.get_by_test_id("cameras-seen")).to_contain_text("10")
    await expect(page.get_by_test_id("cameras-unread")).to_contain_text("2")
    await expect(page.get_by_test_id("cameras-day")).to_have_value(cameras.day())


async def test_another_day_has_figures_of_its_own_and_an_address(page: Page, cameras: Cameras) -> None:
    before = (date.fromisoformat(cameras.day()) - timedelta(days=1)).isoformat()
    await expect(page.get_by_test_id("camera")).to_have_count(3)
    await page.get_by_role("button", name="The day before").click()
    await expect(page.get_by_text("No camera saw a vehicle come on this day")).to_be_visible()
    await expect(page.get_by_test_id("cameras-rate")).to_contain_text("–")
    assert page.url.endswith(f"#/cameras/{before}")
    await page.reload()
    await expect(page.get_by_test_id("cameras-day")).to_have_value(before)
    await page.get_by_role("button", name="The day after").click()
    await expect(page.get_by_test_id("camera").first).to_be_visible()
