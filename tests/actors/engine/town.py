"""Real cells in one process, on one journal in memory, with a post to reach them and gates to hold the journal."""

import asyncio
from collections.abc import Callable
from typing import Any

from actors.engine.cell import Cell
from actors.engine.directory import Directory
from actors.engine.entries import Entry
from actors.engine.journal import Page, Placed
from actors.engine.mail import Unreachable
from actors.engine.post import Post
from actors.values import SECOND_US, Micros
from tests.actors.engine.bench import NOW, SLOTS
from tests.actors.engine.world.memory import MemoryJournal, Tables
from tests.actors.engine.world.toys import TOYS


class Gate:
    """Every statement passes here; one kind of them may be held, or fail."""

    def __init__(self) -> None:
        self.held = ""
        self.reached = asyncio.Event()
        self.passed: dict[str, int] = {}
        self._open = asyncio.Event()
        self._faults: dict[str, list[Exception]] = {}

    def hold(self, name: str) -> None:
        """From now on statements of this name wait."""
        self.held, self.reached, self._open = name, asyncio.Event(), asyncio.Event()

    def release(self) -> None:
        """Lets all of them go."""
        self.held = ""
        self._open.set()

    def fail(self, name: str, *errors: Exception) -> None:
        """The next statements of this name fail like this, and do nothing."""
        self._faults.setdefault(name, []).extend(errors)

    async def ask(self, statement: Callable[..., Any], *args: Any) -> Any:
        """Executes a statement, when it may."""
        name = statement.__name__
        if self.held == name:
            self.reached.set()
            await self._open.wait()
        if self._faults.get(name):
            raise self._faults[name].pop(0)
        self.passed[name] = self.passed.get(name, 0) + 1
        return statement(*args)


class Town:
    """Cells by name, as a cluster would carry them; a dead one is unreachable until it is started again."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.gate = Gate()
        self.journal = MemoryJournal(self.tables, self.gate.ask)
        self.cells: dict[str, Cell] = {}
        self.deaths: asyncio.Queue[BaseException] = asyncio.Queue()
        self.ahead: Micros = 0
        """How far the clocks of this town are ahead of the loop's."""
        self.calls: list[tuple[str, str]] = []
        self.dedicated: list[str] = []
        self._posts: list[Post] = []
        self._old: list[Cell] = []
        self._leases = 0

    def clock(self) -> Micros:
        """The time here."""
        return NOW + self.ahead + int(asyncio.get_running_loop().time() * SECOND_US)

    async def start(self, name: str = "cell-0", slots: list[int] | None = None) -> Cell:
        """Starts a cell; `slots`: those that the placement table gives it first."""
        for slot in SLOTS if slots is None else slots:
            self.tables.rows[slot] = Placed(slot, name)
        self._leases += 1
        clock, die, own = self.clock, self.deaths.put_nowait, frozenset(self.dedicated)
        cell = Cell(name, self._leases, TOYS, self.journal, self.call, clock, die, own)
        if name in self.cells:
            self._old.append(self.cells[name])
        self.cells[name] = cell
        await cell.start()
        return cell

    def written(self, wanted: Callable[[Entry[Any, Any]], bool]) -> asyncio.Event:
        """Set when an entry of this sort becomes durable."""
        event, stored = asyncio.Event(), self.tables._stored

        def watch(pages: list[Page]) -> None:
            stored(pages)
            if any(wanted(entry) for page in pages for entry in TOYS.decode_page(page.body)):
                event.set()

        self.tables._stored = watch
        return event

    async def call(self, cell: str, method: str, payload: bytes) -> bytes:
        """What a cluster does."""
        self.calls.append((cell, method))
        if cell not in self.cells:
            raise Unreachable(cell)
        return await self.cells[cell].call(method, payload)

    async def post(self) -> Post:
        """A gateway's way to the cells."""
        post = Post(TOYS, self.call, Directory(frozenset(self.dedicated)), self.journal, self.clock)
        self._posts.append(post)
        await post.start()
        return post

    async def close(self) -> None:
        """Stops everything."""
        self.gate.release()
        for post in self._posts:
            await post.close()
        for cell in [*self.cells.values(), *self._old]:
            cell.stop()
