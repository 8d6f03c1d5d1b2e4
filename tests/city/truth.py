"""What a city must be after its frames: by a calm run in memory, and by folding its journal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import text

from actors.engine.entries import ByKey, FromDevice, FromWake, Letter, Turned
from actors.engine.host import Host
from actors.engine.journal import Page
from actors.messages.bay import BayFace
from actors.messages.device import DeviceFace
from actors.messages.forms import Face, Fact
from actors.messages.lot import Counted, LotFace
from actors.values import Ref, shared_slot
from gateway.ingress.frames import Frame
from gateway.ingress.registry import KnownDevices
from gateway.ingress.sorter import Sorter
from gateway.live.lots import STATES
from gateway.workers import city
from storage.database import now_us
from storage.lists import Lists
from tests.anew import comes_out_the_same
from tests.city.screen import Screen
from tests.city.town import LASTING
from tests.city.whole import Said, Whole

CLOCKS = ("received_us", "drift_us")
Became = dict[tuple[Ref, str], list[Fact]]


def without_clocks(fact: Fact) -> Fact:
    """A fact without what our own clock put into it."""
    own = {name: 0 for name in CLOCKS if name in fact.__struct_fields__}
    return msgspec.structs.replace(fact, **own) if own else fact


def became(bodies: Iterable[bytes], lots: Iterable[str]) -> Became:
    """What became true of each actor of these lots, in order, whatever the time was.

    A lot's facts are in order for each of its bays: between sources no order is promised.
    """
    catalogue, among = city(), set(lots)
    found: Became = {}
    for body in bodies:
        for entry in catalogue.decode_page(body):
            if isinstance(entry, Turned) and entry.ref.place in among:
                for fact in entry.facts:
                    bay = fact.bay if isinstance(fact, Counted) else ""
                    if isinstance(fact, LASTING):
                        found.setdefault((entry.ref, bay), []).append(without_clocks(fact))
    return found


async def calm(here: Whole, lots: Iterable[str], said: Iterable[Said]) -> Became:
    """The same from the same orders of the register and the same frames, in one host where nothing ever dies."""
    host = Host(city(), "calm", 1)
    for slot in {shared_slot(lot) for lot in lots}:
        host.open(slot, None, [])
    letters = await orders(here, lots)
    known = KnownDevices(Lists(here.engine).device_lots)
    await known.refresh()
    sorter = Sorter(known)
    for frame in said:
        told = sorter.sort(Frame(1, frame.topic, frame.payload, now_us(), 0))
        assert told is not None, frame
        letters.append(Letter(shared_slot(told.ref.key), told.source, told.ref, told.message))
    answers = host.deliver(letters, now_us())
    assert {answer.how for answer in answers} == {"done"}
    flight = host.cut()
    assert flight is not None
    return became((page.body for page in flight.pages), lots)


async def orders(here: Whole, lots: Iterable[str]) -> list[Letter[Any]]:
    """What the register told the actors of these lots."""
    query = text("SELECT id, ref_kind, ref_key, message FROM outbox ORDER BY id")
    async with here.engine.connect() as connection:
        rows = [(row.id, Ref(row.ref_kind, row.ref_key), row.message) for row in await connection.execute(query)]
    decode, among = here.town.catalogue.decode_message, set(lots)
    return [
        Letter(shared_slot(ref.key), ByKey(f"desk-{id}", crc32(message)), ref, decode(message))
        for id, ref, message in rows
        if ref.place in among
    ]


def turned(here: Whole, lots: Iterable[str], pages: Iterable[Page]) -> Counter[str]:
    """How often each frame's identity stands in the journal: each must stand there once."""
    among, found = set(lots), Counter[str]()
    for page in pages:
        for entry in here.town.catalogue.decode_page(page.body):
            if isinstance(entry, Turned) and entry.ref.kind == "device" and entry.ref.place in among:
                if isinstance(entry.input, FromDevice):
                    found[f"{entry.ref.own_id} {entry.input.boot} {entry.input.n}"] += 1
                elif isinstance(entry.input, ByKey) and not entry.input.key.startswith("desk-"):
                    found[entry.input.key] += 1
                else:
                    assert isinstance(entry.input, ByKey | FromWake)
    return found


async def as_in_a_calm_run(here: Whole, lots: Sequence[str], said: Sequence[Said], pages: Sequence[Page]) -> None:
    """Every frame that was said in these lots is kept and one turn; what followed is what a calm run makes of it."""
    turns = turned(here, lots, pages)
    assert set(turns.values()) == {1}, "a frame was taken twice"
    assert len(turns) == len(said), f"a frame that the broker took is no turn: {await outcomes(here)}"
    assert set(said) <= await here.kept()
    assert became((page.body for page in pages), lots) == await calm(here, lots, said)


async def outcomes(here: Whole) -> dict[str, tuple[Any, ...]]:
    """How many frames were kept with each outcome."""
    return await rows(here, "SELECT outcome, count(*) FROM frames GROUP BY outcome")


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
