"""Folding a slot again from what is durable: in a cell that opens it, and in whoever follows it."""

from typing import Any

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Entry
from actors.engine.journal import Page, Snapshot
from actors.engine.slot import Images, Slot


class HoleInHistory(Exception):
    """A slot's pages do not follow each other: never fold over a hole."""


def folded(catalogue: Catalogue, images: Images, number: int, snapshot: Snapshot | None, pages: list[Page]) -> Slot:
    """A slot from its snapshot and the pages after it.

    A snapshot that other code made is a cache, and ignored, as long as all pages are there. When the first are gone it
    is what is left of them: it is read with this code's types, to whose end fields are appended, with defaults.
    """
    slot = Slot(number, catalogue.thaw)
    if snapshot is not None and snapshot.fold == catalogue.fingerprint:
        slot = images.decode(snapshot.body)
    elif snapshot is not None and (not pages or pages[0].seq > 1):
        slot = images.decode(snapshot.body)
        slot.roll.check()
    for page in pages:
        if page.seq > slot.seq:
            add_entries(catalogue, slot, page.seq, catalogue.decode_page(page.body))
            slot.era = page.next_era
            slot.since_snapshot[0] += 1
            slot.since_snapshot[1] += len(page.body)
    slot.roll.rest(slot.roll.came())
    return slot


def must_follow(slot: Slot, seq: int) -> None:
    """`HoleInHistory` unless this is the slot's next page."""
    if seq != slot.seq + 1:
        raise HoleInHistory(f"slot {slot.number}: page {seq} follows page {slot.seq}")


def add_entries(catalogue: Catalogue, slot: Slot, seq: int, entries: list[Entry[Any, Any]]) -> None:
    """Folds the next page of a slot; `HoleInHistory` if it is not the next."""
    must_follow(slot, seq)
    for entry in entries:
        slot.fold(entry, catalogue)
    slot.seq = seq


def again(catalogue: Catalogue, slot: Slot, before: Slot, uncommitted: list[list[msgspec.Raw]]) -> None:
    """Folds into a slot what stands in no page yet (groups of encoded entries): it goes on as the one before."""
    for entries in uncommitted:
        for entry in catalogue.decode_page(catalogue.encode(entries)):
            slot.fold(entry, catalogue)
    slot.seq, slot.era = before.seq, before.era
