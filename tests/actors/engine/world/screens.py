"""A screen: the real follower, fed by a bad network, and the faces that it makes somebody see."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from actors.engine.directory import Directory
from actors.engine.follow import Change, Follower, SlotFaces
from actors.engine.ring import News, Since
from actors.messages.forms import Face
from actors.values import Ref
from tests.actors.engine.world.memory import MemoryJournal, stepped
from tests.actors.engine.world.processes import Job, Process
from tests.actors.engine.world.toys import SHOWN, TOYS
from tests.actors.engine.world.truth import check

if TYPE_CHECKING:
    from tests.actors.engine.world.world import World


class Screen:
    """Shows all faces; what it shows equals the journal up to the page it names."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.follower = Follower(TOYS, None, MemoryJournal(world.tables, stepped), Directory(), SHOWN)  # type: ignore[arg-type]
        self.since: dict[str, Since] = {}
        self.seqs: dict[int, int] = {}
        self.faces: dict[int, dict[Ref, Face]] = {}
        self._changes = self.follower.changes()
        self._reading: Generator[Any, Any, Change | SlotFaces] | None = None

    def ask(self, process: Process) -> None:
        """Asks a cell what came since; the answer travels."""
        heads = {number: process.host.durable_seq(number) for number in process.host.slots}
        news = process.ring.news(self.since.get(process.name, Since(0, 0)), lambda: heads)
        if news is not None:
            self.world.network.packets.append(("news", process.name, news))

    def take(self, cell: str, news: News) -> None:
        """News arrive, sometimes with pages missing."""
        random = self.world.random
        if self.world.network.faulty and random.random() < 0.2:
            kept = [page for page in news.pages if random.random() < 0.6]
            news = News(news.lease, news.cursor, kept, news.heads)
        self.since[cell] = Since(news.lease, news.cursor)
        Job(self, self.follower._take(news), lambda _: None).go()
        self.show()

    def show(self) -> None:
        """Invariant 10: after every change and every snapshot of a slot, what is seen is true."""
        for change in self._told():
            if isinstance(change, SlotFaces):
                self.faces[change.slot] = dict(change.faces)
            else:
                self._change(change)
            self.seqs[change.slot] = change.seq
            true = self.world.truth.faces[change.slot].get(change.seq)
            check(
                self.faces[change.slot] == true, "a screen shows what the journal does not say", change.slot, change.seq
            )

    def _told(self) -> Iterator[Change | SlotFaces]:
        """What waits to be read, read until the follower lets others have their turn and has no more."""
        while not self.follower._queue.empty():
            while True:
                self._reading = self._reading or self._changes.__anext__().__await__()
                try:
                    next(self._reading)
                except StopIteration as read:
                    self._reading = None
                    yield read.value
                else:
                    break

    def _change(self, change: Change) -> None:
        check(self.seqs.get(change.slot) == change.prev, "a change that does not follow", change[:3])
        self.faces[change.slot].update(dict(change.faces))

    def die(self) -> None:
        """A screen's reading is never fenced."""
        raise AssertionError("only cells are fenced")

    def current(self) -> bool:
        """Whether it has seen every page but openings: that of a process that died is told by nobody."""
        return all(self.seqs.get(slot, 0) >= seq for slot, seq in self.world.truth.last.items())
