"""The protocol with one safeguard removed or broken: whoever checks schedules must see each of these."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec

from actors.engine import commit, eras, follow, gone, slot
from actors.engine.dedup import Taken
from actors.engine.entries import Answer, ByKey, FromOutside, FromStream, FromWake, Input, Turned
from actors.engine.follow import NO_END, Change, Replica, SlotFaces
from actors.engine.gone import Gone
from actors.engine.host import Host
from actors.engine.journal import Duplicate, Head, Page
from actors.engine.lanes import Lanes
from actors.engine.near import Near
from actors.engine.outgoing import Outgoing
from actors.engine.ring import ShownPage
from actors.engine.slot import Slot
from actors.messages.forms import Refused
from tests.actors.engine.world.memory import Crash, Tables
from tests.actors.engine.world.toys import TOYS
from tests.actors.engine.world.truth import Truth

Broken = Callable[[], AbstractContextManager[Any]]
TORN_EVERY = 12
LOST = "lost "


class Mutation(NamedTuple):
    """A safeguard that is broken: its row in the table of safeguards, what is wrong, and how."""

    row: int
    name: str
    broken: Broken


def _instead(*changes: tuple[Any, str, Any]) -> Broken:
    """Each (owner, name, what stands there instead)."""

    @contextmanager
    def broken() -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, other in changes:
                stack.enter_context(patch.object(owner, name, other))
            yield

    return broken


# -- the store


def _no_fence(self: Tables, pages: list[Page]) -> None:
    self.put([page._replace(seq=self.tops.get(page.slot, 0) + 1) for page in pages])


def _partly_kept(self: Tables, pages: list[Page]) -> None:
    free = [page for page in pages if (page.slot, page.seq) not in self.pages]
    self.put(free)
    if len(free) < len(pages):
        raise Duplicate


def _torn(strip: Callable[[Page, Turned[Any, Any]], Turned[Any, Any]]) -> Callable[[Tables, list[Page]], None]:
    """A commit in two transactions; now and then the process dies between them."""
    commits = count(1)

    def append(self: Tables, pages: list[Page]) -> None:
        if any((page.slot, page.seq) in self.pages for page in pages):
            raise Duplicate
        if next(commits) % TORN_EVERY:
            self.put(pages)
            return
        self.put([page._replace(body=_stripped(page, strip)) for page in pages])
        raise Crash

    return append


def _stripped(page: Page, strip: Callable[[Page, Turned[Any, Any]], Turned[Any, Any]]) -> bytes:
    entries = TOYS.decode_page(page.body)
    return TOYS.encode([strip(page, entry) if isinstance(entry, Turned) else entry for entry in entries])


def _without_sends(page: Page, entry: Turned[Any, Any]) -> Turned[Any, Any]:
    return msgspec.structs.replace(entry, sends=[])


def _without_input(page: Page, entry: Turned[Any, Any]) -> Turned[Any, Any]:
    return msgspec.structs.replace(entry, input=FromStream(LOST + TOYS.encode(entry.input).hex(), 1))


_once = Truth._once


def _once_with_input(self: Truth, slot: Slot, entry: Any) -> None:
    """The checker still knows which input it was."""
    if isinstance(entry.input, FromStream) and entry.input.name.startswith(LOST):
        said = _input.decode(bytes.fromhex(entry.input.name.removeprefix(LOST)))
        entry = msgspec.structs.replace(entry, input=said)
    _once(self, slot, entry)


_input: msgspec.msgpack.Decoder[Input] = msgspec.msgpack.Decoder(Input)


# -- commits


async def _landed_surely(journal: Any, pages: list[Page]) -> bool:
    return True


async def _again_as_new_pages(journal: Any, pages: list[Page]) -> bool:
    heads = await journal.heads([page.slot for page in pages])
    pages[:] = [page._replace(seq=heads.get(page.slot, Head(0, 0, 0)).seq + 1) for page in pages]
    return False


# -- the host

_deliver, _ticket, _opened = Host.deliver, Host.ticket, Host.open


def _deliver_noting_repeats(self: Host, letters: list[Any], now: int) -> list[Answer]:
    answers = _deliver(self, letters, now)
    self.only_repeats = all(answer.how == "done" and answer.note for answer in answers)  # type: ignore[attr-defined]
    return answers


def _no_wait_for_repeats(self: Host) -> int:
    return 0 if self.only_repeats else _ticket(self)  # type: ignore[attr-defined]


def _forgets_wakes(self: Host, slot: Slot, n: int, now: int) -> None:
    if self.filling % 2:
        slot._disarm(n)
    else:
        _fire(self, slot, n, now)


_fire = Host.fire
_fold, _take, _image = Slot.fold, Slot.take, slot.image


def _takes_only_with_facts(self: Slot, entry: Any, catalogue: Any) -> None:
    if isinstance(entry, Turned) and not entry.facts and not isinstance(entry.input, FromWake):
        self.at = max(self.at, entry.at)
        self._fold_sends(entry)
        self._fold_wakes(entry)
    else:
        _fold(self, entry, catalogue)


def _forgets_refusals(self: Slot, source: Input, at: int, reply: bytes | None) -> None:
    if isinstance(source, ByKey) and reply and isinstance(TOYS.decode_reply(reply), Refused):
        self.at = max(self.at, at)
    else:
        _take(self, source, at, reply)


def _without_windows(slot: Slot) -> Any:
    held = {kind: {key: TOYS.thaw(body) for key, body in kept.items()} for kind, kept in slot.roll.packed().items()}
    return {
        kind: {key: msgspec.structs.replace(each, window=None) for key, each in kept.items()}
        for kind, kept in held.items()
    }


def _never_a_gap(self: Slot, source: Input) -> str:
    verdict = _verdict(self, source)
    return "repeat" if verdict == "gap" and isinstance(source, FromOutside) else verdict


_verdict = Slot.verdict


def _image_without_dedup(slot: Slot) -> Any:
    return msgspec.structs.replace(_image(slot), roll=_without_windows(slot), seen={}, keys=[], streams=[])


def _image_without_left(slot: Slot) -> Any:
    return msgspec.structs.replace(_image(slot), left=b"")


# -- who leaves

_cut = Host.cut


def _leaves_at_the_cut(self: Host) -> Any:
    """Before his row is durable."""
    flight = _cut(self)
    if flight is not None:
        self.gone.leave(flight.leavers)
    return flight


# -- lanes and followers


def _free_while_flying(self: Lanes, lane: Any) -> bool:
    return lane in self._ready


def _continues_over_gaps(self: Replica, page: ShownPage) -> bool:
    known = self.slots.get(page.slot)
    return known is not None and page.seq > known.seq


_apply = Replica.apply


def _apply_over_gaps(self: Replica, page: ShownPage) -> Change:
    prev = self.slots[page.slot].seq
    return _apply(self, page)._replace(prev=prev)


_carried: dict[int, Host] = {}


def _open_noting_host(self: Host, number: int, snapshot: Any, pages: list[Page]) -> None:
    _opened(self, number, snapshot, pages)
    _carried[number] = self


def _replace_by_live(self: Replica, kept: Slot) -> SlotFaces:
    self.slots[kept.number] = kept
    live = _carried[kept.number].slots.get(kept.number, kept) if kept.number in _carried else kept
    return SlotFaces(kept.number, kept.seq, [(ref, actor.face()) for ref, actor in live.roll.actors()])


MUTATIONS = (
    Mutation(1, "no fence: the database gives the number", _instead((Tables, "append", _no_fence))),
    Mutation(2, "a commit is partly kept when one slot is fenced", _instead((Tables, "append", _partly_kept))),
    Mutation(3, "two commits in flight", _instead((Host, "may_cut", lambda self: len(self.flights) < 2))),
    Mutation(
        4,
        "high-water mark instead of the next number",
        _instead((Taken, "in_order", lambda self, n, seen: "new" if n > seen else "repeat")),
    ),
    Mutation(
        5,
        "effects before the commit",
        _instead((Host, "ticket", lambda self: 0), (Outgoing, "durable_to", lambda self, number, to: NO_END)),
    ),
    Mutation(6, "outbox in a second transaction", _instead((Tables, "append", _torn(_without_sends)))),
    Mutation(
        7,
        "dedup in a second transaction",
        _instead((Tables, "append", _torn(_without_input)), (Truth, "_once", _once_with_input)),
    ),
    Mutation(8, "dedup only for turns with facts", _instead((Slot, "fold", _takes_only_with_facts))),
    Mutation(9, "refusals are not remembered", _instead((Slot, "take", _forgets_refusals))),
    Mutation(
        10,
        "a repeat is answered at once",
        _instead((Host, "deliver", _deliver_noting_repeats), (Host, "ticket", _no_wait_for_repeats)),
    ),
    Mutation(11, "a snapshot without dedup state", _instead((slot, "image", _image_without_dedup))),
    Mutation(12, "a local message overtakes the outbox", _instead((Near, "fits", lambda self, slot, target, n: True))),
    Mutation(13, "wakes are not armed again at an opening", _instead((Host, "rearm", lambda self, slot: None))),
    Mutation(14, "a wake is forgotten when it fires", _instead((Host, "fire", _forgets_wakes))),
    Mutation(15, "an unknown outcome is taken as success", _instead((commit, "_landed", _landed_surely))),
    Mutation(16, "an unknown outcome is taken as failure", _instead((commit, "_landed", _again_as_new_pages))),
    Mutation(
        17,
        "several calls in flight for one slot",
        _instead((Lanes, "unlisted", lambda self, name: True), (Lanes, "free", _free_while_flying)),
    ),
    Mutation(
        18,
        "a gap in what is shown is not looked at",
        _instead(
            (Replica, "continues", _continues_over_gaps),
            (Replica, "apply", _apply_over_gaps),
            (follow, "must_follow", lambda slot, seq: None),
        ),
    ),
    Mutation(
        19,
        "what is shown is taken from uncommitted memory",
        _instead((Host, "open", _open_noting_host), (Replica, "replace", _replace_by_live)),
    ),
    Mutation(
        20,
        "mine by the lease without the flight",
        _instead((commit, "is_mine", lambda page, writer: writer is not None and writer[0] == page.lease)),
    ),
    Mutation(21, "an opening reads beyond its own page", _instead((commit, "upto", lambda head: NO_END))),
    Mutation(22, "an opened slot sends nothing again", _instead((Outgoing, "opened", lambda self, slot: []))),
    Mutation(23, "an acknowledgement is not written", _instead((Slot, "_fold_acked", lambda self, acked: None))),
    Mutation(
        24, "what is asked outside is not asked again at an opening", _instead((commit, "unanswered", lambda slot: []))
    ),
    Mutation(
        25, "an answer to what was not asked here is taken as a repeat", _instead((Slot, "verdict", _never_a_gap))
    ),
    Mutation(
        26,
        "a page is filed under its own month",
        _instead(
            (Host, "era_of", lambda self, slot: eras.month_of(slot.at)),
            (Tables, "era_after", lambda self, slot, now: now),
        ),
    ),
    Mutation(27, "an era that went takes pages again", _instead((Tables, "went", lambda self, era: False))),
    Mutation(28, "who left is told something", _instead((Gone, "away", lambda self, slot, ref: False))),
    Mutation(29, "somebody leaves before his row is durable", _instead((Host, "cut", _leaves_at_the_cut))),
    Mutation(30, "somebody leaves who is not as his row says", _instead((gone, "as_it_was", lambda slot, one: True))),
    Mutation(31, "a snapshot without who left", _instead((slot, "image", _image_without_left))),
)
