"""The command centre in a real browser over a real city: what a person sees when a sensor speaks or a line is cut."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from actors.engine.cluster import Cluster
from actors.engine.entries import FromDevice
from actors.engine.journal import ParkedMessage
from actors.messages.device import Uplinked
from actors.values import Ref, shared_slot
from gateway.workers import PROJECTOR, VIEWS
from sim.city import melbourne
from storage.session import now_us
from tests.city.waiting import eventually
from tests.city.whole import Said, Whole, whole_city
from tests.web.browsers import BROWSED, SOFTWARE_GL, chromium
from tests.web.stopping import Stopping, frozen_broker, frozen_database, frozen_worker, killed_broker

BAY = "22774"
VIEW = {"width": 1440, "height": 900}

pytestmark = [pytest.mark.ray, *BROWSED]


@pytest.fixture(scope="module")
async def city(
    database_url: str, ray_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Whole]:
    """Melbourne, nothing known of its bays yet."""
    async with whole_city(database_url, ray_cluster, tmp_path_factory.mktemp("city"), melbourne()) as here:
        yield here


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A chromium that draws maps in software."""
    async with chromium(SOFTWARE_GL) as started:
        yield started


class Watch(NamedTuple):
    """Where somebody has had the city before his eyes since the morning, and what went wrong on the page meanwhile."""

    page: Page
    troubles: list[str]


@pytest.fixture(scope="module")
async def watch(city: Whole, browser: Browser) -> AsyncIterator[Watch]:
    """A signed-in administrator before the drawn map, in English: one page for all tests, as it stays open all day."""
    context = await browser.new_context(viewport=VIEW, locale="en-GB", bypass_csp=True)  # type: ignore[arg-type]
    here = Watch(await context.new_page(), [])
    here.page.on("pageerror", lambda error: here.troubles.append(str(error)))
    await here.page.goto(city.gateway.url)
    await here.page.locator("input[autocomplete=username]").fill("admin")
    await here.page.locator("input[type=password]").fill(city.password)
    await here.page.keyboard.press("Enter")
    await at_rest(here.page)
    yield here
    await context.close()


@pytest.fixture
async def page(watch: Watch, city: Whole) -> AsyncIterator[Page]:
    """That page, on it the map where it was left, and no place chosen; no script may fail on it."""
    if not watch.page.url.endswith("/"):
        await watch.page.goto(f"{city.gateway.url}/#/")
        await at_rest(watch.page)
    await all_is_well(watch.page)
    yield watch.page
    met = watch.troubles.copy()
    watch.troubles.clear()  # of this test alone: the next ones have theirs
    assert not met


async def at_rest(page: Page) -> None:
    """Waits until the map is drawn."""
    await page.wait_for_function("window.__yunparking && window.__yunparking.ready", timeout=60_000)


def frame(bay: str, n: int, occupied: bool) -> Said:
    """What the bay's own sensor sends."""
    payload = {"v": 1, "boot": 1, "n": n, "at": now_us(), "occupied": occupied, "battery": 88, "rssi": -71}
    return Said(f"yunparking/v1/mel-{bay}/up", json.dumps(payload).encode())


def lot_of(city: Whole, bay: str) -> str:
    """The section in which a bay lies."""
    return next(each.lot_id for each in city.register.bays if each.id == bay)


async def hook(page: Page, what: str) -> Any:
    """Asks the page's hooks."""
    return await page.evaluate(f"window.__yunparking.{what}")


async def shows(page: Page, bay: str, state: str) -> None:
    """Waits until the page shows a bay in this state."""
    await page.wait_for_function(f"window.__yunparking.bay({bay!r}) === {state!r}", timeout=60_000)


async def names(page: Page, part: str) -> None:
    """Waits until badge and bar name this part as away."""
    badge = page.locator("[data-test=standing]").first
    await expect(badge).to_have_attribute("data-mark", "away", timeout=20_000)
    await expect(badge).to_contain_text(f"No answer: {part}")
    await expect(page.locator("[data-test=standing-bar]")).to_contain_text(f"No answer: {part}")


