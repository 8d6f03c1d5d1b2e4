"""Whole recordings through the actors, as fast as they can be taken: in the end the city knows what the file says."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from actors.devices.kind import Numbered
from actors.devices.yun_json import decode
from actors.engine.catalogue import Catalogue
from actors.engine.entries import ByKey, FromDevice, Letter
from actors.engine.host import Host
from actors.kinds import KINDS, PORTS
from actors.kinds.bay import Bay
from actors.kinds.lot import Lot
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice
from actors.messages.forms import Command
from actors.values import HOUR_US, SECOND_US, SHARED_SLOTS, Micros, Ref, shared_slot
from sim.city import melbourne
from sim.events import Change, expected_final_state, melbourne_events, read_stays
from sim.replay import unpaced

NOW_US: Micros = 1_790_000_000 * SECOND_US
CLOCK_FLOOR_US = 1_420_070_400 * SECOND_US


def a_host(lots: Mapping[str, str]) -> Host:
    """With these bays installed (bay → lot), each with the sensor that a replay names."""
    host = Host(Catalogue(KINDS, PORTS), "cell-0", 1)
    for slot in range(SHARED_SLOTS):
        host.open(slot, None, [])
    for bay, lot in lots.items():
        install(host, Ref("bay", f"{lot}/{bay}"), InstallBay(bay, "common"))
        install(host, Ref("device", f"{lot}/mel-{bay}"), InstallDevice("yun-json", bay, HOUR_US))
    return host


def install(host: Host, ref: Ref, message: Command) -> None:
    assert host.deliver([Letter(shared_slot(ref.key), ByKey(str(ref), 0), ref, message)], NOW_US)[0].how == "done"


def play(host: Host, events: Iterable[Change], lots: Mapping[str, str]) -> None:
    for frame in unpaced((change for change in events if change.bay in lots), boot=1):
        reading = decode({"device": frame.topic.split("/")[2]}, frame.payload, NOW_US)
        assert isinstance(reading.source, Numbered)
        ref = Ref("device", f"{lots[reading.device.removeprefix('mel-')]}/{reading.device}")
        source = FromDevice(ref, reading.source.boot, reading.source.n)
        host.deliver([Letter(shared_slot(ref.key), source, ref, reading.uplink)], NOW_US)


def check(host: Host, events: Iterable[Change], lots: Mapping[str, str]) -> None:
    expected = {bay: change for bay, change in expected_final_state(events).items() if bay in lots}
    actors = {ref: actor for slot in host.slots.values() for ref, actor in slot.roll.actors()}
    for bay, change in expected.items():
        actor = actors[Ref("bay", f"{lots[bay]}/{bay}")]
        assert isinstance(actor, Bay)
        assert actor.occupied == change.occupied, bay
        assert actor.late == 0
        assert actor.since_us <= change.at_us or change.at_us < CLOCK_FLOOR_US
    counted = [actor.counts for actor in actors.values() if isinstance(actor, Lot)]
    assert sum(n for types in counted for states in types.values() for n in states.values()) == len(lots)
    occupied = sum(types.get("common", {}).get("occupied", 0) for types in counted)
    assert occupied == sum(change.occupied for change in expected.values())


def test_the_melbourne_file_ends_in_the_state_that_it_implies() -> None:
    events, lots = melbourne_events(), {bay.number: bay.lot_id for bay in melbourne().bays}
    host = a_host(lots)
    play(host, events, lots)
    check(host, events, lots)


def test_a_garages_arrivals_and_departures_end_in_the_state_that_they_imply(garage_stays: Path) -> None:
    events = read_stays(garage_stays, "Asia/Shanghai")
    lots = {bay: f"garage-{int(bay) % 10}" for bay in {change.bay for change in events}}
    host = a_host(lots)
    play(host, events, lots)
    check(host, events, lots)
