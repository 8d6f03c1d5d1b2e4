"""What owners are told: once for each event, by the channels they chose, in their language, however it is sent."""

import asyncio
from typing import Any

import pytest

from actors.messages.forms import Fact
from actors.messages.ownership import LockedCarTried
from actors.messages.passes import HolderReminded
from actors.values import DAY_US, Ref
from gateway.http.limits import Buckets
from gateway.notices.sender import Channel, Sender, Sent, sandboxes
from storage.notices.outbox import STALE_US, NoticeOutbox
from storage.notices.table import OTHERS, STAYS
from storage.notices.templates import TEMPLATES
from storage.projections import Happened
from storage.projections.notices import Notices
from storage.session import now_us
from tests.gateway.http.owned import PLATE, Owned, bound, city, engine, home, town

__all__ = ["city", "engine", "home", "town"]

LOOSE = {"wechat": Buckets(per_s=1_000, burst=1_000), "sms": Buckets(per_s=1_000, burst=1_000)}


def sender(city: Owned, owner: str = "g1", **channels: Channel) -> Sender:
    known = {**sandboxes(city.engine, city.clock), **channels}
    return Sender(NoticeOutbox(city.engine, owner), known, LOOSE)


async def reached(city: Owned, **contact: Any) -> None:
    said = await city.owner("PUT", "/api/v1/own/contact", {"openid": "o1", "phone": "13800000000", **contact})
    assert said.status == 200


async def told(city: Owned, address: str = "o1") -> list[str]:
    """Everything is sent that can be; what the providers' sandbox was given, oldest first."""
    await city.town.project(city.engine)
    while await sender(city).look():
        pass
    items = (await city.staff.get(f"/api/v1/notices/sandbox?address={address}")).json["items"]
    assert not any(each["again"] for each in items)
    return [each["said"] for each in reversed(items)]


async def in_app(city: Owned) -> list[dict[str, Any]]:
    return list(reversed((await city.get("/messages"))["items"]))


@pytest.mark.feature("WXM-06", "OWN-24", "DEV-17")
async def test_an_entry_and_an_exit_are_told_once_each_and_the_exit_says_the_sum(city: Owned) -> None:
    await bound(city)
    await reached(city)
    await told(city)
    await city.parked("L0-0")
    await city.later(40)
    await city.left("L0-0")
    said = [each for each in await told(city) if "通知" in each]
    assert [each.split("\n")[0] for each in said] == ["入场通知", "离场通知"]
    assert PLATE in said[0]
    assert "停车费 5.00 元，待付 5.00 元" in said[1]
    assert await told(city) == await told(city)
    kinds = [each["kind"] for each in await in_app(city)]
    assert kinds == ["plate_bound", "entry", "exit"]
    assert (await city.get("/own/stays?which=owing"))["owing_fen"] == 500
    await city.later(90)
    assert (await city.get("/own/stays?which=owing"))["items"][0]["state"] == "arrears"


@pytest.mark.feature("WXM-07")
async def test_a_top_up_leaves_one_message_with_sum_and_balance(city: Owned) -> None:
    await reached(city)
    await city.funded(2_000)
    await city.funded(500)
    assert [each.split("\n")[1] for each in await told(city)] == [
        "充值 20.00 元成功，余额 20.00 元。",
        "充值 5.00 元成功，余额 25.00 元。",
    ]


@pytest.mark.feature("WXM-08")
async def test_a_deduction_leaves_one_message_with_sum_and_order(city: Owned) -> None:
    await bound(city)
    await reached(city)
    await city.funded(2_000)
    await city.owner("PUT", f"/api/v1/own/plates/{PLATE}/ways", {"ways": ["wallet"]})
    stay = await city.parked("L0-0")
    await city.later(40)
    await city.left("L0-0")
    paid = [each for each in await told(city) if each.startswith("扣费通知")]
    assert len(paid) == 1
    assert stay in paid[0]
    assert "5.00 元" in paid[0]


@pytest.mark.feature("OWN-23", "ARR-02")
async def test_arrears_are_reminded_on_their_days_once_each_by_the_chosen_channel(city: Owned) -> None:
    await bound(city)
    await reached(city, channels=["sms"], language="en")
    await city.parked("L0-0")
    await city.later(40)
    await city.left("L0-0")
    counts = []
    for day in range(8):
        counts.append(len(await told(city, "13800000000")))
        await city.later(24 * 60)
        assert (await city.get("/own/stays?which=owing"))["owing_fen"] == 500, day
    assert counts == [0, 1, 1, 2, 2, 2, 2, 3]
    assert await told(city, "o1") == []
    (last,) = (await told(city, "13800000000"))[-1:]
    assert "5.00 yuan for" in last
    assert "reminder 3" in last
    log = (await city.staff.get(f"/api/v1/notices?account={city.user}")).json["items"]
    assert [(each["channel"], each["state"]) for each in log] == [("sms", "sent")] * 3
    assert await in_app(city) == [], "nothing goes by a channel that was not chosen"


