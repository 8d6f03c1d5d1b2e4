"""The fold: whoever applies deltas and snapshots by the rules always holds what the fold of everything gives."""

from typing import Any

import msgpack  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages.bay import Taken
from actors.messages.fleet import FleetFace
from actors.values import SECOND_US, Ref, shared_slot
from gateway.live.alarms import alarm
from gateway.live.composer import ASIDE, Composer
from gateway.live.source import Change, SlotFaces
from gateway.live.topics import Piece
from tests.gateway.live.stage import LOTS, NOON, Pages, bay_face, bays_of, device_face, merge, register, whole

TOPICS = [
    "city",
    "map",
    "events",
    "devices",
    "alarms",
    *(f"{kind}/{lot}" for lot in LOTS for kind in ("lot", "section")),
    "region/east",
    "region/west",
]
STATES = ["free", "occupied", "verify", "faulty", "stale", "unknown"]

lots, numbers = st.sampled_from(sorted(LOTS)), st.integers(0, 4)
"""Number 4 is a bay that nobody registered."""
batteries, silences = st.sampled_from([None, 5, 20, 80]), st.sampled_from([None, NOON, NOON + 5])
steps = st.one_of(
    st.tuples(st.just("bay"), lots, numbers, st.sampled_from(STATES)),
    st.tuples(st.just("device"), lots, numbers, silences, batteries),
    st.tuples(st.just("lose"), lots),
    st.tuples(st.just("refill"), lots),
    st.tuples(st.just("repeat"), lots),
    st.tuples(st.just("gone"), lots, numbers),
    st.tuples(st.just("own"), st.booleans()),
    st.tuples(st.just("tick")),
    st.tuples(st.just("forget")),
    st.tuples(st.just("leave"), st.integers(0, 1)),
    st.tuples(st.just("return"), st.integers(0, 1), st.booleans()),
)


class Subscriber:
    """Follows all topics; while away it hears nothing."""

    def __init__(self, composer: Composer) -> None:
        self.here = True
        self.at: dict[str, tuple[str, int]] = {}
        self.bodies: dict[str, Any] = {}
        self.come(composer, False)

    def come(self, composer: Composer, resume: bool) -> None:
        self.here = True
        for topic in TOPICS:
            at = self.at.get(topic) if resume else None
            for piece in composer.join(topic, *(at or (None, None))) or []:
                self.take(piece)

    def take(self, piece: Piece) -> None:
        body = msgpack.unpackb(piece.body)
        if piece.prev is None:
            self.bodies[piece.topic] = body
        elif piece.epoch == self.at[piece.topic][0] and piece.seq <= self.at[piece.topic][1]:
            return  # known: it fell asleep, and woke up for us
        else:
            assert self.at[piece.topic] == (piece.epoch, piece.prev), "a gap"
            merge(piece.topic, self.bodies[piece.topic], body)
        self.at[piece.topic] = (piece.epoch, piece.seq)


class World:
    """Cells that commit, a stream that loses and repeats, the composer, two subscribers."""

    def __init__(self) -> None:
        self.pages, self.now = Pages(), NOON
        self.composer = Composer(register(), "life")
        self.subscribers = [Subscriber(self.composer), Subscriber(self.composer)]
        self.last: dict[int, Change] = {}
        self.losing: set[int] = set()

    def commit(self, ref: Ref, face: Any) -> None:
        for change in self.pages.commit(self.now, {ref: face}, [(ref, Taken(NOON, "d", NOON, NOON))]):
            self.last[change.slot] = change
            if change.slot not in self.losing:
                self.composer.fold(change)
        self.losing.clear()

    def step(self, what: str, *how: Any) -> None:
        getattr(self, f"on_{what}")(*how)

    def on_bay(self, lot: str, n: int, state: str) -> None:
        bay = bays_of(lot, 5)[n]
        self.commit(Ref("bay", f"{lot}/{bay}"), bay_face(bay, state, self.now))

    def on_device(self, lot: str, n: int, offline: int | None, battery: int | None) -> None:
        bay = bays_of(lot, 5)[n]
        self.commit(Ref("device", f"{lot}/d-{bay}"), device_face(bay, offline, battery, self.now))

    def on_lose(self, lot: str) -> None:
        self.losing.add(shared_slot(lot))

    def on_refill(self, lot: str) -> None:
        self.composer.fold(self.pages.whole(shared_slot(lot)))

    def on_repeat(self, lot: str) -> None:
        if shared_slot(lot) in self.last:
            self.composer.fold(self.last[shared_slot(lot)])

    def on_gone(self, lot: str, n: int) -> None:
        slot = shared_slot(lot)
        self.pages.faces.setdefault(slot, {}).pop(Ref("bay", f"{lot}/{bays_of(lot, 5)[n]}"), None)
        self.pages.seqs[slot] = self.pages.seqs.get(slot, 0) + 1
        self.on_refill(lot)

    def on_own(self, up: bool) -> None:
        wanted = dict([alarm(NOON, "message_parked", "bay:1", None, error="x")]) if up else {}
        self.composer.set_aside(len(wanted), wanted, self.now)

    def on_tick(self) -> None:
        self.now += 100_000
        for topic in TOPICS if any(subscriber.here for subscriber in self.subscribers) else ():
            self.composer.follow(topic)
        pieces = self.composer.tick(self.now)
        for subscriber in self.subscribers:
            for piece in pieces if subscriber.here else ():
                subscriber.take(piece)
            if subscriber.here:
                assert {topic: whole(self.composer, topic) for topic in TOPICS} == subscriber.bodies

    def on_forget(self) -> None:
        """No gateway has named a topic for long, though somebody may follow it."""
        self.composer.forget([])

    def on_leave(self, who: int) -> None:
        self.subscribers[who].here = False

    def on_return(self, who: int, resume: bool) -> None:
        if not self.subscribers[who].here:
            self.subscribers[who].come(self.composer, resume)