async def all_is_well(page: Page) -> None:
    """Waits until the badge says that the picture is live, and no bar is there."""
    badge = page.locator("[data-test=standing]").first
    await expect(badge).to_have_attribute("data-mark", "live", timeout=60_000)
    await expect(page.locator("[data-test=standing-bar]")).to_have_count(0)


async def unready(city: Whole) -> set[str]:
    """The parts that the gateway calls not ready."""
    async with aiohttp.request("GET", f"{city.gateway.url}/health/ready") as response:
        known = await response.json()
    return {one["name"] for one in known["dependencies"] if not one["ready"]}


async def all_ready(city: Whole) -> bool:
    """Whether there are none."""
    return not await unready(city)


async def colours(page: Page, bay: str) -> set[str]:
    """The colours drawn where a bay is, 3 × 3 px around its middle."""
    png = await page.locator("[data-test=map] canvas").first.screenshot()
    at = await hook(page, f"where({bay!r})")
    pixels = await page.evaluate(
        """async ([png, x, y]) => {
            const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(Math.round(x) - 1, Math.round(y) - 1, 3, 3);
            return Array.from({ length: 9 }, (_, i) => Array.from(data.slice(4 * i, 4 * i + 3)).join());
        }""",
        [base64.b64encode(png).decode(), at["x"], at["y"]],
    )
    return set(pixels)


async def test_the_map_is_drawn_and_not_blank(page: Page) -> None:
    assert await hook(page, "drawn") == 3309
    png = await page.locator("[data-test=map]").screenshot()
    assert len(png) > 30_000, "a picture of one colour is small"
    await expect(page.get_by_text("City of Melbourne Open Data, CC BY 4.0")).to_be_visible()


async def test_a_frame_changes_the_bays_colour_and_the_counters(page: Page, city: Whole) -> None:
    await page.goto(f"{city.gateway.url}/#bay/{BAY}")
    await city.say(frame(BAY, 1, occupied=False))
    await shows(page, BAY, "free")
    before = await hook(page, "counts")
    await page.wait_for_function("window.__yunparking.zoom > 16 && window.__yunparking.ready", timeout=30_000)
    free = await colours(page, BAY)
    await city.say(frame(BAY, 2, occupied=True))
    await shows(page, BAY, "occupied")
    after = await hook(page, "counts")
    assert after["occupied"] == (before.get("occupied") or 0) + 1
    assert after["free"] == before["free"] - 1
    assert await colours(page, BAY) != free
    words = page.locator(".events .ev .ell").first
    await expect(words).to_be_visible()
    size = await words.bounding_box()
    assert size is not None
    assert size["width"] > 100, "the event says which bay it is"


async def test_a_cut_line_shows_its_badge_and_catches_up(page: Page, city: Whole) -> None:
    gaps = await hook(page, "gaps")
    await city.say(frame("66222", 1, occupied=False))
    await shows(page, "66222", "free")
    city.gateway.program.stop()
    await expect(page.locator("[data-test=standing]").first).to_have_attribute("data-mark", "cut", timeout=20_000)
    async with city.radio() as radio:
        await city.publish(radio, [frame("66222", 2, occupied=True)])  # the broker keeps it meanwhile
    city.gateway.start()
    await city.gateway.ready()
    await shows(page, "66222", "occupied")
    await page.wait_for_function("window.__yunparking.standing === 'live'", timeout=30_000)
    assert await hook(page, "gaps") == gaps
    async with asyncio.timeout(30):
        await city.quiet()


