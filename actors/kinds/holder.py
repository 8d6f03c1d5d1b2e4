"""Who reserves bays: one reservation at a time, and what becomes of its deposit."""

from copy import copy

from msgspec.structs import replace

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.messages.forms import Fact
from actors.messages.holder import (
    CancelReservation,
    DepositKept,
    DepositReceived,
    DepositReturned,
    HolderAnswer,
    HolderFace,
    HolderQuery,
    HoldOver,
    HoldSaid,
    HoldWrong,
    MoveReservation,
    Reservation,
    ReservationAsked,
    ReservationTurned,
    Reserve,
    Reserved,
)
from actors.messages.holding import ExtendHold, HoldBay, ReleaseBay
from actors.messages.money import ReturnExcess, Settle
from actors.messages.rules import LotRules
from actors.values import MINUTE_US, Micros, Ref

ACTIVE = frozenset({"asked", "unpaid", "held", "wrong_car"})
KEPT_MOST = 20
"""How many reservations somebody remembers; all of them are facts."""


class Holder(Actor, kind="holder"):
    """An account as a holder of reservations. A reservation is named `<account>/<its own id>`."""

    reservations: tuple[Reservation, ...] = ()

    def on_reserve(self, ask: Reserve, turn: Turn) -> None:
        known, active = self._named(ask.reservation), self._in(ACTIVE)
        rules = rules_of(turn, ask.lot)
        from_us = max(ask.from_us, turn.now)
        if known is not None:
            turn.reply(Reserved(known))
        elif active is not None:
            turn.refuse("reservation_active", "You have a reservation already", reservation=active.reservation)
        elif from_us > turn.now + rules.holds.ahead_minutes * MINUTE_US:
            turn.refuse("too_early", "Nobody can reserve so long ahead", minutes=str(rules.holds.ahead_minutes))
        elif ask.leave_us and ask.leave_us <= from_us:
            turn.refuse("wrong_times", "A reservation ends after it begins")
        else:
            said = _reservation(ask, from_us, rules, turn.now)
            turn.record(ReservationAsked(said, turn.now))
            until_us = said.pay_until_us or said.until_us
            times = (said.from_us, until_us, said.leave_us)
            open_ = ask.bay_type in rules.holds.bay_types
            turn.send(_holding(said), HoldBay(said.reservation, said.plate, *times, open_))
            turn.reply(Reserved(said))

    def on_cancel_reservation(self, ask: CancelReservation, turn: Turn) -> None:
        known = self._named(ask.reservation)
        if known is None or known.state not in ACTIVE:
            turn.refuse("not_active", "There is no such reservation, or it is over", reservation=ask.reservation)
            return
        after = copy(self)
        early = turn.now <= known.cancel_us or known.state == "wrong_car"
        why = "late" if known.payment and not early else ""
        after._end(replace(known, state="cancelled", why=why), early, turn)
        turn.send(_holding(known), ReleaseBay(known.reservation, "cancelled"))
        turn.reply(Reserved(after._now(known)))

    def on_move_reservation(self, ask: MoveReservation, turn: Turn) -> None:
        known, rules = self._named(ask.reservation), rules_of(turn, ask.lot)
        wanted = f"{ask.lot}/{ask.bay}"
        if known is None or known.state != "wrong_car" or wanted == f"{known.lot}/{known.bay}":
            turn.refuse("not_movable", "Only a reservation whose bay another car has taken moves to another bay")
            return
        after = copy(self)
        if wanted != known.wanted:
            after._turn_to(replace(known, wanted=wanted), turn)
            times = (turn.now, max(known.until_us, turn.now + rules.holds.hold_minutes * MINUTE_US), known.leave_us)
            open_ = ask.bay_type in rules.holds.bay_types
            turn.send(Ref("holding", wanted), HoldBay(known.reservation, known.plate, *times, open_))
        turn.reply(Reserved(after._now(known)))

    # -- what the bays' holdings say

    def on_hold_said(self, said: HoldSaid, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is not None and known.state == "wrong_car" and said.bay == known.wanted:
            copy(self)._moved(known, said, turn)
        elif known is not None and known.state == "asked" and said.why:
            copy(self)._turn_to(replace(known, state="refused", why=said.why), turn)
        elif known is not None and known.state == "asked":
            copy(self)._turn_to(replace(known, state="unpaid" if known.deposit_fen else "held"), turn)
        elif not said.why and (known is None or known.state not in ACTIVE):  # it was given up meanwhile
            turn.send(Ref("holding", said.bay), ReleaseBay(said.reservation, "cancelled"))

    def on_hold_over(self, said: HoldOver, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is None or known.state not in ACTIVE or said.bay != f"{known.lot}/{known.bay}":
            return
        came = said.why == "used"
        why = "unpaid" if known.state == "unpaid" and not came else known.state if known.state == "wrong_car" else ""
        state = "used" if came else "expired"
        copy(self)._end(replace(known, state=state, why=why), came or known.state == "wrong_car", turn)

    def on_hold_wrong(self, said: HoldWrong, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is None or said.bay != f"{known.lot}/{known.bay}":
            return
        if said.plate and known.state == "held":
            copy(self)._turn_to(replace(known, state="wrong_car"), turn)
        elif not said.plate and known.state == "wrong_car":
            copy(self)._turn_to(replace(known, state="held"), turn)

    # -- money

    def on_settle(self, money: Settle, turn: Turn) -> None:
        """A deposit came; what is too much, or for nothing, goes back."""
        after, known = copy(self), self._in({"unpaid"})
        used = known.deposit_fen if known is not None and money.fen >= known.deposit_fen else 0
        if known is not None and used:
            payment, channel, payer = money.payment, money.channel, money.payer
            came = (payment, channel, payer, used, money.paid_us)
            after.learn(DepositReceived(known.reservation, *came, known.operator, known.lot), turn)
            after._turn_to(replace(known, state="held", payment=payment, channel=channel, payer=payer), turn)
            turn.send(_holding(known), ExtendHold(known.reservation, known.until_us))
        if money.fen > used:
            self._send_back(money.payment, money.channel, money.payer, money.fen - used, 1, "excess", turn)

    def on_holder_query(self, query: HolderQuery, turn: Turn) -> None:
        turn.reply(HolderAnswer(self.face()))

    # -- deciding; those that record are called on the copy of a handler

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once."""
        turn.record(fact)
        self.remember(fact)

    def _named(self, reservation: str) -> Reservation | None:
        return next((each for each in self.reservations if each.reservation == reservation), None)

    def _in(self, states: set[str] | frozenset[str]) -> Reservation | None:
        return next((each for each in self.reservations if each.state in states), None)

    def _now(self, known: Reservation) -> Reservation:
        return self._named(known.reservation) or known

    def _turn_to(self, said: Reservation, turn: Turn) -> None:
        self.learn(ReservationTurned(said, turn.now), turn)

    def _moved(self, known: Reservation, said: HoldSaid, turn: Turn) -> None:
        """The other bay is kept, and the first one no longer; or it is not, and all is as before."""
        if said.why:
            self._turn_to(replace(known, wanted="", why=said.why), turn)
            return
        lot, _, bay = said.bay.partition("/")
        self._turn_to(replace(known, lot=lot, bay=bay, state="held", why="", wanted="", until_us=said.until_us), turn)
        turn.send(_holding(known), ReleaseBay(known.reservation, "moved"))

    def _end(self, said: Reservation, back: bool, turn: Turn) -> None:
        """It is over, and so is its deposit: it goes back, or it is kept."""
        self._turn_to(said, turn)
        if said.wanted:
            turn.send(Ref("holding", said.wanted), ReleaseBay(said.reservation, "cancelled"))
        if not said.payment:
            return
        why = said.why or said.state
        about = (said.reservation, said.payment, said.deposit_fen, why, turn.now, said.operator, said.lot)
        if back:
            self.learn(DepositReturned(*about), turn)
            self._send_back(said.payment, said.channel, said.payer, said.deposit_fen, 2, why, turn)
        else:
            self.learn(DepositKept(*about), turn)

    def _send_back(self, payment: str, channel: str, payer: str, fen: int, n: int, why: str, turn: Turn) -> None:
        to = Ref("account", payer) if channel == "wallet" else Ref("payment", payment)
        turn.send(to, ReturnExcess("holder", turn.me.key, payment, n, fen, why, channel))

    # -- remembering

    def fold_reservation_asked(self, fact: ReservationAsked) -> None:
        self.reservations = (*self.reservations, fact.said)[-KEPT_MOST:]

    def fold_reservation_turned(self, fact: ReservationTurned) -> None:
        said = fact.said
        self.reservations = tuple(said if each.reservation == said.reservation else each for each in self.reservations)

    def fold_deposit_received(self, fact: DepositReceived) -> None:
        pass  # the reservation says by its own fact that it is paid; this one is for the books

    def fold_deposit_returned(self, fact: DepositReturned) -> None:
        pass  # what it means for the books, the ledger knows

    def fold_deposit_kept(self, fact: DepositKept) -> None:
        pass  # the same

    def face(self) -> HolderFace:
        return HolderFace(self.reservations)


def _reservation(ask: Reserve, from_us: Micros, rules: LotRules, now: Micros) -> Reservation:
    """What is asked for, as the lot's rules have it now."""
    holds = rules.holds
    deposit_fen = holds.deposits_fen.get(ask.bay_type, 0)
    until_us = from_us + holds.hold_minutes * MINUTE_US
    return Reservation(
        ask.reservation,
        ask.lot,
        ask.bay,
        ask.plate,
        from_us,
        until_us,
        rules.operator,
        deposit_fen,
        min(until_us, now + holds.pay_minutes * MINUTE_US) if deposit_fen else 0,
        from_us - holds.cancel_minutes * MINUTE_US,
        ask.leave_us,
    )


def _holding(said: Reservation) -> Ref:
    return Ref("holding", f"{said.lot}/{said.bay}")
