"""A journal in memory: its tables, and the port to them, at once or one statement at a time."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple

from actors.engine.journal import Absent, Duplicate, Errand, Head, Page, ParkedMessage, Placed, Snapshot, Stretch
from actors.values import Micros, Ref


class Crash(Exception):
    """The process that waits for this statement dies now, whatever became of the statement."""


class Tables:
    """What is durable. Each method is one statement: all or nothing."""

    def __init__(self, stored: Callable[[list[Page]], None] = lambda pages: None) -> None:
        self.pages: dict[tuple[int, int], Page] = {}
        self.keys: set[tuple[int, int, int]] = set()
        """The primary key: it cannot see two pages of one number in two eras."""
        self.tops: dict[int, int] = {}
        self.gone = 0
        """The last era whose pages went."""
        self.kept: dict[int, Snapshot] = {}
        self.parked: dict[tuple[int, bytes], ParkedMessage] = {}
        self.errands: dict[tuple[int, int], Errand] = {}
        self.left: dict[tuple[int, Ref], Absent] = {}
        self.rows: dict[int, Placed] = {}
        self.versions: list[tuple[str, int, Micros, bytes]] = []
        self._stored = stored

    def append(self, pages: list[Page]) -> None:
        """A commit."""
        if any(self.went(page.era) or self.went(page.next_era) for page in pages):
            raise Crash
        if any((page.slot, page.seq, page.era) in self.keys for page in pages):
            raise Duplicate
        self.put(pages)

    def went(self, era: int) -> bool:
        """Whether nobody may file anything under this era any more."""
        return 0 < era <= self.gone

    def put(self, pages: list[Page]) -> None:
        """Stores rows whose keys are free."""
        for page in pages:
            self.pages[page.slot, page.seq] = page
            self.keys.add((page.slot, page.seq, page.era))
            self.tops[page.slot] = max(page.seq, self.tops.get(page.slot, 0))
        self._stored(pages)

    def open(self, slots: list[int], lease: int, flight: int, at: Micros, body: bytes, era: int = 0) -> dict[int, int]:
        """An opening page at the head of each slot, in the era that the head names."""
        pages = []
        for slot in slots:
            mine, seq = self.era_after(slot, era), self.tops.get(slot, 0) + 1
            pages.append(Page(slot, seq, lease, flight, at, body, mine, max(mine, era)))
        self.append(pages)
        return {page.slot: page.seq for page in pages}

    def era_after(self, slot: int, now: int) -> int:
        """The era of a slot's next page, whatever the time is."""
        return self.pages[slot, self.tops[slot]].next_era if slot in self.tops else 0

    def heads(self, slots: list[int]) -> dict[int, Head]:
        """The last page of each slot."""
        tops = [self.pages[slot, self.tops[slot]] for slot in slots if slot in self.tops]
        return {page.slot: Head(page.seq, page.lease, page.flight) for page in tops}

    def writers(self, pages: list[Page]) -> dict[tuple[int, int], tuple[int, int]]:
        """Who wrote the rows with these keys."""
        found = [self.pages[p.slot, p.seq] for p in pages if (p.slot, p.seq) in self.pages]
        return {(page.slot, page.seq): (page.lease, page.flight) for page in found}

    def read(self, stretches: list[Stretch]) -> dict[int, list[Page]]:
        """Slots' pages in order."""
        return {each.slot: self.pages_of(*each) for each in stretches}

    def pages_of(self, slot: int, after: int = 0, upto: int = 1 << 62) -> list[Page]:
        """A slot's pages in order."""
        seqs = range(after + 1, min(upto, self.tops.get(slot, 0)) + 1)
        return [self.pages[slot, seq] for seq in seqs if (slot, seq) in self.pages]

    def snapshots(self, slots: list[int]) -> dict[int, Snapshot]:
        """Those that are kept."""
        return {slot: self.kept[slot] for slot in slots if slot in self.kept}

    def save_snapshots(self, snapshots: list[Snapshot]) -> None:
        """Keeps each one that is newer."""
        for snapshot in snapshots:
            kept = self.kept.get(snapshot.slot)
            if kept is None or kept.seq < snapshot.seq:
                self.kept[snapshot.slot] = snapshot

    def drop(self, last: int) -> list[int]:
        """Lets the pages of all eras up to this one go, unless a slot needs them: then says which ones do."""
        old = {key: page for key, page in self.pages.items() if page.era <= last}
        tops = {slot: max(seq for number, seq in old if number == slot) for slot, _ in old}
        needing = [slot for slot, top in tops.items() if top == self.tops[slot] or self.saved(slot) < top]
        if not needing and last > self.gone:
            self.gone = last
            self.pages = {key: page for key, page in self.pages.items() if key not in old}
            self.keys -= {(page.slot, page.seq, page.era) for page in old.values()}
        return needing

    def saved(self, slot: int) -> int:
        """Up to which page a slot's snapshot stands for them all."""
        return self.kept[slot].seq if slot in self.kept else 0

    def park(self, parked: list[ParkedMessage]) -> None:
        """Keeps failed messages, each once."""
        for row in parked:
            self.parked.setdefault((row.slot, row.input), row)

    def ask(self, errands: list[Errand]) -> None:
        """Keeps what is asked of the outside, each once."""
        for errand in errands:
            self.errands.setdefault((errand.slot, errand.n), errand)

    def leave(self, absent: list[Absent]) -> None:
        """Keeps each one that is newer."""
        for one in absent:
            name = one.slot, Ref(one.kind, one.key)
            if name not in self.left or one.seq > self.left[name].seq:
                self.left[name] = one

    def absent(self, slot: int, refs: list[Ref]) -> list[Absent]:
        """Those who left, as they did."""
        return [self.left[slot, ref] for ref in refs if (slot, ref) in self.left]

    def placed(self) -> list[Placed]:
        """The placement table."""
        return list(self.rows.values())

    def place(self, slot: int, was: str | None, cell: str, ref: Ref | None) -> bool:
        """Compare and set."""
        row = self.rows.get(slot)
        if (row.cell if row else None) != was:
            return False
        self.rows[slot] = Placed(slot, cell, row.ref if row else ref)
        return True

    def place_new(self, cells: dict[int, str]) -> None:
        """Inserts those that are not there."""
        for slot, cell in cells.items():
            self.rows.setdefault(slot, Placed(slot, cell, None))

    def references(self, after: dict[str, int]) -> list[tuple[str, int, Micros, bytes]]:
        """Versions not yet known."""
        return [row for row in self.versions if row[1] > after.get(row[0], 0)]


