"""Replay: live memory, snapshot and pages, and all pages from the first make one and the same state."""

from actors.engine.journal import Snapshot
from actors.engine.recovery import folded
from actors.engine.slot import Images, Slot
from tests.actors.engine.world.memory import Tables
from tests.actors.engine.world.toys import TOYS
from tests.actors.engine.world.truth import Truth, check

IMAGES = Images(TOYS)


def same_state(truth: Truth, tables: Tables, live: Slot) -> None:
    """Invariant 9, byte for byte, when nothing is uncommitted."""
    number, top = live.number, tables.tops[live.number]
    first = truth.slot(number)
    body = IMAGES.encode(first)
    for snapshot in (tables.kept.get(number), *([] if tables.gone else [None])):
        kept = from_pages(tables, number, snapshot)
        check(IMAGES.encode(kept) == body, "snapshot and pages differ from all pages", number)
    if live.seq == top:  # else somebody who died has opened the slot after it, and it will learn that
        check(IMAGES.encode(live) == body, "live state differs", number)


def from_pages(tables: Tables, number: int, snapshot: Snapshot | None) -> Slot:
    """A slot as the next opening would find it."""
    after = snapshot.seq if snapshot else 0
    return folded(TOYS, IMAGES, number, snapshot, tables.pages_of(number, after))
