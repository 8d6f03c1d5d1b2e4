"""Who may use one bay, and when: who has reserved it, and when its owner shares it with others."""

from copy import copy

from msgspec.structs import replace

from actors.engine.turn import Turn
from actors.kinds.sharing import Shared
from actors.kinds.windows import given_away
from actors.messages.bay import ReportPlate
from actors.messages.holder import HoldOver, HoldSaid, HoldWrong
from actors.messages.holding import (
    BayHeld,
    BayTurned,
    ExtendHold,
    Hold,
    HoldBay,
    HoldBegins,
    HoldBegun,
    HoldEnded,
    HoldExtended,
    HoldingAnswer,
    HoldingFace,
    HoldingQuery,
    HoldLapsed,
    LockAsked,
    LockLowered,
    LowerFor,
    MoveLock,
    Occupied,
    PlateAtBay,
    ReleaseBay,
    WrongCar,
)
from actors.values import MINUTE_US, Micros, Ref

BEGIN, LAPSE = "begin", "lapse"
UNKNOWN = "?"
"""The plate of a car that nobody has read."""
PASSES_WITHIN_US: Micros = 10 * MINUTE_US
"""Whoever comes so soon after the lock was lowered for somebody is he."""


class Holding(Shared, kind="holding"):
    """Who may use one bay. A bay that nobody has reserved or shared has none. One reservation at a time: it counts from
    when its holder said that he comes.
    """

    # -- reservations

    def on_hold_bay(self, ask: HoldBay, turn: Turn) -> None:
        holder = ask.reservation.partition("/")[0]
        if self.hold is not None and self.hold.reservation == ask.reservation:
            return
        why = self._kept_from(holder, ask, turn)
        turn.send(Ref("holder", holder), HoldSaid(ask.reservation, turn.me.key, ask.until_us, why))
        if why:
            return
        after = copy(self)
        after.learn(BayHeld(Hold(ask.reservation, holder, ask.plate, ask.from_us, ask.until_us)), turn)
        turn.wake(LAPSE, ask.until_us, HoldLapsed(ask.reservation))
        if ask.from_us <= turn.now:
            after._begin(turn)
        else:
            turn.wake(BEGIN, ask.from_us, HoldBegins(ask.reservation))

    def on_hold_begins(self, wake: HoldBegins, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == wake.reservation:
            copy(self)._begin(turn)

    def on_extend_hold(self, said: ExtendHold, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == said.reservation:
            turn.record(HoldExtended(said.reservation, said.until_us))
            turn.wake(LAPSE, said.until_us, HoldLapsed(said.reservation))

    def on_release_bay(self, said: ReleaseBay, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == said.reservation:
            copy(self)._end_hold(said.why, turn)

    def on_hold_lapsed(self, wake: HoldLapsed, turn: Turn) -> None:
        hold = self.hold
        if hold is not None and hold.reservation == wake.reservation:
            # Where nobody reads plates, whoever came in time is taken for the holder.
            came = hold.begun and self.occupied and not hold.wrong
            copy(self)._end_hold("used" if came else "expired", turn)

    # -- what happens in the bay

    def on_bay_turned(self, said: BayTurned, turn: Turn) -> None:
        after, hold = copy(self), self.hold
        turned = said.occupied != self.occupied
        if turned:
            after.learn(Occupied(said.occupied, said.at_us), turn)
        if not said.occupied:
            after._emptied(said.at_us, turn)
        elif turned and self.let_in is not None and said.at_us - self.let_in.at_us <= PASSES_WITHIN_US:
            after._arrived(self.let_in, said.at_us, turn)
        elif said.plate:
            after._plate_seen(said.plate, said.at_us, turn)
        elif hold is not None and hold.begun and said.at_us < hold.from_us:  # it stood there before
            after._plate_seen(UNKNOWN, said.at_us, turn)

    def on_plate_at_bay(self, seen: PlateAtBay, turn: Turn) -> None:
        copy(self)._plate_seen(seen.plate, seen.at_us, turn)

    def on_lower_for(self, ask: LowerFor, turn: Turn) -> None:
        hold, share, until_us = self.hold, self.share, ask.at_us + MINUTE_US
        shared = share if share is not None and share.state == "active" else None
        held = hold if hold is not None and hold.begun else None
        if held is not None and held.holder != ask.account:
            turn.refuse("bay_reserved", "The bay is kept for somebody else", until_us=str(held.until_us))
        elif self.occupied:
            turn.refuse("bay_taken", "A car stands there")
        elif held is not None:
            self._lower(ask, "holder", turn)
        elif shared is None:
            turn.refuse("not_kept", "Nobody keeps this bay: its lock obeys payments only")
        elif shared.owner == ask.account:
            self._lower(ask, "owner", turn)
        elif given_away(shared, ask.at_us, until_us):
            self._lower(ask, "guest", turn)
        else:
            turn.refuse("outside_window", "Its owner does not share the bay now")

    def on_holding_query(self, query: HoldingQuery, turn: Turn) -> None:
        turn.reply(HoldingAnswer(self.face()))

    # -- deciding; all of these but `_kept_from` and `_lower` are called on the copy of a handler

    def _kept_from(self, holder: str, ask: HoldBay, turn: Turn) -> str:
        """Why this holder may not have the bay then; nothing: he may."""
        share = self.share if self.share is not None and self.share.state == "active" else None
        if self.hold is not None:
            return "bay_reserved"
        if self.occupied and ask.from_us <= turn.now:
            return "bay_taken"
        if share is None:
            return "" if ask.open else "not_reservable"
        mine = share.owner == holder
        return "" if mine or given_away(share, ask.from_us, max(ask.until_us, ask.leave_us)) else "outside_window"

    def _lower(self, ask: LowerFor, as_what: str, turn: Turn) -> None:
        turn.record(LockAsked(ask.account, ask.plate, as_what, ask.at_us))
        turn.send(self.bay(turn), MoveLock("lower"))
        turn.reply(LockLowered(as_what))

    def _begin(self, turn: Turn) -> None:
        """From now on the bay is kept; it says whether somebody stands there already."""
        assert self.hold is not None
        self.learn(HoldBegun(self.hold.reservation), turn)
        self.guard(turn)

    def _arrived(self, let_in: LockAsked, at_us: Micros, turn: Turn) -> None:
        """Whoever the lock was lowered for has come: the stay is his car's."""
        plate = ReportPlate(let_in.plate, "", "owner", "", 100, at_us, let_in.account)
        turn.send(self.bay(turn), plate)
        if self.hold is not None and self.hold.begun and self.hold.holder == let_in.account:
            self._end_hold("used", turn)

    def _emptied(self, at_us: Micros, turn: Turn) -> None:
        if self.hold is not None and self.hold.wrong:
            self._wrong("", at_us, turn)
        if self.guarded:  # nobody stands in a bay that is kept or shared: whoever may, has it lowered
            turn.send(self.bay(turn), MoveLock("raise"))

    def _plate_seen(self, plate: str, at_us: Micros, turn: Turn) -> None:
        hold = self.hold
        if hold is None or not hold.begun or plate == hold.wrong:
            return
        if plate == hold.plate:
            self._end_hold("used", turn)
        else:
            self._wrong(plate, at_us, turn)

    def _wrong(self, plate: str, at_us: Micros, turn: Turn) -> None:
        assert self.hold is not None
        hold = self.hold
        self.learn(WrongCar(hold.reservation, plate, at_us), turn)
        turn.send(Ref("holder", hold.holder), HoldWrong(hold.reservation, turn.me.key, plate))

    def _end_hold(self, why: str, turn: Turn) -> None:
        """The bay is kept for him no longer; the lock of one that nobody keeps is down, so that anybody may come."""
        assert self.hold is not None
        hold = self.hold
        self.learn(HoldEnded(hold.reservation, why, turn.now), turn)
        turn.cancel(LAPSE)
        turn.cancel(BEGIN)
        turn.send(Ref("holder", hold.holder), HoldOver(hold.reservation, turn.me.key, why))
        self.guard(turn)
        if why != "used" and not self.guarded:
            turn.send(self.bay(turn), MoveLock("lower"))

    # -- remembering

    def fold_bay_held(self, fact: BayHeld) -> None:
        self.hold = fact.hold

    def fold_hold_begun(self, fact: HoldBegun) -> None:
        if self.hold is not None:
            self.hold = replace(self.hold, begun=True)

    def fold_hold_ended(self, fact: HoldEnded) -> None:
        self.hold = None

    def fold_hold_extended(self, fact: HoldExtended) -> None:
        if self.hold is not None:
            self.hold = replace(self.hold, until_us=fact.until_us)

    def fold_wrong_car(self, fact: WrongCar) -> None:
        if self.hold is not None:
            self.hold = replace(self.hold, wrong=fact.plate)

    def fold_lock_asked(self, fact: LockAsked) -> None:
        self.let_in = fact

    def fold_occupied(self, fact: Occupied) -> None:
        self.occupied = fact.occupied
        self.let_in = self.let_in if fact.occupied else None

    def face(self) -> HoldingFace:
        return HoldingFace(self.hold, self.share)
