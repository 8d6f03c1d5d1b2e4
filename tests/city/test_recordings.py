"""Whole recordings as fast as they can be taken, over real processes: the city ends as the file says."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from actors.devices import kind_of
from actors.devices.kind import Numbered
from actors.engine.cluster import Cluster
from actors.engine.entries import FromDevice
from actors.messages.bay import BayFace, InstallBay
from actors.messages.device import InstallDevice
from actors.messages.forms import Command, Face
from actors.messages.lot import LotFace
from actors.values import HOUR_US, Ref
from sim.city import melbourne
from sim.events import Change, expected_final_state, melbourne_events, read_stays
from sim.replay import unpaced
from storage.session import now_us
from tests.city.screen import Screen
from tests.city.town import Town, town
from tests.city.truth import agrees, tables_agree
from tests.city.whole import Said, Whole, faces_of, whole_city

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

Lots = Mapping[str, str]
"""The lot of each bay."""

UNKNOWN = 2_964


async def test_the_melbourne_file_over_mqtt_ends_as_it_says(
    database_url: str, ray_cluster: Cluster, tmp_path: Path
) -> None:
    register, events = melbourne(), melbourne_events()
    frames = [Said(frame.topic, frame.payload) for frame in unpaced(events, boot=1)]
    async with whole_city(database_url, ray_cluster, tmp_path, register) as here:
        async with here.radio() as client:
            await here.publish(client, frames)
        await here.quiet(len(frames))
        faces = await here.faces()
        check(faces, events, {bay.id: bay.lot_id for bay in register.bays})
        assert await facts_of(here) == len(frames) - UNKNOWN
        await tables_agree(here, faces)
        await check_doors(here, len(frames), faces)


async def facts_of(here: Whole) -> int:
    """How many readings stand in the journal; each once and in order."""
    readings = await here.town.readings()
    for own in readings.values():
        assert own == [(1, n) for n in range(1, len(own) + 1)]
    return sum(len(own) for own in readings.values())


async def check_doors(here: Whole, sent: int, faces: dict[Ref, Face]) -> None:
    """What anybody sees through HTTP and on a screen."""
    async with here.signed_in() as http:
        ingest = (await http.get("/api/v1/ingest")).json
        outcomes = ingest["outcomes"]
        assert outcomes["accepted"] == sent - UNKNOWN
        assert {outcome for outcome, n in outcomes.items() if n} <= {"accepted", "repeat", "unknown_device"}
        assert outcomes["unknown_device"] >= UNKNOWN
        assert len(ingest["last"]) > 0
        unknown = (await http.get("/api/v1/frames?outcome=unknown_device&limit=200")).json
        assert {frame["outcome"] for frame in unknown["items"]} == {"unknown_device"}
        assert unknown["next"]
        topics = ["map", "city", *(f"region/{region.id}" for region in here.register.regions)]
        async with Screen(f"ws://127.0.0.1:{here.settings.live.port}", http.token, topics) as screen:
            await screen.until(lambda: agrees(here, screen, faces), "the file's last states")
            shown = screen.body("map")["bays"]
            assert screen.faults == []
        after, states = "", {}
        while after is not None:
            page = (await http.get(f"/api/v1/bays?limit=500{after and f'&after={after}'}")).json
            states |= {bay["id"]: bay["state"] for bay in page["items"]}
            after = page["next"]
        assert states == {bay: row[0] for bay, row in shown.items()}
    kept = "SELECT count(DISTINCT (topic, payload)) FROM frames WHERE outcome = 'unknown_device'"
    assert await here.count(kept) == UNKNOWN


async def test_the_melbourne_file_through_one_cell(database_url: str, world: str, ray_cluster: Cluster) -> None:
    lots = {bay.id: bay.lot_id for bay in melbourne().bays}
    async with town(database_url, world, cells=1) as here:
        await play(here, melbourne_events(), lots)


async def test_a_few_bays_of_the_file_with_a_process_each(database_url: str, world: str, ray_cluster: Cluster) -> None:
    events = melbourne_events()
    lots = a_busy_lot(events, {bay.id: bay.lot_id for bay in melbourne().bays})
    await play_dedicated(database_url, world, events, lots)


def a_busy_lot(events: Iterable[Change], lots: Lots) -> Lots:
    """The bays of the section with two bays in which most happened."""
    sizes, happened = Counter(lots.values()), Counter(lots[change.bay] for change in events if change.bay in lots)
    busy = max((lot for lot, bays in sizes.items() if bays == 2), key=lambda lot: happened[lot])
    return {bay: lot for bay, lot in lots.items() if lot == busy}


async def test_a_garages_months_of_stays_through_two_cells(
    database_url: str, world: str, ray_cluster: Cluster, garage_stays: Path
) -> None:
    events = read_stays(garage_stays, "Asia/Shanghai")
    lots = {bay: f"garage-{int(bay) % 10}" for bay in {change.bay for change in events}}
    async with town(database_url, world, cells=2) as here:
        await play(here, events, lots)


async def test_the_busiest_bays_of_a_garage_with_a_process_each(
    database_url: str, world: str, ray_cluster: Cluster, garage_stays: Path
) -> None:
    events = read_stays(garage_stays, "Asia/Shanghai")
    busiest = Counter(change.bay for change in events).most_common(2)
    await play_dedicated(database_url, world, events, {bay: "garage" for bay, _ in busiest})


async def play_dedicated(database_url: str, world: str, events: list[Change], lots: Lots) -> None:
    """Plays what happened in these bays of one lot, where every actor has a process of its own."""
    actors = [(Ref("bay", f"{lot}/{bay}"), Ref("device", f"{lot}/mel-{bay}")) for bay, lot in lots.items()]
    own = [*(ref for pair in actors for ref in pair), Ref("lot", next(iter(lots.values())))]
    async with town(database_url, world, cells=1, dedicated=("bay", "device", "lot"), own=own) as here:
        await play(here, events, lots)
        assert len({here.cluster.pid(name) for name in here.cells}) == 1 + len(own)


async def play(here: Town, events: list[Change], lots: Lots) -> None:
    """Sends the frames of these bays' sensors through the post, all at once; the journal then says the same."""
    await asyncio.gather(*[here.post.ask(ref, order, timeout_s=60) for ref, order in orders(lots)])
    sent = [change for change in events if change.bay in lots]
    telling = []
    for frame in unpaced(sent, boot=1):
        found = kind_of(frame.topic)
        assert found is not None
        reading = found[0].decode(found[1], frame.payload, now_us())
        assert isinstance(reading.source, Numbered)
        ref = Ref("device", f"{lots[reading.device.removeprefix('mel-')]}/{reading.device}")
        telling.append(here.post.send(ref, FromDevice(ref, *reading.source), reading.uplink))
    await asyncio.gather(*telling)
    await here.settled()
    check(faces_of(here.catalogue, await here.pages()), events, lots)
    readings = await here.readings()
    assert sum(len(own) for own in readings.values()) == len(sent)
    for own in readings.values():
        assert own == [(1, n) for n in range(1, len(own) + 1)]


