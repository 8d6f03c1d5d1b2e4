"""A lot: a street section or an off-street lot, how many of its bays are in which state, and who works there."""

from msgspec.structs import replace

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.collector import SectionGone
from actors.messages.lot import BayChanged, CountAnswer, Counted, CountQuery, LotFace
from actors.messages.section import (
    FreeSection,
    Hold,
    KeepSection,
    SectionFreed,
    SectionHeld,
    SectionKept,
    SectionQuery,
    SectionTaken,
    TakeSection,
)
from actors.values import Micros, Ref


class Lot(Actor, kind="lot"):
    """What a lot knows of its bays: each one's type and shown state, and their numbers by both.

    `bays` names a bay's look by its place in `looks`: a lot has many bays, which look few ways.
    """

    looks: list[tuple[str, str]] = []
    bays: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {}
    hold: Hold | None = None

    def on_bay_changed(self, change: BayChanged, turn: Turn) -> None:
        # What the lot itself remembers of the bay is what it moves from, so that its numbers always add up.
        was_type, was = self.looks[self.bays[change.bay]] if change.bay in self.bays else ("", "")
        if (was_type, was) != (change.bay_type, change.now):
            turn.record(Counted(change.bay, change.bay_type, was, change.now, was_type))

    def on_count_query(self, query: CountQuery, turn: Turn) -> None:
        turn.reply(CountAnswer(self.face()))

    # -- who works on the section: a lease, so that whoever dies with it holds it no longer than that

    def on_take_section(self, asked: TakeSection, turn: Turn) -> None:
        held = self._held(turn.now)
        if held is not None and held.collector == asked.collector:
            turn.reply(SectionHeld(turn.me.key, held))
            return
        if held is not None and not asked.by:
            said = {"holder": held.collector, "name": held.name, "device": held.device_name}
            times = {"since_us": str(held.since_us), "until_us": str(held.until_us)}
            turn.refuse("section_taken", f"{held.name} works on this section", section=turn.me.key, **said, **times)
            return
        who = (asked.collector, asked.name, asked.device, asked.device_name)
        hold = Hold(*who, "", turn.now, turn.now + asked.lease_us)
        self._tell_loser(held, asked.name, asked.by, turn)
        turn.record(SectionTaken(hold, asked.by))
        turn.reply(SectionHeld(turn.me.key, hold))

    def on_keep_section(self, asked: KeepSection, turn: Turn) -> None:
        held = self._held(turn.now)
        if held is not None and held.collector != asked.collector:
            turn.send(Ref("collector", asked.collector), SectionGone(turn.me.key, held.name, ""))
            return
        until = turn.now + asked.lease_us
        if held is not None:
            turn.record(SectionKept(asked.shift, until))
        else:
            who = (asked.collector, asked.name, asked.device, asked.device_name)
            turn.record(SectionTaken(Hold(*who, asked.shift, turn.now, until)))

    def on_free_section(self, asked: FreeSection, turn: Turn) -> None:
        held = self.hold
        if held is not None and (asked.by or (held.collector, held.shift) == (asked.collector, asked.shift)):
            self._tell_loser(held if asked.by else None, "", asked.by, turn)
            turn.record(SectionFreed(held.collector, turn.now, asked.by))
            turn.reply(SectionHeld(turn.me.key, None))
        else:
            turn.reply(SectionHeld(turn.me.key, held))

    def on_section_query(self, query: SectionQuery, turn: Turn) -> None:
        turn.reply(SectionHeld(turn.me.key, self._held(turn.now)))

    def _held(self, now: Micros) -> Hold | None:
        return self.hold if self.hold is not None and self.hold.until_us > now else None

    def _tell_loser(self, held: Hold | None, to: str, by: str, turn: Turn) -> None:
        if held is not None and held.shift:
            turn.send(Ref("collector", held.collector), SectionGone(turn.me.key, to, by))

    def fold_section_taken(self, fact: SectionTaken) -> None:
        self.hold = fact.hold

    def fold_section_kept(self, fact: SectionKept) -> None:
        if self.hold is not None:
            self.hold = replace(self.hold, shift=fact.shift, until_us=fact.until_us)

    def fold_section_freed(self, fact: SectionFreed) -> None:
        self.hold = None

    # -- how full it is

    def fold_counted(self, fact: Counted) -> None:
        if fact.was:
            self._add(fact.was_type, fact.was, -1)
        self._add(fact.bay_type, fact.now, 1)
        look = (fact.bay_type, fact.now)
        if look not in self.looks:
            self.looks.append(look)
        self.bays[fact.bay] = self.looks.index(look)

    def _add(self, bay_type: str, state: str, n: int) -> None:
        states = self.counts.setdefault(bay_type, {})
        states[state] = states.get(state, 0) + n
        if not states[state]:
            del states[state]
        if not states:
            del self.counts[bay_type]

    def face(self) -> LotFace:
        return LotFace({bay_type: dict(states) for bay_type, states in self.counts.items()}, self.hold)
