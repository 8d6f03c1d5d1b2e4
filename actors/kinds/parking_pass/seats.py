"""Which stays a pass covers, and which part of each: so many at once, in its lots, while it lasts."""

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.parking_pass.state import Remembered
from actors.messages.passes import LeaveSeat, Seat, SeatLeft, SeatTaken, TakeSeat
from actors.messages.session import Covered
from actors.values import Micros, Ref

Span = tuple[Micros, Micros]


class Seating(Remembered):
    """A pass that counts who is inside. A vehicle that found no seat at its entry is charged for that stay."""

    def on_take_seat(self, ask: TakeSeat, turn: Turn) -> None:
        span, why = self._span(ask, turn)
        if not why:
            others = (each for each in self.inside.values() if each.session != ask.session)
            if sum(each.until_us > ask.entry_us for each in others) >= (self.terms.seats if self.terms else 0):
                why = "full"
        if why:
            turn.send(Ref("session", ask.session), Covered(turn.me.key, ask.entry_us, ask.entry_us, why))
            return
        seat = Seat(ask.session, ask.plate, ask.lot, *span)
        if self.inside.get(ask.session) != seat and not ask.exit_us:
            turn.record(SeatTaken(seat))
        turn.send(Ref("session", ask.session), Covered(turn.me.key, *span))

    def on_leave_seat(self, left: LeaveSeat, turn: Turn) -> None:
        if left.session in self.inside:
            turn.record(SeatLeft(left.session, left.at_us))

    def move_covers(self, turn: Turn) -> None:
        """After the pass's time or a replacement changed, the cover of who is inside ends when it does now. Called on
        the copy of a handler.
        """
        for seat in tuple(self.inside.values()):
            until_us = max(self._end_of(seat), seat.from_us)
            if until_us != seat.until_us:
                self.learn(SeatTaken(Seat(seat.session, seat.plate, seat.lot, seat.from_us, until_us)), turn)
                turn.send(Ref("session", seat.session), Covered(turn.me.key, seat.from_us, until_us))

    def _end_of(self, seat: Seat) -> Micros:
        """When a cover ends. A plate that was taken off the pass keeps its cover, but not past the pass's end; time
        that begins after a gap, as of a pass renewed too late, is for another stay.
        """
        spans = self._spans(seat.plate)
        found = next((each for each in spans if seat.from_us < each[1]), None)
        if found is None:
            return seat.from_us if spans else min(seat.until_us, self.until_us)
        return seat.until_us if found[0] > seat.until_us else found[1]

    def _span(self, ask: TakeSeat, turn: Turn) -> tuple[Span, str]:
        """The first part of a stay that is covered as far as time, plate and place go, or why there is none."""
        nothing = (ask.entry_us, ask.entry_us)
        terms = self.terms
        if terms is None or not self.sold:
            return nothing, "not_sold"
        if ask.lot not in terms.lots and not set(terms.groups) & set(rules_of(turn, ask.lot).groups):
            return nothing, "other_lot"
        spans = self._spans(ask.plate)
        found = next((each for each in spans if ask.entry_us < each[1]), None)
        if found is None:
            return nothing, "over" if spans else "other_plate"
        return (max(ask.entry_us, found[0]), found[1]), ""

    def _spans(self, plate: str) -> list[Span]:
        """When the pass covers this plate: its own time less that of a replacement, or a replacement's."""
        spans = [
            (max(self.from_us, each.from_us), min(self.until_us, each.until_us))
            for each in self.replacements
            if each.instead == plate
        ]
        if plate in self.plates:
            start = self.from_us
            for each in self.replacements:
                if each.plate == plate:
                    spans.append((start, min(each.from_us, self.until_us)))
                    start = max(start, each.until_us)
            spans.append((start, self.until_us))
        return sorted(each for each in spans if each[0] < each[1])