def orders(lots: Lots) -> list[tuple[Ref, Command]]:
    """What the register would tell the actors of these bays and of their sensors."""
    bays = [(Ref("bay", f"{lot}/{bay}"), InstallBay(bay, "common")) for bay, lot in lots.items()]
    sensors = [(bay, Ref("device", f"{lot}/mel-{bay}")) for bay, lot in lots.items()]
    return [*bays, *((ref, InstallDevice("yun-json", bay, 24 * HOUR_US)) for bay, ref in sensors)]


def check(faces: dict[Ref, Face], events: Iterable[Change], lots: Lots) -> None:
    """Every bay shows the last state that the file has of it, and the lots count just these."""
    last = {bay: change for bay, change in expected_final_state(events).items() if bay in lots}
    for bay, change in last.items():
        face = faces[Ref("bay", f"{lots[bay]}/{bay}")]
        assert isinstance(face, BayFace)
        assert (face.occupied, face.late) == (change.occupied, 0), bay
    counted = Counter[str]()
    for lot in set(lots.values()):
        face = faces[Ref("lot", lot)]
        assert isinstance(face, LotFace)
        for states in face.counts.values():
            counted.update(states)
    assert sum(counted.values()) == len(lots)
    assert counted["occupied"] == sum(change.occupied for change in last.values())