async def test_a_parked_message_is_seen_on_the_engines_page_and_told_again(page: Page, city: Whole) -> None:
    await city.say(frame(BAY, 11, occupied=False))
    device, now, encode = Ref("device", f"{lot_of(city, BAY)}/mel-{BAY}"), now_us(), city.town.catalogue.encode
    source, message = FromDevice(device, 1, 999), Uplinked(now, now, True, battery_pct=66)
    broken = ParkedMessage(shared_slot(device.key), encode(source), now, str(device), "KeyError: 'x'", encode(message))
    await city.town.journal.park([broken])
    await page.locator("[data-test=rail-engine]").click()
    await expect(page.locator("[data-test=cell-row]")).to_have_count(2)
    await expect(page.locator("[data-test=cell-row] .live.cut")).to_have_count(0)
    await page.locator("[data-test=parked] > button").click()
    await expect(page.locator("[data-test=parked] pre")).to_contain_text('"battery_pct": 66')
    await page.locator("[data-test=retry]").click()
    await expect(page.locator("[data-test=parked-said]")).to_contain_text("Taken")
    await expect(page.locator("[data-test=parked]")).to_have_count(0)
    await shows(page, BAY, "occupied")


async def test_frozen_views_are_told_and_caught_up_with(page: Page, city: Whole) -> None:
    gaps = await hook(page, "gaps")
    await city.say(frame("5691", 1, occupied=False))
    await shows(page, "5691", "free")
    async with frozen_worker(VIEWS)(city):
        await names(page, "Live views")
        await expect(page.locator("[data-test=standing-bar]")).to_contain_text("The picture stands at")
        await city.say(frame("5691", 2, occupied=True))  # everybody else goes on
    await shows(page, "5691", "occupied")
    await all_is_well(page)
    assert await hook(page, "gaps") == gaps


@pytest.mark.parametrize(
    ("stopping", "part", "name", "means"),
    [
        pytest.param(frozen_database, "database", "Database", "Nothing acknowledged is lost", id="database frozen"),
        pytest.param(frozen_broker, "broker", "Message broker", "No news of devices arrives", id="broker frozen"),
        pytest.param(killed_broker, "broker", "Message broker", "No news of devices arrives", id="broker killed"),
        pytest.param(frozen_worker("cell-1"), "actors", "cell-1", "Its bays are as they were", id="cell frozen"),
        pytest.param(frozen_worker(PROJECTOR), "projector", "Projector", "The map is live", id="projector frozen"),
    ],
)
async def test_a_part_that_is_away_is_named_until_it_is_back(
    page: Page, city: Whole, stopping: Stopping, part: str, name: str, means: str
) -> None:
    """On the page in words, and to whoever probes the gateway."""
    async with stopping(city):
        await names(page, name)
        await expect(page.locator("[data-test=standing-bar]")).to_contain_text(means)
        assert part in await unready(city)
    await all_is_well(page)
    await eventually(lambda: all_ready(city), "/health/ready says that nothing is away")
    async with asyncio.timeout(60):
        await city.quiet()


async def test_the_engines_page_takes_no_old_figure_for_a_new_one(page: Page, city: Whole) -> None:
    await page.locator("[data-test=rail-engine]").click()
    lags, cell = page.locator(".gauge").get_by_text("Not read", exact=True), page.locator("[data-test=cell-row]").first
    await expect(cell).to_contain_text("Answers")
    await expect(page.get_by_text("Up to date").first).to_be_visible(timeout=30_000)
    async with frozen_database(city):
        await names(page, "Database")
        await expect(lags).to_have_count(2)
        await expect(page.get_by_text("Up to date")).to_have_count(0)
        await expect(cell).to_contain_text("Answers, stores nothing")
        await expect(page.locator("[data-test=engine-age]")).to_contain_text("but not the database")
        await expect(page.get_by_text("Every message has its outcome")).to_have_count(0)
    await all_is_well(page)
    await expect(lags).to_have_count(0)
    await expect(page.locator("[data-test=engine-age]")).not_to_contain_text("database")


async def test_words_are_chinese_first_and_english_on_request(browser: Browser, city: Whole) -> None:
    context = await browser.new_context(viewport=VIEW, locale="zh-CN", bypass_csp=True)  # type: ignore[arg-type]
    opened = await context.new_page()
    await opened.goto(city.gateway.url)
    await expect(opened.get_by_role("button", name="登录")).to_be_visible()
    await opened.get_by_role("button", name="English").click()
    await expect(opened.get_by_role("button", name="Sign in")).to_be_visible()
    await context.close()
