"""Shared bays over HTTP: applied for, decided, used by others inside their windows, frozen, given up; their locks."""

from datetime import date, timedelta
from typing import Any

import pytest

from actors.messages.bay import LockKnown
from actors.messages.device import TellDevice
from actors.tariffs.zone import EPOCH, zone_named
from actors.values import DAY_US, HOUR_US, MINUTE_US, Ref
from tests.gateway.http.callers import Said
from tests.gateway.http.owned import OTHER, PLATE, Owned, bound, city, engine, home, town

__all__ = ["city", "engine", "home", "town"]

ZONE = zone_named("Australia/Melbourne")


@pytest.fixture(autouse=True)
def monday(city: Owned) -> date:
    """It is eight o'clock on a Monday; the lot lets nobody reserve its own bays."""
    holds = {"hold_minutes": 30, "ahead_minutes": 30 * 24 * 60}
    city.town.refer("rules/L0", {"mode": "sensor_pda", "operator": "op", "holds": holds})
    today = date.fromordinal(EPOCH + ZONE.day_of(city.clock()))
    day = today + timedelta(days=7 - today.weekday())
    city.clock.ahead_us += at(day, 8) - city.clock()
    city.see("L0-0", False)
    return day


def at(day: date, hour: float) -> int:
    return ZONE.instant(day.toordinal() - EPOCH, int(hour * HOUR_US))


async def applied(city: Owned, monday: date, **more: Any) -> Said:
    """Owen wants to share NL0-0 on Mondays and Tuesdays from nine to noon."""
    hours = [{"weekday": day, "from_minute": 540, "until_minute": 720} for day in (0, 1)]
    times = {"from_us": at(monday, 0), "until_us": at(monday + timedelta(days=60), 0)}
    body = {"number": "NL0-0", "hours": hours, **times, **more}
    return await owen(city)("POST", "/api/v1/own/shares", body, Idempotency_Key="s1")


def owen(city: Owned) -> Any:
    return city.signed_in("owen", "owner")


async def decided(city: Owned, agreed: bool = True) -> Said:
    body = {"agreed": agreed, "reason": "seen"}
    return await city.staff("POST", "/api/v1/shares/L0/L0-0/decision", body, Idempotency_Key=f"d{city.clock()}")


async def booked(city: Owned, day: date, hour: float, until: float = 0) -> str:
    """What becomes of a reservation; one that is held is given up again."""
    times = {"from_us": at(day, hour), "leave_us": at(day, until) if until else 0}
    said = (await city.post("/own/reservations", {"number": "NL0-0", "plate": PLATE, **times})).json
    if said["state"] == "held":
        await city.post(f"/own/reservations/{said['id']}/cancel", {})
    return str(said["why"] or said["state"])


@pytest.mark.feature("OFF-11")
async def test_others_book_only_inside_the_windows_that_staff_have_approved(city: Owned, monday: date) -> None:
    await bound(city)
    assert (await applied(city, monday)).json["state"] == "applied"
    assert await booked(city, monday, 9.5) == "not_reservable"
    await city.town.project(city.engine)
    (waits,) = (await city.staff.get("/api/v1/shares?waits=true")).json["items"]
    assert (waits["bay"], waits["owner"], waits["hours"][1]["weekday"]) == ("L0-0", "owen", 1)
    assert (await decided(city)).json["state"] == "active"
    tuesday, wednesday = monday + timedelta(days=1), monday + timedelta(days=2)
    found = {
        (day, hour, until): await booked(city, day, hour, until)
        for day, hour, until in [
            (monday, 9, 12),
            (monday, 8.5, 10),
            (monday, 11, 12.1),
            (monday, 11.75, 0),
            (tuesday, 9, 12),
            (wednesday, 9, 12),
            (monday + timedelta(days=7), 10, 11),
        ]
    }
    assert list(found.values()) == ["held", *["outside_window"] * 3, "held", "outside_window", "held"]


