"""Who works on a street section: a lease, so that whoever dies with it holds it no longer than that."""

from msgspec.structs import replace

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.collector import SectionGone
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


class Worked(Actor):
    """A section that one collector at a time works on."""

    hold: Hold | None = None

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
