"""The fold of committed changes into topics: pure, deterministic, one thread, time handed in."""

from collections import Counter
from collections.abc import Collection, Iterator

import msgspec

from actors.messages.bay import BayFace, Freed, Taken
from actors.messages.device import DeviceFace
from actors.messages.fleet import FleetFace
from actors.messages.forms import Face, Fact
from actors.values import SECOND_US, SHARED_SLOTS, Micros, Ref
from gateway.live.alarms import Alarm, AlarmBook, alarm
from gateway.live.concerning import CONCERNING, TOUCHED
from gateway.live.lots import Counts, Lot, Standing, no_counts
from gateway.live.register import Register
from gateway.live.source import Change, SlotFaces
from gateway.live.ticker import Ticker
from gateway.live.topics import Piece, RowTopic, Topic

ASIDE = "/aside"
"""The source of alarms that belong to no lot: no lot's id has a slash."""
OF_LOTS = ("lot", "section")
"""Topics of which there are as many as lots, and which few follow."""
KNOWN = ("free", "occupied", "reserved", "owing", "verify")


class Composer:
    """The whole city as topics; `life` names this fold's memory and is the epoch of topics made from many slots."""

    def __init__(self, register: Register, life: str, ticker: Ticker | None = None) -> None:
        self.life = life
        self.city = RowTopic("city", life, "regions")
        self.map = RowTopic("map", life, "bays")
        self.devices = RowTopic("devices", life, "kinds", "offline", "low_battery")
        self.alarms = AlarmBook(life)
        self.ticker = ticker or Ticker(life)
        self._whole: tuple[Topic, ...] = (self.city, self.map, self.devices, self.ticker, self.alarms)
        self.slots: dict[int, tuple[int, dict[Ref, Face]]] = {}
        self._register = register
        self._lots: dict[str, Lot] = {}
        self._regions: dict[str, RowTopic] = {}
        self._region_counts: dict[str, Counts] = {}
        self._city_counts = no_counts()
        self._kinds: dict[str, Counter[str]] = {}
        self._standings: dict[str, Standing] = {}
        self._touched: set[str] = set()
        self._awake: set[str] = set()
        self._slept: set[str] = set()
        self._late: list[Piece] = []
        self._closed: Micros = 0
        self._concerned: set[str] = set()
        self._concerns = 0
        self._second = -1
        for region in sorted(register.regions):
            self._region(region)
        for lot in register.lots():
            self._lot(lot)
        self.city.say("unknown_frames", 0)
        self.note("live")
        self._rest(0)

    def fold(self, change: Change | SlotFaces) -> bool:
        """Take one change; False if pages before it are missing: then nothing is taken until the slot's faces come.

        What is already known (a page seen twice, an older snapshot) changes nothing.
        """
        page, faces = self.slots.get(change.slot, (0, {}))
        if change.slot in self.slots and change.seq <= page:
            return True
        if isinstance(change, SlotFaces):
            self._replace(change, faces)
            return True
        if change.prev != page:
            return False
        self.slots[change.slot] = (change.seq, faces)
        seen = {self._see(change.slot, ref, face, change.at) for ref, face in change.faces}
        faces.update(change.faces)
        self._settle(seen, change.at)
        for ref, facts in change.facts:
            if ref.kind in CONCERNING:
                self._concerned.add(str(ref))
            elif ref.kind == "bay":
                self._tell(ref, facts, change.at)
        return True

    def _replace(self, change: SlotFaces, before: dict[Ref, Face]) -> None:
        after = dict(change.faces)
        self.slots[change.slot] = (change.seq, after)
        at = self.city.at
        seen = {self._see(change.slot, ref, None, at) for ref in before.keys() - after.keys()}
        seen |= {self._see(change.slot, ref, face, at) for ref, face in after.items() if before.get(ref) != face}
        self._settle(seen, at)

    def _see(self, slot: int, ref: Ref, face: Face | None, at: Micros) -> str:
        """Which lot may have changed; none for what belongs to no lot."""
        if ref.kind == "fleet":
            self._see_fleet(ref.key, face, at)
            return ""
        place, _, own_id = ref.key.partition("/")
        lot = self._lot(place)
        if ref.kind == "bay" and (face is None or isinstance(face, BayFace)):
            self._see_bay(lot, own_id, face)
        elif ref.kind == "device" and (face is None or isinstance(face, DeviceFace)):
            self._see_device(lot, own_id, face)
        else:
            return lot.id
        if slot >= SHARED_SLOTS and lot.slot is not None:
            # An actor with a slot of its own: no one page number names this lot's state any more.
            lot.slot, lot.topic.epoch = None, self.life
        self._touched.add(lot.id)
        return lot.id

    def _see_bay(self, lot: Lot, bay: str, face: BayFace | None) -> None:
        was, now, since_us = lot.see_bay(bay, face)
        self.map.put("bays", bay, None if now is None else [now, since_us])
        for state, step in ((was, -1), (now, 1)):
            if state is not None:
                self._city_counts[state] += step
                if lot.region:
                    self._region_counts[lot.region][state] += step

    def _see_fleet(self, fleet: str, face: Face | None, at: Micros) -> None:
        held = face.quarantined_us if isinstance(face, FleetFace) else 0
        wanted = dict([alarm(held, "fleet_quarantined", fleet, None)]) if held else {}
        self.alarms.settle(f"/fleet/{fleet}", wanted, at)

    def _see_device(self, lot: Lot, device: str, face: DeviceFace | None) -> None:
        was = self._standings.get(device)
        now = lot.see_device(device, face, was)
        if was is now or was == now:
            return  # the most readings change nothing of how the device counts
        for standing, step in ((was, -1), (now, 1)):
            if standing is not None:
                kind = self._kinds.setdefault(standing.kind, Counter())
                kind.update(dict.fromkeys(_figures(standing), step))
                self.devices.put("kinds", standing.kind, _kind_row(kind))
        if now is None:
            del self._standings[device]
        else:
            self._standings[device] = now
        since = now.silent_since_us if now else None
        low = now.low_battery_pct if now else None
        bay = now.bay if now else ""
        self.devices.put("offline", device, None if since is None else [since, lot.id, bay])
        self.devices.put("low_battery", device, None if low is None else [low, lot.id, bay])

    def _settle(self, lots: set[str], at: Micros) -> None:
        for lot in sorted(lots - {""}):
            troubles = self._lots[lot].troubles
            if troubles.changed:
                troubles.changed = False
                self.alarms.settle(lot, troubles.alarms(lot), at)

    def _tell(self, ref: Ref, facts: list[Fact], at: Micros) -> None:
        place, _, bay = ref.key.partition("/")
        lot = self._lot(place)
        for fact in facts:
            if type(fact) is Taken or type(fact) is Freed:
                self.ticker.passed(lot.id, bay, lot.numbers.get(bay, ""), fact, at)

    def note(self, source: str) -> None:
        """What only a gateway knows: where the demand comes from."""
        self.city.say("source", source)

    def set_aside(self, unknown_frames: int, wanted: dict[str, Alarm], at: Micros) -> None:
        """Frames of unknown devices so far, and all alarms of what was set aside."""
        self.city.say("unknown_frames", unknown_frames)
        self.alarms.settle(ASIDE, wanted, at)

    def reborn(self, register: Register, life: str) -> "Composer":
        """The same faces and alarms over another register: a new life, so every subscriber gets the whole anew."""
        new = Composer(register, life, self.ticker)
        new.note(self.city.body["source"])
        for slot, (page, faces) in self.slots.items():
            new.fold(SlotFaces(slot, page, list(faces.items())))
        new.set_aside(self.city.body["unknown_frames"], self.alarms.held(ASIDE), self.city.at)
        return new

    def tick(self, now: Micros) -> list[Piece]:
        """Close the tick at `now`: what changed since the last one, topic by topic; of lots, only those followed."""
        self._closed = now
        self._aggregate(now)
        late, self._late = self._late, []
        return [*late, *self._cuts(now)]

    def join(self, topic: str, epoch: str | None = None, seq: int | None = None) -> list[Piece] | None:
        """What brings a subscriber at (epoch, seq) to the last tick; None if there is no such topic."""
        self.follow(topic)
        found = self._topic(topic)
        return None if found is None else found.join(epoch, seq)

    def follow(self, topic: str) -> None:
        """Somebody follows this topic: from now on its changes come with each tick. What changed while nobody did is
        one delta, of the next tick too if it was followed before: somebody may have been forgotten.
        """
        kind, _, name = topic.partition("/")
        lot = self._lots.get(name) if kind in OF_LOTS else None
        if lot is None or lot.awake:
            return
        lot.wake()
        if lot.slot is None or lot.slot in self.slots:
            pieces = list(self._cut_lot(lot, self._closed))
            self._late += pieces if name in self._slept else ()
        else:
            lot.topic.begin(0, self._closed)
            lot.section.topic.begin(0, self._closed)
        self._awake.add(name)

    def forget(self, followed: Collection[str]) -> None:
        """Nobody follows other topics of lots than these."""
        names = {topic.partition("/")[2] for topic in followed}
        for name in self._awake - names:
            self._lots[name].sleep()
            self._slept.add(name)
        self._awake &= names

    def _aggregate(self, now: Micros) -> None:
        for lot in (self._lots[name] for name in self._touched):
            lot.aggregate()
            if lot.region:
                self._regions[lot.region].put("lots", lot.id, lot.share())
        for region in {self._lots[name].region for name in self._touched} - {""}:
            self._say_region(region)
        if self._touched:
            self._say_city()
        if now // SECOND_US != self._second:
            self._second = now // SECOND_US
            self.city.say("rate", self.ticker.rate(now))

    def _say_region(self, region: str) -> None:
        counts = dict(self._region_counts[region])
        bays = sum(counts.values())
        self._regions[region].say("counts", counts)
        self._regions[region].say("bays", bays)
        self.city.put("regions", region, {"counts": counts, "bays": bays})

    def _say_city(self) -> None:
        counts, known = self._city_counts, sum(self._city_counts[state] for state in KNOWN)
        devices = sum(self._kinds.values(), Counter())
        self.city.say("counts", dict(counts))
        self.city.say("bays", sum(counts.values()))
        self.city.say("occupancy", round(counts["occupied"] / known, 4) if known else 0.0)
        self.city.say("devices", {figure: devices[figure] for figure in ("online", "total", "low_battery")})

    def _cut_lot(self, lot: Lot, now: Micros) -> Iterator[Piece]:
        page = self.slots[lot.slot][0] if lot.slot in self.slots else None
        yield from _some(lot.topic.cut(now, page))
        yield from _some(lot.section.topic.cut(now))

    def _cuts(self, now: Micros) -> Iterator[Piece]:
        for name in sorted(self._touched):
            if self._lots[name].awake:
                yield from self._cut_lot(self._lots[name], now)
        for region in sorted({self._lots[name].region for name in self._touched} - {""}):
            yield from _some(self._regions[region].cut(now))
        self._touched.clear()
        yield from _some(self.city.cut(now))
        yield from _some(self.map.cut(now))
        yield from _some(self.devices.cut(now))
        yield from _some(self.ticker.cut(now))
        yield from _some(self.alarms.cut(now))
        if self._concerned:
            self._concerns += 1
            body = msgspec.msgpack.encode(sorted(self._concerned))
            yield Piece(TOUCHED, self.life, self._concerns - 1, self._concerns, now, body)
            self._concerned.clear()

    def _rest(self, now: Micros) -> None:
        """Show the register before anything is folded: every bay unknown, and no delta that led here."""
        self._aggregate(now)
        for topic in (self.city, self.map, self.devices, *self._regions.values()):
            topic.begin(0, now)
        self._touched.clear()

    def _lot(self, name: str) -> Lot:
        known = self._lots.get(name)
        if known is not None:
            return known
        lot = self._lots[name] = Lot(name, self._register, self.life)
        if lot.region:
            self._region(lot.region)
        bays, devices = lot.registered()
        for bay in bays:
            self._see_bay(lot, bay.id, None)
        for device in devices:
            self._see_device(lot, device.id, None)
        self._touched.add(name)
        return lot

    def _region(self, name: str) -> None:
        if name not in self._regions:
            self._regions[name] = RowTopic(f"region/{name}", self.life, "lots")
            self._region_counts[name] = no_counts()
            self._say_region(name)

    def _topic(self, name: str) -> Topic | None:
        kind, _, key = name.partition("/")
        if kind == "lot" and key in self._lots:
            return self._lots[key].topic
        if kind == "section" and key in self._lots:
            return self._lots[key].section.topic
        if kind == "region" and key in self._regions:
            return self._regions[key]
        return next((topic for topic in self._whole if topic.name == name), None)


def _figures(standing: Standing) -> Iterator[str]:
    yield "total"
    if standing.online:
        yield "online"
    if standing.silent_since_us is not None:
        yield "offline"
    if standing.low_battery_pct is not None:
        yield "low_battery"


def _kind_row(kind: Counter[str]) -> dict[str, int] | None:
    row = {figure: kind[figure] for figure in ("online", "offline", "low_battery", "total")}
    return row if row["total"] else None


def _some(piece: Piece | None) -> Iterator[Piece]:
    if piece is not None:
        yield piece
