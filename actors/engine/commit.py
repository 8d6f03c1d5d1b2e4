"""How a commit ends: durable, fenced, or sent again until one of the two is known. No guess is ever made."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import chain
from random import Random
from typing import TypeVar

from actors.engine import eras
from actors.engine.entries import Opened
from actors.engine.flight import Flight
from actors.engine.host import Host
from actors.engine.journal import Duplicate, Errand, Head, Journal, Page, ParkedMessage, Snapshot, Stretch, Unknown
from actors.engine.poison import parked_row
from actors.engine.slot import Slot
from actors.values import Micros

Pause = Callable[[float], Awaitable[None]]
T = TypeVar("T")
BACKOFF_FIRST_S = 0.02
BACKOFF_MOST_S = 1.0
CONTENDING_MOST_S = 0.1


class Fenced(Exception):
    """Another process has opened a slot of mine: nothing of the flight was stored; this process must exit."""


class HistoryLost(Exception):
    """The journal has fewer pages than were acknowledged: alarm and exit, never write over a hole."""


def backoff() -> Iterator[float]:
    """Growing pauses in seconds, from 20 ms to 1 s, without end."""
    delay = BACKOFF_FIRST_S
    while True:
        yield delay
        delay = min(delay * 2, BACKOFF_MOST_S)


async def commit(journal: Journal, pages: list[Page], pause: Pause) -> None:
    """Returns when the pages are durable; raises `Fenced` or `HistoryLost`. Never cancel it."""
    delays = backoff()
    while True:
        try:
            await journal.append(pages)
        except Duplicate:
            if await insist(lambda: _all_mine(journal, pages), pause):
                return
            raise Fenced([page.slot for page in pages]) from None
        except Unknown:
            await pause(next(delays))
            if await insist(lambda: _landed(journal, pages), pause):
                return
        else:
            return


async def insist(ask: Callable[[], Awaitable[T]], pause: Pause) -> T:
    """Asks the store until it answers."""
    for delay in backoff():
        try:
            return await ask()
        except Unknown:
            await pause(delay)
    raise AssertionError("backoff has no end")


async def keep(journal: Journal, flight: Flight, pause: Pause) -> None:
    """What stands beside a durable flight's pages; snapshots last, for an opening reads no page below one again."""
    if flight.parked:
        await insist(lambda: journal.park(flight.parked), pause)
    if flight.errands:
        await insist(lambda: journal.ask(flight.errands), pause)
    if flight.leavers:
        await insist(lambda: journal.leave(flight.leavers), pause)
    if flight.snapshots:
        await insist(lambda: journal.save_snapshots(flight.snapshots), pause)


async def _all_mine(journal: Journal, pages: list[Page]) -> bool:
    written = await journal.writers(pages)
    return all(is_mine(page, written.get((page.slot, page.seq))) for page in pages)


def is_mine(page: Page, writer: tuple[int, int] | None) -> bool:
    """Whether this very commit wrote the page: lease and flight, for a lease alone may have opened the slot twice."""
    return writer == (page.lease, page.flight)


async def _landed(journal: Journal, pages: list[Page]) -> bool:
    """After a loss: True if an earlier attempt had committed, False if the same bytes are to be sent again."""
    heads = await journal.heads([page.slot for page in pages])
    landed = [judge(page, heads.get(page.slot, Head(0, 0, 0))) for page in pages]  # all are judged, none skipped
    return all(landed)


def judge(page: Page, head: Head) -> bool:
    """Whether the slot's head is this page (True) or the page before it (False); anything else ends this process."""
    if head.seq == page.seq - 1:
        return False
    if head.seq < page.seq:
        raise HistoryLost(f"slot {page.slot} ends at page {head.seq}, but page {page.seq - 1} was acknowledged")
    if head.seq == page.seq and is_mine(page, (head.lease, head.flight)):
        return True
    raise Fenced([page.slot])


async def open_slots(host: Host, journal: Journal, slots: list[int], now: Micros, pause: Pause) -> dict[int, int]:
    """Takes slots over: fence first, then read up to the opening page and no further, then take messages.

    What their actors asked of the outside and what broke them is kept again, since nobody knows whether it was.
    Returns the number of each slot's opening page; the first slots may have come further when the last one is open.
    """
    heads = await fence(host, journal, slots, now, pause)
    await fold_slots(host, journal, heads, pause)
    return heads


async def fold_slots(host: Host, journal: Journal, heads: dict[int, int], pause: Pause) -> None:
    """Reads fenced slots up to their opening pages, all in two statements, and opens them."""
    histories = await _histories(host, journal, heads, pause)
    errands: list[Errand] = []
    parked: list[ParkedMessage] = []
    for number in heads:
        host.open(number, *histories[number])
        slot = host.slots[number]
        errands += unanswered(slot)
        parked += [parked_row(number, entry) for entry in slot.parked]
    if errands:
        await insist(lambda: journal.ask(errands), pause)
    if parked:
        await insist(lambda: journal.park(parked), pause)


def unanswered(slot: Slot) -> list[Errand]:
    """All that a slot just folded still waits for; asking again what was answered meanwhile is only a repeat."""
    return list(slot.asks.values())


async def mend_slots(host: Host, journal: Journal, clock: Callable[[], Micros], pause: Pause) -> None:
    """Folds slots again whose fold failed, without the message that did it; nothing of the cell is in flight now."""
    for slot in list(host.broken):
        histories = await _histories(host, journal, {slot: host.durable_seq(slot)}, pause)
        host.rebuild(slot, *histories[slot], clock())


async def _histories(
    host: Host, journal: Journal, heads: dict[int, int], pause: Pause
) -> dict[int, tuple[Snapshot | None, list[Page]]]:
    kept = await insist(lambda: journal.snapshots(sorted(heads)), pause)
    kept = {slot: snapshot for slot, snapshot in kept.items() if snapshot.seq <= heads[slot]}
    asked = [Stretch(slot, host.catalogue.after(kept.get(slot)), upto(head)) for slot, head in heads.items()]
    pages = await insist(lambda: journal.read(asked), pause)
    return {slot: (kept.get(slot), pages.get(slot, [])) for slot in heads}


def upto(head: int) -> int:
    """How far an opening reads: its own page. What stands above it was written by one who opened after it."""
    return head


async def fence(host: Host, journal: Journal, slots: list[int], now: Micros, pause: Pause) -> dict[int, int]:
    """Writes the opening page of each of these slots at its head: from then on nobody else can commit to them."""
    body = host.catalogue.encode([Opened(host.cell)])
    contending = contention(host.lease)
    for delay in backoff():
        try:
            # A number of its own each time: an opening of unknown outcome is simply made again.
            return await journal.open(sorted(slots), host.lease, host.next_flight(), now, body, eras.month_of(now))
        except Duplicate:
            await pause(next(contending))
        except Unknown:
            await pause(delay)
    raise AssertionError("backoff has no end")


def contention(lease: int) -> Iterator[float]:
    """Pauses between openings that somebody came in between of: none at first, then growing ones drawn by lot.

    A busy old owner has to be beaten by one statement that falls between two of its commits, and waiting makes that
    no likelier: so the first is made at once and all are short. Two who open the same slots part by their lots.
    """
    lots = Random(lease)  # noqa: S311
    for most in chain([0.0], backoff()):
        yield lots.random() * min(most, CONTENDING_MOST_S)
