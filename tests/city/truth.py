"""What a city must be after its frames, by folding its journal: tables, screens, counts."""

from typing import Any

from sqlalchemy import text

from actors.messages.bay import BayFace
from actors.messages.device import DeviceFace
from actors.messages.forms import Face
from actors.messages.lot import LotFace
from actors.values import Ref
from gateway.live.lots import STATES
from tests.anew import comes_out_the_same
from tests.city.screen import Screen
from tests.city.whole import Whole


async def tables_agree(here: Whole, faces: dict[Ref, Face]) -> None:
    """The projections say what the actors, folded from page 1, show; and folded from there themselves, they are all
    what they were.
    """
    await comes_out_the_same(here.town.url, here.town.world, here.town.catalogue.decode_told)
    bays = await rows(here, "SELECT bay_id, lot_id, state, since_us, changed_us, device_id FROM bay_states")
    devices = await rows(here, "SELECT device_id, lost, late, drift_us, offline_since_us, frames FROM device_states")
    counts = await rows(here, "SELECT lot_id || '/' || bay_type || '/' || state, n FROM lot_counts WHERE n > 0")
    wanted: dict[str, tuple[Any, ...]] = {}
    for ref, face in faces.items():
        if isinstance(face, BayFace):
            since, device = face.since_us or None, face.device or None
            assert bays[ref.own_id] == (ref.place, face.state, since, face.changed_us, device), ref
        elif isinstance(face, DeviceFace) and face.frames:
            expected = (face.lost, face.late, face.drift_us, face.offline_since_us, face.frames)
            assert devices[ref.own_id] == expected, ref
        elif isinstance(face, LotFace):
            each = [(kind, state, n) for kind, states in face.counts.items() for state, n in states.items()]
            wanted |= {f"{ref.key}/{kind}/{state}": (n,) for kind, state, n in each}
    assert counts == wanted


async def rows(here: Whole, query: str) -> dict[str, tuple[Any, ...]]:
    """The rest of each row by its first column."""
    async with here.engine.connect() as connection:
        return {row[0]: tuple(row[1:]) for row in await connection.execute(text(query))}


def shown(faces: dict[Ref, Face]) -> dict[str, list[Any]]:
    """The map's rows: each bay's state and since when."""
    return {ref.own_id: [face.state, face.since_us] for ref, face in faces.items() if isinstance(face, BayFace)}


def counted(here: Whole, faces: dict[Ref, Face], region: str = "") -> dict[str, int]:
    """How many bays of a region, or of the whole city, show each state."""
    of = {lot.id: lot.region_id for lot in here.register.lots}
    found = dict.fromkeys(STATES, 0)
    for ref, face in faces.items():
        if isinstance(face, BayFace) and region in ("", of[ref.place]):
            found[face.state] += 1
    return found


def lot_rows(faces: dict[Ref, Face], lot: str) -> dict[str, dict[str, list[Any]]]:
    """The bays and devices of a lot as its topic shows them."""
    body: dict[str, dict[str, list[Any]]] = {"bays": {}, "devices": {}}
    for ref, face in faces.items():
        if ref.place == lot and isinstance(face, BayFace):
            look = face.state == "verify"
            body["bays"][ref.own_id] = [face.state, face.since_us, face.changed_us, face.device or None, look]
        elif ref.place == lot and isinstance(face, DeviceFace):
            health = [face.last_seen_us, face.battery_pct, face.rssi_dbm, face.lost, face.offline_since_us]
            body["devices"][ref.own_id] = [*health, face.drift_us, face.bay]
    return body


def agrees(here: Whole, screen: Screen, faces: dict[Ref, Face]) -> bool:
    """Whether the screen shows what the journal says, in every topic of states that it follows."""
    for topic in screen.topics:
        body, (kind, _, key) = screen.body(topic), topic.partition("/")
        if kind in ("city", "region") and body["counts"] != counted(here, faces, key):
            return False
        if kind == "map" and body["bays"] != shown(faces):
            return False
        if kind == "lot" and {name: body[name] for name in ("bays", "devices")} != lot_rows(faces, key):
            return False
    return True
