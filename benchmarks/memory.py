"""What an idle bay costs a cell: the bay with its device and its share of lot, windows, wakes, keys and process.

Compared: the memory of a process that carries half of a generated city, fresh after the city was loaded and its devices
reported, and again as the next life of the cell finds it in snapshots; beside it the copy that a follower (the views)
keeps of the same slots. Memory is what a process has for itself (USS), in large pages where the kernel has them, as in
a running cell; the process of a cell without actors is in it.
"""

import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

import msgspec

from actors.engine.follow import Replica
from actors.engine.journal import Snapshot
from actors.engine.roll import Roll
from actors.engine.slot import Slot
from actors.engine.warmth import HOT_MOST, NEW_MOST
from benchmarks.grown import Alone, own_bytes
from benchmarks.report import Claim, Report
from gateway.large_pages import put_together
from gateway.live.source import SHOWN
from gateway.workers import city, collect_seldom

CELLS = 2
CITY, LARGE = 1_000_000, 200_000
"""Bays of the largest city, and of the smallest of which anything is claimed: in a small one the slots weigh most."""
IDLE_MOST, CITY_MOST = 1024, 1.5
"""Bytes that an idle bay may cost, all in, and the GiB that two cells of a million may have."""
MILLION = "a million in 2 cells, GiB"


class Weighed(NamedTuple):
    """Bytes of a process without actors and with them; of the actors' parts, as Python counts them."""

    empty: int
    full: int
    parts: dict[str, int]
    snapshots: list[Snapshot]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Weighs cells of one city, or of three."""
    rows, parts = [], list[str]()
    for bays in (20_000,) if quick else (20_000, 200_000, CITY):
        say(f"half of a city of {bays:,} bays: loaded, then opened again")
        loaded = _apart(_loaded, bays // CELLS)
        opened = _apart(_opened, loaded.snapshots)
        each = bays // CELLS
        rows += [_row(bays, each, "loaded a moment ago", loaded), _row(bays, each, "opened again", opened)]
        rows.append(_row(bays, each, "a follower's copy", _apart(_followed, loaded.snapshots)))
        for row in rows[-3:]:
            row["of the copy"] = f"{row['bytes a bay'] / rows[-1]['bytes a bay']:.2f}"
        total = sum(opened.parts.values()) or 1
        told = ", ".join(f"{name} {size / each:,.0f}" for name, size in Counter(opened.parts).most_common())
        parts.append(f"{bays:,} bays, opened again, bytes a bay ({total / each:,.0f} as Python counts them): {told}.")
    parts.append(
        f"Loaded a moment ago: {HOT_MOST + NEW_MOST:,} identities are objects, and what the loading took is Python's "
        "to use again."
    )
    claims, broken = _judged(*rows[-3:-1])
    what = "bytes of a cell that carries half of the city, by what it has been through"
    return Report("memory", what, rows, parts, broken, claims=claims)


def _judged(loaded: dict[str, Any], opened: dict[str, Any]) -> tuple[list[Claim], list[str]]:
    """What is claimed of a large city, and what is too much: of idle bays in a cell that opened its slots, and of a
    million in cells that have either behind them.
    """
    each, bays = opened["bytes a bay"], opened["city, bays"]
    gib = max(float(row[MILLION]) for row in (loaded, opened))
    if bays < LARGE:
        return [], []
    broken = [f"an idle bay costs {each:,} bytes: {IDLE_MOST:,} is the limit"] * (each > IDLE_MOST)
    broken += [f"a million bays cost {gib} GiB: {CITY_MOST} is the limit"] * (gib > CITY_MOST)
    return [
        Claim(
            f"an idle bay and all that is its own, in its cell, in a city of {bays:,}",
            f"{each:,} bytes",
            f"≤ {IDLE_MOST:,}",
        ),
        Claim(
            f"10⁶ bays in 2 cells, as a city of {bays:,} weighs when it was just loaded", f"{gib} GiB", f"≤ {CITY_MOST}"
        ),
    ], broken


def _row(bays: int, carried: int, what: str, weighed: Weighed) -> dict[str, Any]:
    each = (weighed.full - weighed.empty) / carried
    return {
        "city, bays": bays,
        "a process": what,
        "without actors, MB": weighed.empty / 1e6,
        "full, MB": weighed.full / 1e6,
        "bytes a bay": round(each),
        MILLION: f"{(CITY * each + CELLS * weighed.empty) / 2**30:.2f}",
    }


def _apart(work: Callable[[Any], Weighed], about: Any) -> Weighed:
    """In a process of its own, so that nothing else is weighed."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, about).result()


def _loaded(bays: int) -> Weighed:
    collect_seldom()
    alone = Alone(city(), cells=CELLS)
    empty = own_bytes()
    alone.settle(bays)
    put_together()
    slots = list(alone.host.slots.values())
    weighed = Weighed(empty, own_bytes(), parts_of(slots), [])
    encode, fold = alone.host.images.encode, alone.catalogue.fingerprint
    return weighed._replace(snapshots=[Snapshot(slot.number, slot.seq, fold, encode(slot)) for slot in slots])


def _opened(snapshots: list[Snapshot]) -> Weighed:
    collect_seldom()
    alone = Alone(city(), cells=0)
    empty = _without(snapshots)
    while snapshots:
        snapshot = snapshots.pop()
        alone.host.open(snapshot.slot, snapshot, [])
    put_together()
    return Weighed(empty, own_bytes(), parts_of(list(alone.host.slots.values())), [])


def _followed(snapshots: list[Snapshot]) -> Weighed:
    collect_seldom()
    alone = Alone(city(), cells=0)
    copy = Replica(alone.catalogue, SHOWN)
    empty = _without(snapshots)
    while snapshots:
        copy.replace(alone.host.images.decode(snapshots.pop().body))
    put_together()
    return Weighed(empty, own_bytes(), parts_of(list(copy.slots.values())), [])


def _without(snapshots: list[Snapshot]) -> int:
    """What the process has beside what it was handed."""
    return own_bytes() - sum(len(snapshot.body) + 100 for snapshot in snapshots)


def parts_of(slots: list[Slot]) -> dict[str, int]:
    """Bytes of what slots keep, each object once, where it is met first."""
    seen: set[int] = set()
    found: Counter[str] = Counter()
    for slot in slots:
        roll: Roll = slot.roll
        found["keys of actors"] += _size(roll._keys, seen)
        for held in roll._held:
            found["idle actors, as bytes" if isinstance(held, bytes) else "actors just heard of"] += _size(held, seen)
        found["roll"] += sys.getsizeof(roll._held) + _size(roll._places, seen) + _size(roll._again, seen)
        found["wakes"] += _size(slot.wakes, seen)
        found["callers' keys"] += _size(slot.taken.keys, seen)
        for pairs in (slot.sent, slot.outbox, slot.taken.seen, slot.taken.streams):
            found["pairs of slots"] += _size(pairs, seen)
    return dict(found)


def _size(value: object, seen: set[int]) -> int:
    if value is None or id(value) in seen or isinstance(value, bool | type):
        return 0
    seen.add(id(value))
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        return size + sum(_size(key, seen) + _size(each, seen) for key, each in value.items())
    if isinstance(value, list | tuple) or type(value).__name__ == "deque":
        return size + sum(_size(each, seen) for each in value)  # type: ignore[attr-defined]
    if isinstance(value, msgspec.Struct):
        return size + sum(_size(getattr(value, name), seen) for name in value.__struct_fields__)
    return size
