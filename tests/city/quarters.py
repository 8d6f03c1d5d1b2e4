"""Quarters of a city, all alike: as many runs of one generated day as there are, each in a quarter of its own."""

import msgspec

from actors.messages.session import OpenSession, SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import DAY_US, HOUR_US, Ref
from storage.published import Publication, publish
from storage.records import Bay, City, Device, Lot, Region, Register, Road
from storage.session import now_us
from tests.actors.kinds.one_bay import TARIFF as PRICES
from tests.city.waiting import eventually
from tests.city.whole import Whole
from tests.days.generated import BAYS, LOTS

SIGNS = {"east": "京", "west": "沪"}
"""The runs, and where the vehicles of each are registered."""
RUNS = tuple(SIGNS)
QUARTERS = [f"{run}{lot}" for run in RUNS for lot in LOTS]


def quarters() -> Register:
    """Their lots, with a sensor at each bay."""
    names = {"name_zh": "地", "name_en": "place"}
    bays = [(lot, f"{lot}-b{n}") for lot in QUARTERS for n in range(BAYS)]
    return Register(
        city=City(zone="Asia/Shanghai", attribution="", bounds=(0, 0, 1, 1), **names),
        regions=[Region(id="r", **names)],
        roads=[Road(id="road", region_id="r", **names)],
        lots=[
            Lot(id=lot, road_id="road", region_id="r", operator="north", street=True, lon=0, lat=0, **names)
            for lot in QUARTERS
        ],
        bays=[Bay(id=bay, number=f"N-{bay}", lot_id=lot, bay_type="common", lon=0, lat=0) for lot, bay in bays],
        devices=[
            Device(id=f"d-{bay}", kind="yun-json", lot_id=lot, bay_id=bay, heartbeat_us=30 * DAY_US, debounce_us=0)
            for lot, bay in bays
        ],
    )


async def ruled(city: Whole) -> None:
    """Rules and prices of all its lots; returns when every cell goes by them."""
    known: dict[str, object] = {f"{TARIFF}a": PRICES}
    for lot in QUARTERS:
        known |= {f"rules/{lot}": {"mode": "sensor_pda", "operator": "north"}, f"{ASSIGNED}{lot}": {"tariff": "a"}}
    many = [Publication(name, 0, msgspec.msgpack.encode(value), "") for name, value in known.items()]
    async with city.engine.begin() as connection:
        await publish(connection, "test", now_us(), many)
    tries = 0

    async def priced() -> bool:
        nonlocal tries
        tries += 1
        return all([await _priced(city, lot, tries) for lot in QUARTERS])

    await eventually(priced, "every cell knows the prices")


async def _priced(city: Whole, lot: str, tries: int) -> bool:
    probe = Ref("session", f"{lot}/probe-{tries}")
    said = ("probe", now_us() - HOUR_US, "sensor", "d", "north", "sensor_pda")
    await city.town.post.ask(probe, OpenSession(*said), f"{lot}{tries}")
    answer = await city.town.post.ask(probe, SessionQuery())
    return isinstance(answer, SessionAnswer) and bool(answer.due_fen)
