"""Drafts of tariffs in a real browser: what cannot be read, what is half written, what is left lying."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.browsers import BROWSED
from tests.web.test_tariffs import address, asked, desk, page

__all__ = ["address", "desk", "page"]

pytestmark = BROWSED

MARS = {"name": {"en": "Mars"}, "zone": "Mars/X", "periods": [{"name": "a", "flat_fen": 5}]}
MISSHAPEN: list[tuple[dict[str, Any], str]] = [
    (MARS, "there is no time zone `Mars/X`"),
    ({**MARS, "zone": 5}, "text is needed here, not a whole number"),
    ({**MARS, "zone": "UTC", "periods": 5}, "a list is needed here, not a whole number"),
    ({**MARS, "zone": "UTC", "caps": {}}, "a list is needed here, not an object"),
    ({**MARS, "zone": "UTC", "periods": [{"name": "a", "hours": "08:00"}]}, "a list is needed here, not text"),
]


async def begun(page: Page, preset: str) -> None:
    await page.get_by_test_id(f"preset-{preset}").click()
    await expect(page.get_by_test_id("fee")).to_be_visible()


@pytest.mark.parametrize(("document", "why"), MISSHAPEN)
async def test_what_is_no_document_is_named_and_breaks_nothing(
    page: Page, tmp_path: Path, document: dict[str, Any], why: str
) -> None:
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(document))
    await page.get_by_test_id("document-file").set_input_files(file)
    await expect(page.get_by_test_id("file-problems")).to_contain_text(why)
    await expect(page.get_by_test_id("file-problems")).to_contain_text("odd.json")
    await begun(page, "day-night")
    await page.get_by_text("All fields").click()
    await page.get_by_test_id("raw").fill(json.dumps(document))
    await expect(page.get_by_test_id("raw-problems")).to_contain_text(why)
    await page.reload()
    await expect(page.get_by_test_id("fee")).to_be_visible()
    await page.get_by_test_id("discard").click()


async def test_what_stands_in_a_red_field_is_not_published_as_something_else(page: Page) -> None:
    await begun(page, "day-night")
    await page.get_by_test_id("new-id").fill("half-written")
    await expect(page.get_by_test_id("publish")).to_be_enabled()
    price = page.get_by_test_id("price-0-0-small")
    await price.fill("3,50")
    await page.get_by_test_id("note").click()
    await expect(price).to_have_value("3,50")
    await expect(page.get_by_test_id("publish")).to_be_disabled()
    await expect(page.get_by_text("A field is red")).to_be_visible()
    await price.fill("3.50")
    await expect(page.get_by_test_id("publish")).to_be_enabled()
    await page.get_by_test_id("discard").click()


async def test_beginning_another_draft_keeps_the_first(page: Page) -> None:
    for preset in ("day-night", "kerb"):
        await begun(page, preset)
        await page.get_by_test_id("to-list").click()
    drafts = page.get_by_test_id("resume")
    await expect(drafts).to_have_count(2)
    await page.reload()
    await expect(drafts).to_have_count(2)
    await drafts.first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Day and night, capped per 24 hours")
    await page.get_by_test_id("discard").click()
    await expect(drafts).to_have_count(1)
    await drafts.first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kerb")
    await page.get_by_test_id("discard").click()
    await expect(drafts).to_have_count(0)


async def test_a_time_that_is_none_and_a_stay_that_is_too_long_are_said(page: Page) -> None:
    await begun(page, "day-night")
    await asked(page, "2026-11-20 09:00", "2026-11-20 10:00")
    await expect(page.get_by_test_id("fee")).to_have_text("¥5.00")
    for odd in ("2026-02-30 10:00", "tomorrow"):
        await page.get_by_test_id("exit").fill(odd)
        await expect(page.get_by_text("No such time")).to_be_visible()
    await page.get_by_test_id("exit").fill("2028-11-20 10:00")
    await expect(page.get_by_test_id("not-asked")).to_have_text("A stay of more than 400 days is not priced here.")
    await page.get_by_test_id("exit").fill("2026-11-19 10:00")
    await expect(page.get_by_test_id("not-asked")).to_have_text("The exit lies before the entry.")
    await page.get_by_test_id("discard").click()


async def test_a_preset_begins_by_the_citys_clock_and_another_clock_is_named(page: Page) -> None:
    await begun(page, "day-night")
    await expect(page.get_by_test_id("other-zone")).to_have_count(0)
    await page.get_by_label("Time zone").fill("Asia/Tokyo")
    await expect(page.get_by_test_id("other-zone")).to_have_text("Clock of Asia/Tokyo")
    await page.get_by_test_id("discard").click()
