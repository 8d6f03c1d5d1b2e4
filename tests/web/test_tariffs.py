"""The tariffs' pages in a real browser: what a clerk sees who writes, verifies, publishes and assigns a tariff."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.http.serve import listen
from tests.gateway.http.callers import Clock
from tests.gateway.http.houses import PASSWORD, furnished
from tests.web.browsers import BROWSED, PAGES

pytestmark = BROWSED


@pytest.fixture(scope="module")
async def address(engine: AsyncEngine) -> AsyncIterator[str]:
    """A gateway's pages and HTTP over a small city; nobody sends live frames."""
    runner = await listen(furnished(engine, Clock(), PAGES.parent), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def opened(address: str, browser: Browser, who: str = "operator", locale: str = "en-GB") -> Page:
    """The tariffs' list, for somebody who has signed in."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale, timezone_id="UTC")
    page = await context.new_page()
    await page.goto(f"{address}/#/tariffs")
    await page.locator("input[autocomplete=username]").fill(who)
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("presets").get_by_role("listitem").first).to_be_visible()
    return page


@pytest.fixture(scope="module")
async def desk(address: str, browser: Browser) -> AsyncIterator[Page]:
    """A clerk's page, in English: one for all tests, who signs in once."""
    page = await opened(address, browser)
    yield page
    await page.context.close()


@pytest.fixture
async def page(desk: Page) -> AsyncIterator[Page]:
    """The list on it, no draft begun, nothing asked; no script may fail on it."""
    troubles: list[str] = []

    def met(error: Error) -> None:
        troubles.append(str(error))

    desk.on("pageerror", met)
    await desk.evaluate("localStorage.clear(); location.hash = '#/tariffs'")
    await desk.reload()
    await expect(desk.get_by_test_id("presets").get_by_role("listitem").first).to_be_visible()
    yield desk
    desk.remove_listener("pageerror", met)
    assert not troubles


async def asked(page: Page, entry: str, end: str) -> None:
    """Asks what a stay costs."""
    await page.get_by_test_id("entry").fill(entry)
    await page.get_by_test_id("exit").fill(end)


@pytest.mark.feature("TAR-08")
async def test_a_rule_is_verified_while_it_is_written(page: Page) -> None:
    await page.get_by_test_id("preset-day-night").click()
    await asked(page, "2026-11-20 18:40", "2026-11-21 09:10")
    fee, result = page.get_by_test_id("fee"), page.get_by_test_id("result")
    await expect(fee).to_have_text("¥23.00")
    await expect(page.get_by_test_id("sum")).to_have_text("23.00")
    await expect(result).to_contain_text("Cap of the period")
    await expect(result).to_contain_text("−4.00")
    await page.get_by_test_id("price-0-0-small").fill("3.00")
    await expect(fee).to_have_text("¥26.00")
    await expect(page.get_by_test_id("sign")).to_contain_text("¥3.00 per 30 min")
    chart = page.get_by_test_id("price-chart").get_by_role("slider")
    await chart.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(chart).to_have_attribute("aria-valuetext", "14 h 15 min parked draft ¥23.00")


async def test_what_makes_no_sense_is_said_and_cannot_be_published(page: Page) -> None:
    await page.get_by_test_id("preset-day-night").click()
    await page.get_by_test_id("stages_restart").select_option("cycle")
    await page.get_by_test_id("cap-hours-small").fill("")
    await expect(page.get_by_test_id("problems")).to_contain_text("stages restart with a cap's window")
    await page.get_by_test_id("new-id").fill("broken")
    await expect(page.get_by_test_id("publish")).to_be_disabled()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_test_id("sign")).to_be_visible()


@pytest.mark.feature("TAR-01", "TAR-12")
async def test_a_tariff_is_published_versioned_compared_and_assigned(page: Page) -> None:
    await page.get_by_test_id("preset-day-night").click()
    await page.get_by_test_id("new-id").fill("centre")
    await page.get_by_test_id("note").fill("council of May")
    await page.get_by_test_id("publish").click()
    versions = page.get_by_test_id("versions")
    await expect(versions).to_contain_text("In force")
    await expect(versions).to_contain_text("council of May")
    await asked(page, "2026-11-20 09:00", "2026-11-20 11:00")
    await page.get_by_test_id("price-0-0-small").fill("3.50")
    await expect(page.get_by_test_id("draft-badge")).to_have_text("draft · 1 change")
    await expect(page.get_by_test_id("compared")).to_have_text("¥4.00 more")
    await expect(page.get_by_test_id("differences")).to_contain_text("Day · stage 1 · price2.50 3.50")
    await page.get_by_role("button", name="At a time").first.click()
    await page.get_by_test_id("effective").fill("2100-01-01 00:00")
    await page.get_by_test_id("publish").click()
    await expect(versions).to_contain_text("since 2100-01-01 00:00")
    await expect(versions).to_contain_text("To come")
    await page.get_by_test_id("lots").locator("summary").click()
    await page.get_by_test_id("lot-L0").check()
    await page.get_by_test_id("assign").click()
    await expect(page.get_by_test_id("assign-said")).to_have_text("Assigned to 1.")
    await expect(page.get_by_test_id("lots")).to_contain_text("1 have it now")
    await page.get_by_test_id("withdraw-2").click()
    await expect(versions).to_contain_text("Replaced")
    await page.get_by_test_id("to-list").click()
    row = page.get_by_test_id("tariff-list").get_by_role("row", name="centre")
    await expect(row).to_contain_text("v1")
    await page.evaluate("location.hash = '#/lot/L0'")
    await page.get_by_test_id("lot-tariff").get_by_role("button", name="centre").click()
    await expect(page.get_by_test_id("editor")).to_be_visible()