def ticked(composer: Composer, now: int) -> dict[str, Piece]:
    return {piece.topic: piece for piece in composer.tick(now)}


@settings(max_examples=150)
@given(st.lists(steps, max_size=60))
def test_deltas_and_snapshots_lead_to_the_fold_of_everything(script: list[tuple[Any, ...]]) -> None:
    world = World()
    for what, *how in script:
        world.step(what, *how)
    fresh = Composer(register(), "other life")
    for lot in LOTS:
        world.on_refill(lot)
        fresh.fold(world.pages.whole(shared_slot(lot)))
    for subscriber in (0, 1):
        world.on_return(subscriber, True)
    world.on_tick()
    fresh.tick(world.now)
    for topic in set(TOPICS) - {"events", "alarms", "city"}:
        assert world.subscribers[0].bodies[topic] == whole(fresh, topic), topic
    kept = {"rate": 0, "unknown_frames": 0}
    assert world.subscribers[0].bodies["city"] | kept == whole(fresh, "city") | kept
    own = set(world.composer.alarms.held(ASIDE))
    assert set(world.subscribers[0].bodies["alarms"]["open"]) - own == set(whole(fresh, "alarms")["open"])


def test_the_latest_state_of_a_tick_wins_and_what_went_back_is_not_sent() -> None:
    world = World()
    world.on_bay("20001", 0, "free")
    world.on_tick()
    world.on_bay("20001", 1, "occupied")
    world.on_bay("20001", 1, "free")
    world.pages.faces[shared_slot("20001")].clear()
    first = bays_of("20001")[0]
    ref = Ref("bay", f"20001/{first}")
    for state in ("occupied", "free"):
        for change in world.pages.commit(world.now, {ref: bay_face(first, state, NOON)}):
            world.composer.fold(change)
    piece = ticked(world.composer, world.now + 1)["lot/20001"]
    body = msgpack.unpackb(piece.body)
    assert list(body["bays"]) == [bays_of("20001")[1]]
    assert body["bays"][bays_of("20001")[1]][0] == "free"


def test_a_missing_page_stops_its_slot_until_its_faces_come() -> None:
    world = World()
    world.on_bay("20001", 0, "occupied")
    world.on_lose("20001")
    world.on_bay("20001", 1, "occupied")
    later = world.pages.commit(NOON, {Ref("bay", "20001/20001002"): bay_face("20001002", "occupied")})
    assert not world.composer.fold(later[0])
    world.on_tick()
    assert whole(world.composer, "city")["counts"]["occupied"] == 1
    world.on_refill("20001")
    world.on_tick()
    assert whole(world.composer, "city")["counts"]["occupied"] == 3


def test_a_lot_names_its_state_alike_in_every_process() -> None:
    one, two = World(), World()
    one.on_bay("20001", 0, "occupied")
    one.on_bay("20001", 1, "occupied")
    one.on_tick()
    two.composer.fold(one.pages.whole(shared_slot("20001")))
    two.on_tick()
    (a,), (b,) = one.composer.join("lot/20001") or [], two.composer.join("lot/20001") or []
    assert (a.epoch, a.seq, a.body) == (b.epoch, b.seq, b.body)
    assert a.seq == one.pages.seqs[shared_slot("20001")]


def test_a_lot_whose_actors_have_slots_of_their_own_is_named_by_this_process() -> None:
    composer = Composer(register(), "life")
    composer.follow("lot/20001")
    ref = Ref("bay", "20001/20001000")
    composer.fold(SlotFaces(2000, 7, [(ref, bay_face("20001000", "occupied"))]))
    piece = ticked(composer, NOON)["lot/20001"]
    assert (piece.epoch, piece.prev, piece.seq) == ("life", 0, 1)


