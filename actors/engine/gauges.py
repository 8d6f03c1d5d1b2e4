"""What the parts of the engine count of themselves: plain structs that travel as the answer to `state`.

A field with a description is a figure, and its name and description are those of the metric it becomes: names end in
their unit, `…_total` only grows while a process lives, a `Spread` says how often a figure fell where, a map has a value
for each word of one label. Whoever shows figures (the gateway) needs no list of them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from time import perf_counter
from typing import Annotated

import msgspec

from actors.engine.entries import Answer
from actors.engine.host import Host

SHORT_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
COUNTS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0)
SIZES = (1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7)


def figure(words: str, label: str = "") -> msgspec.Meta:
    """Declares a field to be a figure; `label` names the words of a map."""
    return msgspec.Meta(description=words, extra={"label": label} if label else None)


class Spread(msgspec.Struct):
    """How often a figure fell at or below each bound and above the bound before; the last count is above them all."""

    bounds: tuple[float, ...]
    counts: list[int]
    sum: float = 0.0

    @classmethod
    def over(cls, bounds: tuple[float, ...]) -> "Spread":
        """One that has seen nothing yet."""
        return cls(bounds, [0] * (len(bounds) + 1))

    def see(self, value: float) -> None:
        """One more value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def add(self, other: "Spread") -> None:
        """All the values that another one of the same bounds has seen."""
        self.counts = [one + more for one, more in zip(self.counts, other.counts, strict=True)]
        self.sum += other.sum

    def since(self, before: "Spread | None") -> "Spread":
        """What was seen after `before` was taken; all of it when the two do not belong together."""
        if before is None or before.bounds != self.bounds or sum(before.counts) > sum(self.counts):
            return self
        fewer = [now - then for now, then in zip(self.counts, before.counts, strict=True)]
        return Spread(self.bounds, fewer, self.sum - before.sum)

    def quantile(self, share: float) -> float | None:
        """About the value below which this share lies (linear between bounds); None if nothing was seen."""
        wanted, low = share * sum(self.counts), 0.0
        for count, high in zip(self.counts, (*self.bounds, self.bounds[-1]), strict=True):
            if count and count >= wanted:
                return low + (high - low) * wanted / count
            wanted, low = wanted - count, high
        return None


def seconds() -> Spread:
    """A spread of lengths of time from a millisecond to half a minute."""
    return Spread.over(SHORT_S)


def counted() -> Spread:
    """A spread of how many there were at a time."""
    return Spread.over(COUNTS)


def sized() -> Spread:
    """A spread of sizes in bytes."""
    return Spread.over(SIZES)


class MailGauges(msgspec.Struct, kw_only=True):
    """Calls that carry letters to cells."""

    calls_total: Annotated[int, figure("Calls that carried letters to cells")] = 0
    failed_calls_total: Annotated[int, figure("Calls to cells without an answer; their letters went again")] = 0
    resent_letters_total: Annotated[int, figure("Letters of calls that failed, sent again")] = 0
    flying_calls: Annotated[int, figure("Calls to cells under way now")] = 0
    call_letters: Annotated[Spread, figure("Letters in one call to a cell")] = msgspec.field(default_factory=counted)
    call_seconds: Annotated[Spread, figure("Time from a call to a cell to its answer")] = msgspec.field(
        default_factory=seconds
    )

    def left(self, letters: int) -> float:
        """A call starts; when it did."""
        self.flying_calls += 1
        self.calls_total += 1
        self.call_letters.see(letters)
        return perf_counter()

    def back(self, began: float, letters: int, failed: bool) -> None:
        """It is over."""
        self.flying_calls -= 1
        self.call_seconds.see(perf_counter() - began)
        if failed:
            self.failed_calls_total += 1
            self.resent_letters_total += letters


