"""Pages of a journal by hand, with the facts of stays and of money, and who can read them."""

from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec

from actors.engine.catalogue import union
from actors.engine.entries import ByKey, Silent, Told, Turned
from actors.engine.journal import Page
from actors.kinds.session import Session
from actors.messages.forms import Fact
from actors.values import Ref, shared_slot
from storage.projections import PROJECTIONS

FACTS = {fact for projection in PROJECTIONS for fact in projection.hears} | set(Session.folds)
_TOLD = msgspec.msgpack.Decoder(list[Told[union(FACTS)] | Silent])  # type: ignore[misc]

Recorded = tuple[Ref, int, list[Any]]
"""Who recorded what, when."""


def decode(body: bytes) -> list[Told[Any]]:
    """What a page made true."""
    return [entry for entry in _TOLD.decode(body) if type(entry) is Told]


class Journal:
    """Writes pages of one turn each, in the slots where the actors live."""

    def __init__(self, bare: asyncpg.Connection) -> None:
        self._bare = bare
        self.heads: dict[int, int] = {}

    async def write(self, recorded: Iterable[Recorded]) -> None:
        """One page for each turn."""
        pages = [self._page(shared_slot(ref.key), ref, at, facts) for ref, at, facts in recorded]
        await self._bare.copy_records_to_table("journal", records=pages)

    def _page(self, slot: int, ref: Ref, at: int, facts: list[Fact]) -> Page:
        seq = self.heads[slot] = self.heads.get(slot, 0) + 1
        turned = Turned(ByKey(f"{slot}-{seq}", 0), ref, at, facts)
        return Page(slot, seq, 1, 1, at, msgspec.msgpack.encode([turned]))