def test_a_lot_that_nobody_follows_costs_no_rows_and_has_them_when_somebody_comes() -> None:
    world = World()
    world.composer.forget([])
    for state in ("occupied", "free", "occupied"):
        world.on_bay("20001", 0, state)
        assert set(ticked(world.composer, world.now)) == {"city", "map", "events", "region/east"}
    (piece,) = world.composer.join("lot/20001", *world.subscribers[0].at["lot/20001"]) or []
    assert (piece.prev, piece.seq) == (0, 3), "one delta for all that was missed"
    assert msgpack.unpackb(piece.body)["bays"]["20001000"][0] == "occupied"
    assert "lot/20001" in ticked(world.composer, world.now), "and for whoever was forgotten"
    world.on_bay("20001", 0, "free")
    assert "section/20001" in ticked(world.composer, world.now)


def test_three_silent_devices_of_a_lot_are_one_alarm() -> None:
    world = World()
    for n in range(4):
        world.on_device("20001", n, NOON + n, 90)
    world.on_device("30001", 0, NOON, 7)
    world.on_tick()
    opened = world.subscribers[0].bodies["alarms"]["open"]
    assert sorted(opened) == ["battery_low:d-30001000", "device_offline:d-30001000", "device_offline_lot:20001"]
    assert opened["battery_low:d-30001000"][1:] == ["battery_low", "info", "d-30001000", "30001", {"battery_pct": 7}]
    for n in range(4):
        world.on_device("20001", n, None, 90)
    world.on_tick()
    assert sorted(world.subscribers[0].bodies["alarms"]["open"]) == [
        "battery_low:d-30001000",
        "device_offline:d-30001000",
    ]


def test_a_city_that_falls_silent_at_once_raises_one_alarm_a_lot() -> None:
    pages, composer = Pages(), Composer(register(), "life")
    faces = {Ref("device", f"{lot}/d-{b}"): device_face(b, NOON) for lot in LOTS for b in bays_of(lot)}
    for change in pages.commit(NOON, faces):
        composer.fold(change)
    events = msgpack.unpackb(ticked(composer, NOON)["alarms"].body)["events"]
    assert sorted(event[:3] for event in events) == [
        ["raise", f"device_offline_lot:{lot}", NOON] for lot in sorted(LOTS)
    ]


def test_an_alarm_raised_and_cleared_within_one_tick_is_told_twice() -> None:
    world = World()
    world.on_bay("20001", 0, "faulty")
    world.on_bay("20001", 0, "free")
    piece = ticked(world.composer, NOON)["alarms"]
    assert [event[0] for event in msgpack.unpackb(piece.body)["events"]] == ["raise", "clear"]
    assert (piece.prev, piece.seq) == (0, 2)


def test_a_new_register_keeps_faces_alarms_and_events_in_another_life() -> None:
    world = World()
    world.on_bay("20001", 0, "faulty")
    world.on_own(True)
    world.on_tick()
    new = world.composer.reborn(register(6), "second")
    new.tick(world.now)
    assert whole(new, "city")["bays"] == 18
    assert whole(new, "city")["counts"]["faulty"] == 1
    assert sorted(whole(new, "alarms")["open"]) == ["bay_faulty:20001000", "message_parked:bay:1"]
    assert len(whole(new, "events")["list"]) == 1


def test_deltas_are_kept_for_a_minute() -> None:
    world = World()
    world.on_bay("20001", 0, "occupied")
    world.on_tick()
    epoch, seq = world.subscribers[0].at["map"]
    world.now += 30 * SECOND_US
    world.on_bay("20001", 1, "occupied")
    world.on_tick()
    assert [p.prev for p in world.composer.join("map", epoch, seq) or []] == [seq]
    world.now += 61 * SECOND_US
    world.on_bay("20001", 2, "occupied")
    world.on_tick()
    assert [p.prev for p in world.composer.join("map", epoch, seq) or []] == [None]
    assert [p.prev for p in world.composer.join("map", "another life", seq) or []] == [None]


def test_a_fleet_that_is_quarantined_is_an_alarm_until_it_is_lifted() -> None:
    composer, fleet = Composer(register(), "life"), Ref("fleet", "yun-json:2.1")
    for seq, since in enumerate((0, NOON, NOON, 0), 1):
        composer.fold(Change(900, seq - 1, seq, NOON + seq, [(fleet, FleetFace(since, 1, 1, seq))], []))
        composer.tick(NOON + seq)
        (piece,) = composer.join("alarms") or []
        raised = {key: alarm[:4] for key, alarm in msgpack.unpackb(piece.body)["open"].items()}
        expected = [NOON, "fleet_quarantined", "critical", "yun-json:2.1"]
        assert raised == ({"fleet_quarantined:yun-json:2.1": expected} if since else {})
        again = composer.reborn(register(), "other life")
        assert again.alarms.held("/fleet/yun-json:2.1").keys() == raised.keys()