class CellGauges(msgspec.Struct, kw_only=True):
    """What a cell carries and has done since its process began."""

    cell: str
    lease: int
    slots: Annotated[int, figure("Slots open in this cell")] = 0
    broken_slots: Annotated[int, figure("Slots being folded again after a fold failed")] = 0
    actors: Annotated[int, figure("Actors in memory")] = 0
    uncommitted_turns: Annotated[int, figure("Turns taken and not yet sent to the journal")] = 0
    outbox_letters: Annotated[int, figure("Letters to other slots that are not yet acknowledged")] = 0
    waiting_calls: Annotated[int, figure("Calls whose answers wait for a commit")] = 0
    set_wakes: Annotated[int, figure("Durable alarms that are set")] = 0
    kept_keys: Annotated[int, figure("Callers' keys remembered with their replies")] = 0
    ring_bytes: Annotated[int, figure("Committed pages kept for followers")] = 0
    turns_total: Annotated[int, figure("Turns made durable, acknowledgements between slots counted in")] = 0
    refused_turns_total: Annotated[int, figure("Turns in which an actor refused")] = 0
    parked_messages_total: Annotated[int, figure("Messages that broke an actor and were set aside")] = 0
    left_actors_total: Annotated[int, figure("Actors that left memory, since nothing is expected of them")] = 0
    returned_actors_total: Annotated[int, figure("Actors that were told something after they had left")] = 0
    due_slots: Annotated[int, figure("Slots due for a snapshot, which later commits make")] = 0
    snapshots_total: Annotated[int, figure("Snapshots of slots written")] = 0
    answers_total: Annotated[dict[str, int], figure("Letters answered, by how", "answer")] = {}
    commit_seconds: Annotated[Spread, figure("Time of one commit, its repeats included")] = msgspec.field(
        default_factory=seconds
    )
    commit_turns: Annotated[Spread, figure("Turns in one commit")] = msgspec.field(default_factory=counted)
    commit_bytes: Annotated[Spread, figure("Bytes of all pages of one commit")] = msgspec.field(default_factory=sized)
    committing_seconds: Annotated[
        float, figure("How long the commit under way has waited for its answer; 0 without one")
    ] = 0.0
    commit_doubts_total: Annotated[int, figure("Pauses after statements whose outcome was not known")] = 0
    opening_seconds: Annotated[Spread, figure("Time to fence, read and fold a batch of slots")] = msgspec.field(
        default_factory=seconds
    )
    mail: MailGauges = msgspec.field(default_factory=MailGauges)

    def look(self, host: Host) -> None:
        """What the host carries now."""
        slots = host.slots.values()
        self.slots, self.broken_slots = len(slots), len(host.broken)
        self.actors = sum(len(slot.roll) for slot in slots)
        self.uncommitted_turns = host.group.turns
        self.outbox_letters = sum(len(waiting) for slot in slots for waiting in slot.outbox.values())
        self.set_wakes = sum(len(slot.wakes) for slot in slots)
        self.kept_keys = sum(len(slot.taken.keys) for slot in slots)
        self.left_actors_total, self.returned_actors_total = host.gone.left, host.gone.returned
        self.due_slots = len(host.due)
        self.refused_turns_total = host.refused

    def committed(self, turns: int, size: int, took_s: float) -> None:
        """A commit is durable."""
        self.turns_total += turns
        self.commit_turns.see(turns)
        self.commit_bytes.see(size)
        self.commit_seconds.see(took_s)

    def answered(self, answers: Iterable[Answer]) -> None:
        """A batch was answered."""
        for how, n in Counter(answer.how for answer in answers).items():
            tally(self.answers_total, how, n)


class PostGauges(msgspec.Struct, kw_only=True):
    """What a gateway's post has sent and what still waits."""

    waiting_messages: Annotated[dict[str, int], figure("Messages to actors, not yet durable, by cell", "cell")] = {}
    mail: MailGauges = msgspec.field(default_factory=MailGauges)


class FollowerGauges(msgspec.Struct, kw_only=True):
    """How close a follower is to what the cells have committed."""

    queued_changes: Annotated[int, figure("Folded changes that nobody has taken yet")] = 0
    behind_pages: Annotated[int, figure("Committed pages that the cells have and the follower has not")] = 0
    behind_seconds: Annotated[float, figure("Age of the newest page folded while there were newer ones")] = 0.0
    pages_total: Annotated[int, figure("Committed pages folded")] = 0
    refilled_slots_total: Annotated[int, figure("Slots read anew from the journal")] = 0


def tally(counts: dict[str, int], word: str, n: int) -> None:
    """Adds to a map of figures."""
    counts[word] = counts.get(word, 0) + n
