"""What is true: every page is read as it is stored, folded by the real fold, and each turn is decided again."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator
from typing import Any

from actors.engine.entries import (
    Acked,
    Answer,
    ByKey,
    FromDevice,
    FromOutside,
    FromSlot,
    FromStream,
    FromWake,
    Input,
    Left,
    Letter,
    Opened,
    Parked,
    Returned,
    Send,
    Turned,
)
from actors.engine.journal import Page
from actors.engine.references import References
from actors.engine.slot import INTERNAL_ERROR, Slot
from actors.engine.turn import Turn
from actors.engine.wakes import changes_of_wakes
from actors.messages.forms import Face, Message
from actors.values import Ref, shared_slot
from tests.actors.engine.world.toys import SHOWN, TOYS, ToyFace

Pair = tuple[int, int]
Said = Callable[[Input], tuple[Ref, Message] | None]
Outside = Callable[[int, int], Message]


class Violation(AssertionError):
    """An invariant does not hold."""


def check(holds: object, *why: object) -> None:
    """Fails with all of `why` if it does not hold."""
    if not holds:
        raise Violation(" ".join(map(str, why)))


class Truth:
    """The journal as an incorruptible reader sees it. `said` knows what came in, `outside` what was answered there."""

    def __init__(self, said: Said, outside: Outside) -> None:
        self._said = said
        self._outside = outside
        self._early: dict[Pair, Page] = {}
        self._writers: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.slots: dict[int, Slot] = {}
        self.faces: dict[int, dict[int, dict[Ref, Face]]] = defaultdict(lambda: {0: {}})
        self.replies: dict[tuple[int, Input], bytes | None] = {}
        self.sends: dict[Pair, list[Send[Any]]] = defaultdict(list)
        self.taken: dict[Pair, int] = defaultdict(int)
        self.outer: dict[Ref, list[Input]] = defaultdict(list)
        self.asks: set[Pair] = set()
        self.looks: dict[Ref, set[Face]] = defaultdict(set)
        self.answers: Counter[str] = Counter()
        self.away: dict[Ref, bytes] = {}
        self.moves: Counter[str] = Counter()
        self.last: dict[int, int] = {}
        self.turns = 0

    def stored(self, pages: list[Page]) -> None:
        """These pages are in the journal now."""
        self._early.update({(page.slot, page.seq): page for page in pages})
        ready = [page for slot in dict.fromkeys(p.slot for p in pages) for page in self._next(slot)]
        read = [(page, TOYS.decode_page(page.body)) for page in ready]
        self._interleaved(deque(self._pages(slot, read) for slot in dict.fromkeys(page.slot for page in ready)))
        for page, entries in read:
            for to, n in [each for entry in entries if isinstance(entry, Turned) for each in entry.here]:
                check(self.taken[page.slot, to] >= n, "taken here, but not in the same commit", page[:2])

    def _interleaved(self, readers: deque[Iterator[str]]) -> None:
        """Messages inside one commit go both ways, and what they say is known when their sender has decided again: who
        waits for one lets the others go on.
        """
        idle = 0
        while readers:
            before, reader = self.turns, readers.popleft()
            why = next(reader, "")
            if why:
                readers.append(reader)
            idle = idle + 1 if why and self.turns == before else 0
            check(idle <= len(readers), why)

    def slot(self, number: int) -> Slot:
        """A slot, folded from its first page."""
        return self.slots.get(number) or self.slots.setdefault(number, Slot(number, TOYS.thaw))

    def _next(self, number: int) -> list[Page]:
        found, seq = [], self.slot(number).seq + 1
        while (number, seq) in self._early:
            found.append(self._early.pop((number, seq)))
            seq += 1
        return found

    def no_hole(self) -> None:
        """Invariant 7, first half."""
        check(not self._early, "hole in the journal before", list(self._early))

    def _sent(self, number: int, turned: Turned[Any, Any], decided: list[tuple[Ref, Message]]) -> None:
        """All that a turn sent: of what was taken in its own commit only the number stands in its page."""
        far, here = deque(turned.sends), deque(turned.here)
        for ref, message in decided:
            to = shared_slot(ref.key)
            known = self.sends[number, to]
            near = bool(here) and here[0] == (to, len(known) + 1)
            send = Send(to, len(known) + 1, turned.at, turned.ref, ref, message, near)
            check(near or (far and far[0] == send), "decided again, it sends otherwise:", number, turned)
            (here if near else far).popleft()
            known.append(send)
        check(not far and not here, "decided again, it does not send all of that:", number, turned)

    def _pages(self, number: int, read: list[tuple[Page, list[Any]]]) -> Iterator[str]:
        for page, entries in read:
            if page.slot == number:
                yield from self._page(page, entries)

    def _page(self, page: Page, entries: list[Any]) -> Iterator[str]:
        slot = self.slot(page.slot)
        self._writer(page, entries)
        faces = dict(self.faces[page.slot][slot.seq])
        for entry in entries:
            while self._unsaid(slot, entry):
                yield f"taken before it was sent: {slot.number} {entry.input}"
            if isinstance(entry, Turned | Parked):
                self._once(slot, entry)
            elif isinstance(entry, Acked):
                check(self.taken[page.slot, entry.to] >= entry.n, "acknowledged what was not taken", page[:2], entry)
            elif isinstance(entry, Left | Returned):
                self._moved(slot, entry)
            slot.fold(entry, TOYS)
            if isinstance(entry, Turned) and entry.facts and entry.ref.kind in SHOWN:
                faces[entry.ref] = slot.roll.peek(entry.ref).face()
            if isinstance(entry, Turned) and entry.facts:
                self.looks[entry.ref].add(slot.roll.peek(entry.ref).face())
        slot.seq = page.seq
        if not isinstance(entries[0], Opened):
            self.last[page.slot] = page.seq
        self.faces[page.slot][page.seq] = faces

    def _moved(self, slot: Slot, entry: Left | Returned) -> None:
        """Whoever leaves is as he was when he returns, and nothing is said to him meanwhile (`_once`)."""
        for ref in entry.refs if isinstance(entry, Left) else ():
            body = slot.roll.body(ref)
            check(body is not None and ref not in self.away, "somebody left who was not there", slot.number, ref)
            self.away[ref] = body
            self.moves["left"] += 1
        if isinstance(entry, Returned):
            check(self.away.pop(entry.ref, None) == entry.held, "he returned otherwise than he left", entry.ref)
            self.moves["returned"] += 1

    def _unsaid(self, slot: Slot, entry: Any) -> bool:
        source = getattr(entry, "input", None)
        return isinstance(source, FromSlot) and source.n > len(self.sends[source.slot, slot.number])

    def _writer(self, page: Page, entries: list[Any]) -> None:
        opening, writer = isinstance(entries[0], Opened), (page.lease, page.flight)
        commits = self._writers[page.slot]
        check(opening or commits[-1][0] == page.lease, "page of a fenced writer", page[:4], "after", commits[-1:])
        check(writer not in commits, "a flight came twice", page[:4])
        check(all(not isinstance(entry, Opened) for entry in entries[1:]), "an opening among turns", page[:4])
        commits.append(writer)

    def _once(self, slot: Slot, entry: Turned[Any, Any] | Parked) -> None:
        self.turns += 1
        source = entry.input
        check((slot.number, source) not in self.replies, "taken twice", source)
        check(entry.ref not in self.away, "said to somebody who had left", entry)
        ref, message = self._message(slot, source)
        check(ref == entry.ref, "another actor than the one it was said to", entry)
        check(entry.at >= slot.at, "time runs backwards", entry)
        self.asks |= {(slot.number, ask.n) for ask in getattr(entry, "asks", ())}
        self.replies[slot.number, source] = entry.reply if isinstance(entry, Turned) else INTERNAL_ERROR
        if isinstance(entry, Turned):
            self._again(slot, entry, message)

    def _message(self, slot: Slot, source: Input) -> tuple[Ref, Message]:
        if isinstance(source, FromSlot):
            sent = self.sends[source.slot, slot.number]
            check(source.n == self.taken[source.slot, slot.number] + 1, "taken out of order", slot.number, source)
            self.taken[source.slot, slot.number] = source.n
            return sent[source.n - 1].ref, sent[source.n - 1].message
        if isinstance(source, FromWake):
            return self._rung(slot, source)
        if isinstance(source, FromOutside):
            check(source.n in slot.asks, "an answer to what was not asked", slot.number, source)
            return slot.asks[source.n].ref, self._outside(slot.number, source.n)
        said = self._said(source)
        check(said is not None, "nobody said", source)
        if isinstance(source, FromDevice | FromStream):
            self.outer[said[0]].append(source)  # type: ignore[index]
        return said  # type: ignore[return-value]

    def _rung(self, slot: Slot, source: FromWake) -> tuple[Ref, Message]:
        wake = slot.wakes.get(source.n)
        check(wake is not None, "a wake fired that is not set", slot.number, source)
        check((wake.at, source.n) == min((w.at, n) for n, w in slot.wakes.items()), "wakes out of order", source)
        return wake.ref, wake.message

    def _again(self, slot: Slot, turned: Turned[Any, Any], message: Message) -> None:
        check(not isinstance(turned.input, FromWake) or slot.wakes[turned.input.n].at <= turned.at, "a wake too early")
        actor = slot.roll.peek(turned.ref) or TOYS.new(turned.ref)
        before = TOYS.encode(actor)
        turn = Turn(turned.ref, turned.at, actor, TOYS, References())
        try:
            type(actor).handlers[type(message)](actor, message, turn)
        except ValueError as error:
            raise Violation(f"decided again, it breaks: {turned}") from error
        check(TOYS.encode(actor) == before, "a handler wrote state", message)
        self._sent(slot.number, turned, turn.sends)
        reply = TOYS.encode(turn.answer) if turn.answer is not None else None
        asked = [(ask.n, ask.port, ask.request) for ask in turned.asks]
        wanted = [(n, request.port, TOYS.encode(request)) for n, request in enumerate(turn.asks, slot.last_ask + 1)]
        same = (turn.facts, reply, wanted) == (turned.facts, turned.reply, asked)
        check(same and list(changes_of_wakes(slot, turn)) == turned.wakes, "decided again, it is different:", turned)

    def answered(self) -> set[Pair]:
        """What was asked of the outside and has its answer: (slot, n); that no answer came twice is seen before."""
        return {(slot, source.n) for slot, source in self.replies if isinstance(source, FromOutside)}

    def each_asked_is_answered(self, by_provider: Collection[Pair]) -> None:
        """When all has drained: each request outside has one answer, and the provider was asked for it."""
        check(self.asks == self.answered(), "not each request outside has an answer", self.asks ^ self.answered())
        check(self.asks == set(by_provider), "answered without asking, or asked for nothing")

    def saw(self, ref: Ref, face: Face) -> bool:
        """Whether an actor has ever looked like this in the journal."""
        return face in self.looks[ref] or face == TOYS.new(ref).face()

    def seen(self, letters: list[Letter[Any]], answers: list[Answer]) -> None:
        """Answers arrive: all that they say is in the journal (invariants 5 and 6)."""
        for letter, answer in zip(letters, answers, strict=True):
            self.answers[f"{answer.how} {answer.note}".strip()] += 1
            if isinstance(letter.input, FromSlot):
                least = max(answer.n, letter.input.n if answer.how == "done" else 0)
                check(self.taken[letter.input.slot, letter.slot] >= least, "acknowledged, not durable", letter)
            elif answer.how == "done" and letter.input is None:
                check(self._looked(letter.ref, answer.reply), "a query saw what is not durable", letter)
            elif answer.how == "done" and letter.input is not None:
                durable, reply = self.reply_of(letter.slot, letter.input)
                check(durable, "answered before it was durable", letter)
                known = reply == answer.reply or not isinstance(letter.input, ByKey)
                check(known, "the reply differs from the journal", letter, answer, reply)

    def left(self, letters: list[Letter[Any]]) -> None:
        """Messages between slots arrive: each was durable before it left (invariant 6)."""
        for letter in letters:
            if isinstance(letter.input, FromSlot):
                sent = self.sends[letter.input.slot, letter.slot]
                check(letter.input.n <= len(sent), "a message left before its commit", letter)

    def _looked(self, ref: Ref, reply: bytes | None) -> bool:
        total: Any = TOYS.decode_reply(reply or b"")
        return self.saw(ref, ToyFace(total.total, total.chain))

    def reply_of(self, slot: int, source: Input) -> tuple[bool, bytes | None]:
        """Whether an input is durable, and what was replied to it."""
        return (slot, source) in self.replies, self.replies.get((slot, source))