@pytest.mark.feature("OFF-11")
async def test_a_freeze_is_audited_and_ends_by_itself_on_the_right_day(city: Owned, monday: date) -> None:
    await bound(city)
    await applied(city, monday)
    await decided(city)
    next_monday, days = monday + timedelta(days=7), [monday + timedelta(days=n) for n in (7, 8, 14)]
    wish = {"what": "freeze", "from_day": str(next_monday), "until_day": str(next_monday)}
    address = "/api/v1/own/shares/L0/L0-0/requests"
    assert (await city.post("/own/shares/L0/L0-0/requests", wish)).json["details"]["refused"] == "no_share"
    said = await owen(city)("POST", address, {"what": "freeze"}, Idempotency_Key="f0")
    assert (said.status, said.code) == (400, "invalid_body")
    assert (await owen(city)("POST", address, wish, Idempotency_Key="f1")).status == 200
    assert [await booked(city, day, 10) for day in days] == ["held", "held", "held"], "it is only asked for"
    await decided(city)
    assert [await booked(city, day, 10) for day in days] == ["outside_window", "held", "held"]
    await city.later((at(next_monday, 0.01) - city.clock()) / MINUTE_US)
    (shown,) = (await owen(city).get("/api/v1/own/shares")).json["items"]
    assert shown["state"] == "frozen"
    await city.later((at(next_monday, 24) - city.clock()) / MINUTE_US)
    (shown,) = (await owen(city).get("/api/v1/own/shares")).json["items"]
    assert (shown["state"], shown["person"]) == ("active", "administrator")


@pytest.mark.feature("OFF-11")
async def test_cancelling_is_audited_too(city: Owned, monday: date) -> None:
    await bound(city)
    await applied(city, monday)
    await decided(city)
    address = "/api/v1/own/shares/L0/L0-0/requests"
    for n, agreed in enumerate((False, True)):
        await owen(city)("POST", address, {"what": "cancel"}, Idempotency_Key=f"c{n}")
        assert await booked(city, monday, 10) == "held"
        city.clock.ahead_us += MINUTE_US
        await decided(city, agreed)
        assert await booked(city, monday, 10) == ("not_reservable" if agreed else "held")
    await city.town.project(city.engine)
    notices = (await city.staff.get("/api/v1/notices?account=owen")).json["items"]
    assert [each["template"] for each in reversed(notices)] == ["share_agreed", "share_refused", "share_agreed"]


async def test_a_share_that_makes_no_sense_is_refused(city: Owned, monday: date) -> None:
    said = await applied(city, monday, until_us=at(monday, 0))
    assert (said.status, said.code) == (400, "invalid_body")
    said = await applied(city, monday, hours=[{"weekday": 0, "from_minute": 720, "until_minute": 540}])
    assert (said.status, said.code) == (400, "invalid_body")
    assert (await applied(city, monday, number="none")).status == 404
    await applied(city, monday)
    assert (await decided(city, False)).json["state"] == "refused"
    city.clock.ahead_us += MINUTE_US
    assert (await decided(city)).json["details"]["refused"] == "nothing_asked"


async def test_a_shared_bays_lock_goes_down_for_a_guest_inside_its_window_only(city: Owned, monday: date) -> None:
    await bound(city)
    bay = Ref("bay", "L0/L0-0")
    city.town.actors[bay].remember(LockKnown("dL0-0"))
    await applied(city, monday)
    await decided(city)

    async def lower(plate: str = PLATE) -> Any:
        said = (await city.post("/own/bays/NL0-0/lock", {"plate": plate})).json
        return said["as_what"] if "as_what" in said else said["details"]["refused"]

    assert await lower(OTHER) == "not_owner"
    assert await lower() == "outside_window"
    await city.later(90)
    assert await lower() == "guest"
    assert city.clock() < at(monday, 24) < city.clock() + DAY_US
    assert not [one for _, one in city.town.asked if isinstance(one, TellDevice)], "the lock is not installed here"