Ask = Callable[..., Awaitable[Any]]


async def at_once(statement: Callable[..., Any], *args: Any) -> Any:
    """Executes a statement without any fault."""
    return statement(*args)


class Statement(NamedTuple):
    """A statement that a coroutine waits for; whoever steps the coroutine decides how it ends."""

    run: Callable[..., Any]
    args: tuple[Any, ...]

    def __await__(self) -> "Generator[Statement, Any, Any]":
        return (yield self)

    @property
    def name(self) -> str:
        """Which statement it is."""
        return self.run.__name__


async def stepped(statement: Callable[..., Any], *args: Any) -> Any:
    """Hands a statement to whoever steps this coroutine."""
    return await Statement(statement, args)


def rest(delay_s: float) -> None:
    """What `pause` does here: nothing, at a time that the scheduler chooses."""


async def pause(delay_s: float) -> None:
    """A rest between two attempts, stepped like a statement."""
    await Statement(rest, (delay_s,))


class MemoryJournal:
    """The port to the tables."""

    def __init__(self, tables: Tables, ask: Ask = at_once) -> None:
        self.tables = tables
        self._ask = ask

    async def append(self, pages: list[Page]) -> None:
        await self._ask(self.tables.append, pages)

    async def heads(self, slots: list[int]) -> dict[int, Head]:
        return await self._ask(self.tables.heads, slots)

    async def writers(self, pages: list[Page]) -> dict[tuple[int, int], tuple[int, int]]:
        return await self._ask(self.tables.writers, pages)

    async def open(
        self, slots: list[int], lease: int, flight: int, at: Micros, body: bytes, era: int
    ) -> dict[int, int]:
        return await self._ask(self.tables.open, slots, lease, flight, at, body, era)

    async def read(self, stretches: list[Stretch]) -> dict[int, list[Page]]:
        return await self._ask(self.tables.read, stretches)

    async def snapshots(self, slots: list[int]) -> dict[int, Snapshot]:
        return await self._ask(self.tables.snapshots, slots)

    async def save_snapshots(self, snapshots: list[Snapshot]) -> None:
        await self._ask(self.tables.save_snapshots, snapshots)

    async def park(self, parked: list[ParkedMessage]) -> None:
        await self._ask(self.tables.park, parked)

    async def ask(self, errands: list[Errand]) -> None:
        await self._ask(self.tables.ask, errands)

    async def leave(self, absent: list[Absent]) -> None:
        await self._ask(self.tables.leave, absent)

    async def absent(self, slot: int, refs: list[Ref]) -> list[Absent]:
        found = await self._ask(self.tables.absent, slot, refs)
        await self._ask(rest, 0.0)  # the answer travels, and others may be told something meanwhile
        return found

    async def placed(self) -> list[Placed]:
        return await self._ask(self.tables.placed)

    async def place(self, slot: int, was: str | None, cell: str, ref: Ref | None = None) -> bool:
        return await self._ask(self.tables.place, slot, was, cell, ref)

    async def place_new(self, cells: dict[int, str]) -> None:
        await self._ask(self.tables.place_new, cells)

    async def references(self, after: dict[str, int]) -> list[tuple[str, int, Micros, bytes]]:
        return await self._ask(self.tables.references, after)

    async def close(self) -> None:
        """Nothing to give back."""