async def test_who_may_only_look_sees_prices_and_no_way_to_publish(address: str, browser: Browser) -> None:
    page = await opened(address, browser, "viewer")
    await page.get_by_test_id("preset-per-visit").click()
    await expect(page.get_by_test_id("fee")).to_have_text("¥5.00")
    await expect(page.get_by_test_id("publish")).to_be_disabled()
    await expect(page.get_by_text("Your role may only look.")).to_be_visible()
    await page.context.close()


async def test_a_whole_file_of_examples_is_tried(page: Page, tmp_path: Path) -> None:
    stay = {"entry": "2026-03-06T10:00:00", "exit": "2026-03-06T10:31:00"}
    rule = {"kind": "per_visit", "price": 500, "free": {"minutes": 30}}
    examples = [{**stay, "expected_cents": 500}, {**stay, "expected_cents": 400, "vehicle": "large"}]
    file = tmp_path / "examples.json"
    file.write_text(json.dumps({"tariffs": [{"id": "a", "rule": rule, "examples": examples}, {"id": "b", "rule": {}}]}))
    await page.get_by_test_id("tab-examples").click()
    await page.get_by_test_id("examples-file").set_input_files(file)
    await expect(page.get_by_test_id("tried-sum")).to_have_text("right1differ1not read1")
    tried = page.get_by_test_id("tried-a")
    await expect(tried).to_contain_text("Charge ¥5.00")
    await tried.get_by_role("button", name="Open as a draft").click()
    await expect(page.get_by_test_id("editor")).to_be_visible()


async def test_holidays_are_imported_changed_by_hand_and_decide_the_price(page: Page) -> None:
    await page.get_by_test_id("preset-staged-30").click()
    await asked(page, "2024-10-01 10:00", "2024-10-01 11:00")
    await expect(page.get_by_test_id("fee")).to_have_text("¥4.00")
    await expect(page.get_by_test_id("notices")).to_contain_text("no holidays of 2024")
    await page.get_by_role("button", name="Complete the calendar").click()
    for field in ("import-first", "import-last"):
        await page.get_by_test_id(field).fill("2024")
    await page.get_by_test_id("import").click()
    await expect(page.get_by_test_id("calendar-said")).to_contain_text("days of 2024 are in the draft")
    while await page.get_by_test_id("year").inner_text() != "2024":
        await page.get_by_role("button", name="The year before").click()
    await page.get_by_role("button", name="2024-12-25 Weekday").click()
    day = page.get_by_role("button", name="2024-12-25 Short holiday")
    await expect(day).to_be_visible()
    await day.focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[data-date='2025-01-01']")).to_have_count(0)
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("button", name="2024-12-24 Weekday")).to_be_focused()
    await page.get_by_test_id("save-calendar").click()
    await expect(page.get_by_test_id("calendar-said")).to_contain_text("is saved and holds now")
    await page.get_by_test_id("tab-rules").click()
    await page.get_by_test_id("preset-staged-30").click()
    await expect(page.get_by_test_id("fee")).to_have_text("¥10.00")
    await expect(page.get_by_test_id("notices")).to_have_count(0)
    # The chart's day ends in 2024, the stay does not.
    await asked(page, "2024-12-30 09:00", "2025-01-02 09:00")
    await expect(page.get_by_test_id("notices")).to_contain_text("no holidays of 2025")


async def test_the_page_speaks_chinese(address: str, browser: Browser) -> None:
    page = await opened(address, browser, locale="zh-CN")
    await page.get_by_test_id("preset-kerb").click()
    await asked(page, "2026-11-20 09:00", "2026-11-20 10:30")
    await expect(page.get_by_test_id("result")).to_contain_text("草稿应收¥10.50")
    await expect(page.get_by_test_id("result")).to_contain_text("白天2 × 2.25")
    await expect(page.get_by_test_id("sign")).to_contain_text("夜间（19:00-08:00）：每次占用 ¥5.00")
    await page.context.close()


