"""What needs a person reaches the screens when it happens, once, and is gone when it is over."""

import pytest

from actors.engine.entries import FromDevice
from actors.engine.journal import ParkedMessage
from actors.messages.device import Uplinked
from actors.values import Ref, shared_slot
from storage.frames import FrameRow, Frames
from storage.session import now_us
from tests.city.screen import Screen, looking
from tests.city.small import Sensors, plain, sensor_of
from tests.city.whole import Said, Whole
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray]


@pytest.mark.feature("OPS-18")
async def test_a_low_battery_is_one_alarm_until_it_is_back(city: Whole, http: Caller, sensors: Sensors) -> None:
    bay, key = "health-1", f"battery_low:{sensor_of('health-1')}"
    async with looking(city, http, "alarms", "devices") as screen:
        for battery in (80, 20, 15, 15):
            await city.say(sensors.frame(bay, None, now_us(), battery=battery))
        await screen.until(lambda: key in screen.body("alarms")["open"], "the battery is low")
        low = [15, "health", bay]
        await screen.until(lambda: screen.body("devices")["low_battery"].get(sensor_of(bay)) == low, "how low it is")
        device = (await http.get(f"/api/v1/devices/{sensor_of(bay)}")).json
        assert (device["state"], device["battery_pct"]) == ("online", 15)
        await city.say(sensors.frame(bay, None, now_us(), battery=95))
        await screen.until(lambda: key not in screen.body("alarms")["open"], "the battery is back")
        told = [event for delta in screen.heard for event in delta["body"].get("events", []) if event[1] == key]
        assert [event[0] for event in told] == ["raise", "clear"]


async def test_a_silent_device_is_an_alarm_until_it_is_heard_again(city: Whole, http: Caller, sensors: Sensors) -> None:
    bay = "health-0"
    sensor = sensor_of(bay)
    key = f"device_offline:{sensor}"
    async with looking(city, http, "alarms", "map") as screen:
        open_before = key in screen.body("alarms")["open"]

        def verbs() -> list[str]:
            events = [event for delta in screen.heard for event in delta["body"].get("events", [])]
            return ["raise"] * open_before + [event[0] for event in events if event[1] == key]

        await city.say(sensors.frame(bay, True, now_us()))
        await screen.until(lambda: verbs() == ["raise", "clear"] * open_before + ["raise"], "it is silent")
        assert screen.body("alarms")["open"][key][1:5] == ["device_offline", "warning", sensor, "health"]
        await screen.until(lambda: screen.body("map")["bays"][bay][0] == "stale", "its bay is not known any more")
        before = len(verbs())
        await city.say(sensors.frame(bay, None, now_us()))
        await screen.until(lambda: verbs()[before:][:1] == ["clear"], "it is heard again")
        assert screen.faults == []


async def test_what_is_set_aside_is_an_alarm(city: Whole, http: Caller) -> None:
    async with looking(city, http, "alarms", "city") as screen:
        await city.say(Said("yunparking/v1/who-is-this/up", plain(1, True, now_us())))
        await opens(screen, "unknown_devices:city", None)
        kept = await city.count("SELECT count(*) FROM frames WHERE outcome = 'unknown_device'")
        await screen.until(lambda: screen.body("city")["unknown_frames"] == kept, "it is counted")

        now = now_us()
        stuck = FrameRow(
            now, "yunparking/v1/d-health-2/up", "d-health-2", "yun-json", b"{}", "parked", "no durable turn"
        )
        await Frames(city.engine).store([stuck])
        await opens(screen, "frame_parked:d-health-2", None)


async def test_a_parked_message_is_an_alarm_until_staff_have_told_it_again(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    await city.say(sensors.frame("health-3", False, now_us()))
    now, encode, ref = now_us(), city.town.catalogue.encode, Ref("device", f"health/{sensor_of('health-3')}")
    key = f"message_parked:{ref}"
    source, message = FromDevice(ref, 1, 999), Uplinked(now, now, True, battery_pct=66)
    broken = ParkedMessage(shared_slot(ref.key), encode(source), now, str(ref), "KeyError: 'x'", encode(message))
    async with looking(city, http, "alarms", "map") as screen:
        await city.town.journal.park([broken])
        await opens(screen, key, "health")
        (row,) = [each for each in (await http.get("/api/v1/parked")).json["items"] if each["ref"] == str(ref)]
        assert row["message"]["battery_pct"] == 66
        said = await http("POST", f"/api/v1/parked/{row['id']}/retry", {"note": "mended"})
        assert (said.json["outcome"], said.json["parked"]["done_by"]) == ("taken", "admin")
        await screen.until(lambda: key not in screen.body("alarms")["open"], "staff have dealt with it")
        await screen.until(lambda: screen.body("map")["bays"]["health-3"][0] == "occupied", "it was taken after all")


async def opens(screen: Screen, key: str, lot: str | None) -> None:
    """Waits for this alarm."""
    await screen.until(lambda: key in screen.body("alarms")["open"], f"{key} is open")
    code, _, subject = key.partition(":")
    row = screen.body("alarms")["open"][key]
    assert (row[1], row[3], row[4]) == (code, subject, lot)
