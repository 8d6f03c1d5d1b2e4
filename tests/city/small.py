"""A small city for whole-city tests: two regions, a few sections each for a purpose of its own, and its sensors."""

import json
from collections import Counter
from datetime import UTC, datetime

from actors.devices import KIND_NAMED, SensorFrame, encode
from actors.values import HOUR_US, SECOND_US, Micros
from storage.records import Bay, City, Device, Lot, Region, Register, Road
from tests.city.whole import Said

LOTS = {
    # lot: (region, kind of its sensors, bays)
    "k0": ("north", "yun-json", 16),
    "k1": ("north", "yun-json", 16),
    "k2": ("north", "yun-json", 16),
    "k3": ("north", "chirpstack-tps110", 16),
    "k4": ("north", "yun-v1", 16),
    "s1": ("south", "yun-json", 10),
    "s2": ("south", "yun-json", 10),
    "loops": ("south", "yun-loop", 2),
    "health": ("south", "yun-json", 4),
    "twins": ("south", "yun-json", 10),
    "orders": ("south", "yun-json", 4),
}
LOADED = ("k0", "k1", "k2", "k3", "k4")
"""The sections whose sensors speak while parts of the city die."""
ORDERED = "orders"
"""The section whose register is changed over HTTP meanwhile; its sensors are silent."""
SHORT_BEAT = "d-health-0"
"""A sensor that must be heard every second: after three it is offline."""
SECOND_RADIO = "second-s1-0"
"""Another sensor at bay s1-0, with a radio of another kind."""


def small_city() -> Register:
    """About a hundred bays with a sensor each."""
    names = {"name_zh": "地", "name_en": "place"}
    return Register(
        city=City(zone="Asia/Shanghai", attribution="", bounds=(0, 0, 1, 1), **names),
        regions=[Region(id=region, **names) for region in ("north", "south")],
        roads=[Road(id=f"road-{region}", region_id=region, **names) for region in ("north", "south")],
        lots=[
            Lot(id=lot, road_id=f"road-{region}", region_id=region, operator="o", street=True, lon=0, lat=0, **names)
            for lot, (region, _, _) in LOTS.items()
        ],
        bays=[
            Bay(id=bay, number=f"N-{bay}", lot_id=lot, bay_type="common", lon=0, lat=0)
            for lot in LOTS
            for bay in bays_of(lot)
        ],
        devices=[device(sensor_of(bay), lot, bay) for lot in LOTS for bay in bays_of(lot)]
        + [device(SECOND_RADIO, "s1", "s1-0")],
    )


def device(id: str, lot: str, bay: str) -> Device:
    """A sensor that may be silent for a day, but for the one whose silence is tested."""
    kind = LOTS[lot][1]
    beat = SECOND_US if id == SHORT_BEAT else 24 * HOUR_US
    debounce = KIND_NAMED[kind].debounce_us
    return Device(id=id, kind=kind, lot_id=lot, bay_id=bay, heartbeat_us=beat, debounce_us=debounce)


def bays_of(lot: str) -> list[str]:
    return [f"{lot}-{n}" for n in range(LOTS[lot][2])]


def sensor_of(bay: str) -> str:
    """The sensor of a bay; LoRaWAN names are 16 hexadecimal digits."""
    lot, _, n = bay.partition("-")
    return f"{0xA0000 + int(n):016x}" if LOTS[lot][1] == "chirpstack-tps110" else f"d-{bay}"


class Sensors:
    """The sensors of the small city: each numbers its frames, and has a clock that tells `at`."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    def frame(self, bay: str, occupied: bool | None, at: Micros, **more: int) -> Said:
        """The next frame of a bay's own sensor."""
        lot, sensor = bay.partition("-")[0], sensor_of(bay)
        self._numbers[sensor] += 1
        n = self._numbers[sensor]
        match LOTS[lot][1]:
            case "yun-v1":
                return v1(sensor, n, bool(occupied), at)
            case "chirpstack-tps110":
                return lora(sensor, n, bool(occupied), at)
            case "yun-loop":
                return Said(f"yunparking/loop/{sensor}/up", plain(n, occupied, at))
        return Said(f"yunparking/v1/{sensor}/up", plain(n, occupied, at, **more))


def plain(n: int, occupied: bool | None, at: Micros, **more: int) -> bytes:
    return encode(SensorFrame(v=1, boot=1, n=n, at=at, occupied=occupied, **more))


def v1(sensor: str, n: int, occupied: bool, at: Micros) -> Said:
    serial = (n - 1) % 255 + 1
    said = {"msgType": 1, "2_devTypeCode": "212", "type": "U", "deviceId": sensor, "data": "01a0"}
    state = {"2_spaceStatus": str(int(occupied)), "2_deviceTime": str(at // SECOND_US)}
    return Said(f"iot-topic/gw/north/GW-1/{serial}", json.dumps(said | state).encode())


def lora(sensor: str, n: int, occupied: bool, at: Micros) -> Said:
    said = {
        "deduplicationId": f"{sensor}-{n}",
        "time": datetime.fromtimestamp(at / SECOND_US, UTC).isoformat(),
        "deviceInfo": {"devEui": sensor},
        "fCnt": n,
        "fPort": 1,
        "data": "AQ==" if occupied else "AA==",
    }
    return Said(f"application/city/device/{sensor}/event/up", json.dumps(said).encode())