async def test_a_draft_outlives_a_reload_until_it_is_discarded(page: Page) -> None:
    await page.get_by_test_id("preset-day-night").click()
    await page.get_by_test_id("price-0-0-small").fill("7.77")
    await expect(page.get_by_test_id("sign")).to_contain_text("¥7.77")
    await page.reload()
    await expect(page.get_by_test_id("price-0-0-small")).to_have_value("7.77")
    await page.get_by_test_id("to-list").click()
    await page.get_by_test_id("resume").click()
    await page.get_by_test_id("new-id").fill("kept")
    await page.get_by_test_id("publish").click()
    await expect(page.get_by_test_id("versions")).to_contain_text("In force")
    await page.get_by_test_id("price-0-0-small").fill("8.88")
    await expect(page.get_by_test_id("draft-badge")).to_have_text("draft · 1 change")
    await page.reload()
    await expect(page.get_by_test_id("price-0-0-small")).to_have_value("8.88")
    await expect(page.get_by_test_id("draft-badge")).to_have_text("draft · 1 change")
    await page.get_by_test_id("discard").click()
    await expect(page.get_by_test_id("price-0-0-small")).to_have_value("7.77")
    await page.reload()
    await expect(page.get_by_test_id("draft-badge")).to_have_text("Same as v1")
    await page.get_by_test_id("to-list").click()
    await expect(page.get_by_test_id("presets").get_by_role("listitem").first).to_be_visible()
    await expect(page.get_by_test_id("resume")).to_have_count(0)


async def test_turns_and_a_charger_are_a_form(page: Page) -> None:
    await page.get_by_test_id("preset-overnight-turn").click()
    await asked(page, "2026-11-20 18:00", "2026-11-22 06:00")
    await expect(page.get_by_test_id("fee")).to_have_text("¥70.00")
    await page.get_by_test_id("turn-edge").select_option("no")
    await expect(page.get_by_test_id("fee")).to_have_text("¥40.00")
    await page.get_by_test_id("turn-at").fill("05:00")
    await page.get_by_test_id("turn-price-small").fill("20.00")
    await expect(page.get_by_test_id("fee")).to_have_text("¥50.00")
    await page.get_by_test_id("turns-on").click()
    await expect(page.get_by_test_id("fee")).to_have_text("¥10.00")
    await page.get_by_test_id("to-list").click()
    await page.get_by_test_id("preset-charging-bay").click()
    await asked(page, "2026-11-20 09:00", "2026-11-20 10:30")
    await expect(page.get_by_test_id("fee")).to_have_text("¥20.00")
    await page.get_by_test_id("charged").fill("60")
    await expect(page.get_by_test_id("fee")).to_have_text("¥12.00")
    chart = page.get_by_test_id("price-chart")
    await chart.get_by_role("button").click()
    await expect(chart.get_by_role("row", name="1 h 15 min ¥12.00")).to_be_visible()
    await page.get_by_test_id("charging-grace_minutes").fill("45")
    await expect(page.get_by_test_id("sign")).to_contain_text("until 45 min after the end")
    await page.get_by_test_id("charger-on").click()
    await expect(page.get_by_test_id("sign")).not_to_contain_text("45 min")


STAYS = """entry,exit,vehicle
2026-11-20 09:00:00,2026-11-20 10:30:00,small
2026-11-20 13:10:00,2026-11-20 14:00:00,small
2026-11-20 21:00:00,2026-11-21 07:00:00,small
"""


async def test_two_versions_are_compared_over_a_file_of_stays(page: Page, tmp_path: Path) -> None:
    await page.get_by_test_id("preset-day-night").click()
    await page.get_by_test_id("new-id").fill("compared")
    await page.get_by_test_id("publish").click()
    await expect(page.get_by_test_id("versions")).to_contain_text("In force")
    file = tmp_path / "stays.csv"
    file.write_text(STAYS)
    await page.get_by_test_id("stays-file").set_input_files(file)
    tallies = page.get_by_test_id("tallies")
    await expect(tallies.get_by_role("row").nth(1)).to_have_text("All3¥20.50¥20.50+0.0%00")
    await page.get_by_test_id("price-0-0-small").fill("5.00")
    await expect(tallies.get_by_role("row").nth(1)).to_have_text("All3¥20.50¥33.00+61.0%20")
    await expect(page.get_by_test_id("hour-bars").get_by_role("img")).to_be_visible()
    file.write_text("from,to\n")
    await page.get_by_test_id("stays-file").set_input_files(file)
    await expect(page.get_by_test_id("over-stays")).to_contain_text("there is no column `entry`")


async def test_a_foreign_file_becomes_a_draft(page: Page, tmp_path: Path) -> None:
    fares = {"WorkingDay": [{"Period": "00~24", "Fare": "20"}], "Holiday": [{"Period": "00~24", "Fare": "10"}]}
    lots = [{"id": "a", "name": "x", "FareInfo": fares}, {"id": "b", "name": "y", "FareInfo": {"WorkingDay": "prose"}}]
    file = tmp_path / "lots.json"
    file.write_text(json.dumps(lots))
    await page.get_by_test_id("import-form").select_option("taipei")
    await page.get_by_test_id("import-file").set_input_files(file)
    await expect(page.get_by_test_id("imported")).to_have_text("1 read, 1 different; 1 not read.")
    await page.get_by_test_id("import-begin").click()
    await expect(page.get_by_test_id("sign")).to_contain_text("NT$20 per 1 h")
