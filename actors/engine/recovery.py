"""Folding a slot again from what is durable: in a cell that opens it, and in whoever follows it."""

from typing import Any

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Entry
from actors.engine.journal import Page, Snapshot
from actors.engine.slot import Images, Slot


class HoleInHistory(Exception):
    """A slot's pages do not follow each other: never fold over a hole."""


def folded(catalogue: Catalogue, images: Images, number: int, snapshot: Snapshot | None, pages: list[Page]) -> Slot:
    """A slot from its snapshot (ignored if other code made it; it is a cache) and the pages after it."""
    usable = snapshot is not None and snapshot.fold == catalogue.fingerprint
    slot = images.decode(snapshot.body) if usable and snapshot is not None else Slot(number, catalogue.thaw)
    for page in pages:
        if page.seq > slot.seq:
            add_entries(catalogue, slot, page.seq, catalogue.decode_page(page.body))
    return slot


def add_entries(catalogue: Catalogue, slot: Slot, seq: int, entries: list[Entry[Any, Any]]) -> None:
    """Folds the next page of a slot; `HoleInHistory` if it is not the next."""
    if seq != slot.seq + 1:
        raise HoleInHistory(f"slot {slot.number}: page {seq} follows page {slot.seq}")
    for entry in entries:
        slot.fold(entry, catalogue)
    slot.seq = seq
    slot.roll.cool()