async def happened(city: Owned, ref: Ref, fact: Fact, at: int | None = None, seq: int = 900) -> None:
    """A fact reaches the projection."""
    async with city.engine.begin() as connection:
        each = Happened(5, seq, 0, ref, now_us() if at is None else at, fact)
        await Notices().apply(connection, [each])


@pytest.mark.feature("PAS-11")
async def test_a_pass_that_ends_is_reminded_to_its_owner_or_to_its_phone(city: Owned) -> None:
    await reached(city)
    until_us = city.clock() + 3 * DAY_US
    await happened(city, Ref("pass", "m1"), HolderReminded(until_us, city.user, "", (PLATE,), 0))
    await happened(city, Ref("pass", "m2"), HolderReminded(until_us, "", "139", (PLATE,), 0), seq=901)
    for address in ("o1", "13800000000", "139"):
        assert [PLATE in each for each in await told(city, address)] == [True]


async def test_a_notice_is_written_once_also_when_everything_is_made_anew(city: Owned) -> None:
    await reached(city)
    fact = LockedCarTried(city.user, "L0", "1", city.clock())
    for _ in range(2):
        await happened(city, Ref("vehicle", PLATE), fact)
    assert len(await told(city)) == 1
    await happened(city, Ref("vehicle", PLATE), fact)
    assert len(await told(city)) == 1


async def test_of_many_senders_each_notice_is_sent_by_one(city: Owned) -> None:
    await reached(city, channels=["wechat"])
    for n in range(30):
        await happened(city, Ref("vehicle", PLATE), LockedCarTried(city.user, "L0", "1", 0), seq=n)
    sent: list[str] = []

    async def slow(notice: Sent) -> None:
        sent.append(notice.key)
        await asyncio.sleep(0)

    await asyncio.gather(*(sender(city, f"g{n}", wechat=slow).look() for n in range(4)))
    assert len(sent) == len(set(sent)) == 30


async def test_a_channel_that_fails_is_tried_again_and_the_pace_of_one_address_is_kept(city: Owned) -> None:
    await reached(city, channels=["wechat"])
    await happened(city, Ref("vehicle", PLATE), LockedCarTried(city.user, "L0", "1", 0))

    async def broken(notice: Sent) -> None:
        raise OSError("no line")

    await sender(city, wechat=broken).look()
    (row,) = (await city.staff.get("/api/v1/notices")).json["items"]
    assert (row["state"], row["tries"], row["error"]) == ("waiting", 1, "OSError: no line")
    assert await sender(city).look() == 0, "it rests"
    for n in range(3):
        await happened(city, Ref("vehicle", PLATE), LockedCarTried(city.user, "L0", "1", 0), seq=n)
    paced = Sender(NoticeOutbox(city.engine, "g"), sandboxes(city.engine, city.clock), {"wechat": Buckets(0.001, 2)})
    await paced.look()
    states = [each["state"] for each in (await city.staff.get("/api/v1/notices")).json["items"]]
    assert sorted(states) == ["sent", "sent", "waiting", "waiting"]


async def test_what_is_too_old_is_not_sent_any_more(city: Owned) -> None:
    await reached(city)
    old = now_us() - STALE_US - 1_000_000
    await happened(city, Ref("vehicle", PLATE), LockedCarTried(city.user, "L0", "1", 0), old)
    assert await told(city) == []
    assert {each["state"] for each in (await city.staff.get("/api/v1/notices")).json["items"]} == {"stale"}


async def test_the_back_office_writes_and_a_message_is_unread_until_it_is_opened(city: Owned) -> None:
    body = {"to": [city.user], "title": "停水", "body": "今晚"}
    for _ in range(2):
        said = await city.staff("POST", "/api/v1/messages", body, Idempotency_Key="m1")
        assert (said.status, said.json) == (201, {"sent": 1})
    listed = await city.get("/messages?unread=true")
    assert (listed["unread"], [each["title"] for each in listed["items"]]) == (1, ["停水"])
    path = f"/api/v1/messages/{listed['items'][0]['id']}"
    other = city.signed_in("somebody", "owner")
    assert (await other("PATCH", path, {})).status == 404
    first = (await city.owner("PATCH", path, {})).json["read_us"]
    city.clock.ahead_us += 1_000_000
    assert (await city.owner("PATCH", path, {})).json["read_us"] == first
    assert (await city.get("/messages"))["unread"] == 0
    assert (await city.staff("POST", "/api/v1/messages", {**body, "to": ["nobody"]})).code == "not_found"


def test_every_told_fact_has_words_in_both_languages() -> None:
    assert not set(STAYS) & set(OTHERS)
    for name, template in TEMPLATES.items():
        assert all((template.title_zh, template.title_en, template.zh, template.en, template.channels)), name
