"""The city's own actors, through pages as cells commit them, on the live topics: what they say is what is shown."""

from collections import Counter
from typing import Any

import msgpack  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engine.catalogue import Catalogue
from actors.engine.entries import ByKey, Letter
from actors.engine.follow import Replica
from actors.engine.host import Host
from actors.engine.recovery import folded
from actors.engine.ring import ShownPage
from actors.engine.slot import Images
from actors.kinds import KINDS, PORTS
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.forms import Message
from actors.messages.lot import LotFace
from actors.values import MINUTE_US, Ref, shared_slot
from gateway.live.composer import Composer
from tests.gateway.live.stage import LOTS, NOON, bays_of, register

BAYS = [bay for lot in LOTS for bay in bays_of(lot)]


class City:
    """One host that carries all lots, and a composer that follows what it commits."""

    def __init__(self) -> None:
        catalogue = Catalogue(KINDS, PORTS)
        self.host, self.replica = Host(catalogue, "cell", 1), Replica(catalogue)
        self.composer = Composer(register(), "life")
        self.now, self.said = NOON, 0
        for slot in {shared_slot(lot) for lot in LOTS}:
            self.host.open(slot, None, [])
            self.composer.fold(self.replica.replace(folded(catalogue, Images(catalogue), slot, None, [])))
        for bay in BAYS:
            self.say(Ref("bay", f"{bay[:5]}/{bay}"), InstallBay(f"N{bay}", "street"))
            self.say(device_of(bay), InstallDevice("yun-json", bay, MINUTE_US))
        self.commit()

    def say(self, ref: Ref, message: Message) -> None:
        self.said += 1
        key = ByKey(f"{ref}-{self.said}", 0)
        (answer,) = self.host.deliver([Letter(shared_slot(ref.key), key, ref, message)], self.now)
        assert answer.how == "done"

    def uplink(self, bay: str, **what: Any) -> None:
        self.say(device_of(bay), Uplinked(seen_us=self.now - 50_000, received_us=self.now - 10_000, **what))

    def wait(self, length_us: int) -> None:
        self.now += length_us
        self.host.tick(self.now)

    def commit(self) -> None:
        flight = self.host.cut()
        for page in flight.pages if flight else []:
            change = self.replica.apply(ShownPage(page.slot, page.seq, page.at, page.body))
            assert self.composer.fold(change)
        if flight:
            self.host.committed(flight)
        self.composer.tick(self.now)

    def whole(self, topic: str) -> Any:
        pieces = self.composer.join(topic)
        assert pieces is not None
        return msgpack.unpackb(pieces[0].body)


def device_of(bay: str) -> Ref:
    return Ref("device", f"{bay[:5]}/d-{bay}")


def test_a_frame_of_a_sensor_shows_on_every_topic() -> None:
    city = City()
    city.wait(MINUTE_US)
    now = city.now
    city.uplink("20001000", occupied=True, battery_pct=12, rssi_dbm=-91)
    city.commit()
    assert city.whole("city")["counts"]["occupied"] == 1
    assert city.whole("city")["devices"] == {"online": 1, "total": 12, "low_battery": 1}
    assert city.whole("map")["bays"]["20001000"][0] == "occupied"
    lot = city.whole("lot/20001")
    assert lot["bays"]["20001000"] == ["occupied", now - 50_000, now, "d-20001000", False]
    assert lot["devices"]["d-20001000"] == [now - 10_000, 12, -91, 0, None, -40_000, "20001000"]
    at, verb, bay, number, of, device, seen, received, delay = city.whole("events")["list"][-1]
    assert (verb, bay, number, of, device) == ("taken", "20001000", "N20001000", "20001", "d-20001000")
    assert (at, seen, received, delay) == (now, now - 50_000, now - 10_000, 10_000)
    assert list(city.whole("alarms")["open"]) == ["battery_low:d-20001000"]


def test_a_sensor_that_falls_silent_is_an_alarm_until_it_is_heard() -> None:
    city = City()
    for bay in BAYS:
        city.uplink(bay, occupied=False)
    city.commit()
    for _ in range(8):
        city.wait(MINUTE_US // 2)
        for bay in BAYS[1:]:
            city.uplink(bay)
        city.commit()
    assert list(city.whole("alarms")["open"]) == ["device_offline:d-20001000"]
    assert city.whole("lot/20001")["counts"]["stale"] == 1
    assert list(city.whole("devices")["offline"]) == ["d-20001000"]
    city.uplink("20001000", occupied=False)
    city.commit()
    assert city.whole("alarms")["open"] == {}
    assert city.whole("lot/20001")["counts"]["free"] == 4


frames = st.tuples(st.sampled_from(BAYS), st.sampled_from([True, False, None]), st.booleans())


@settings(max_examples=30)
@given(st.lists(st.tuples(st.lists(frames, max_size=6), st.integers(0, 4)), max_size=8))
def test_the_sums_of_bays_are_what_the_lots_themselves_count(script: list[tuple[list[Any], int]]) -> None:
    city = City()
    for heard, minutes in script:
        for bay, occupied, fault in heard:
            city.uplink(bay, occupied=occupied, fault=fault)
        city.wait(minutes * MINUTE_US)
        city.commit()
    for lot in LOTS:
        face = city.composer.slots[shared_slot(lot)][1][Ref("lot", lot)]
        assert isinstance(face, LotFace)
        counted = sum((Counter(states) for states in face.counts.values()), Counter[str]())
        assert {state: n for state, n in city.whole(f"lot/{lot}")["counts"].items() if n} == dict(counted)
