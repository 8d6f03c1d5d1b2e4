"""Who reserves bays: one reservation at a time, and what becomes of its deposit."""

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
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
    Reservation,
    ReservationAsked,
    ReservationTurned,
    Reserve,
    Reserved,
)
from actors.messages.holding import ExtendHold, HoldBay, ReleaseBay
from actors.messages.money import CloseBill, ReturnExcess, Settle
from actors.values import Ref

ACTIVE = frozenset({"asked", "unpaid", "held", "wrong_car"})
KEPT_MOST = 20
"""How many reservations somebody remembers; all of them are facts."""


class Holder(Actor, kind="holder"):
    """An account as a holder of reservations. A reservation is named `<account>/<its own id>`."""

    reservations: tuple[Reservation, ...] = ()
    returned: tuple[str, ...] = ()

    def on_reserve(self, ask: Reserve, turn: Turn) -> None:
        known = self._named(ask.reservation)
        active = next((each for each in self.reservations if each.state in ACTIVE), None)
        if known is not None:
            turn.reply(Reserved(known))
        elif active is not None:
            turn.refuse("reservation_active", "You have a reservation already", reservation=active.reservation)
        elif not ask.from_us < ask.until_us:
            turn.refuse("wrong_times", "A reservation ends after it begins")
        else:
            where = (ask.reservation, ask.lot, ask.bay, ask.plate, ask.from_us, ask.until_us)
            said = Reservation(*where, "asked", "", ask.deposit_fen, ask.cancel_us)
            turn.record(ReservationAsked(said, ask.pay_until_us))
            until_us = ask.pay_until_us if ask.deposit_fen else ask.until_us
            turn.send(_holding(said), HoldBay(ask.reservation, ask.plate, ask.from_us, until_us))
            turn.reply(Reserved(said))

    def on_cancel_reservation(self, ask: CancelReservation, turn: Turn) -> None:
        known = self._named(ask.reservation)
        if known is None or known.state not in ACTIVE:
            turn.refuse("not_active", "There is no such reservation, or it is over", reservation=ask.reservation)
            return
        self._turn_to(known, "cancelled", "late" if known.cancel_us < ask.at_us else "", turn)
        turn.send(_holding(known), ReleaseBay(known.reservation, "cancelled"))
        self._settle_deposit(known, ask.at_us <= known.cancel_us, "cancelled", turn)
        turn.reply(Reserved(msgspec.structs.replace(known, state="cancelled")))

    def on_hold_said(self, said: HoldSaid, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is None or known.state != "asked":
            return
        if said.why:
            self._turn_to(known, "refused", said.why, turn)
        else:
            self._turn_to(known, "unpaid" if known.deposit_fen else "held", "", turn)

    def on_hold_over(self, said: HoldOver, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is None or known.state not in ACTIVE:
            return
        state = said.why if said.why in ("used", "expired") else "cancelled"
        self._turn_to(known, state, said.why, turn)
        self._settle_deposit(known, said.why != "expired" or known.state == "wrong_car", said.why, turn)

    def on_hold_wrong(self, said: HoldWrong, turn: Turn) -> None:
        known = self._named(said.reservation)
        if known is not None and known.state in ("held", "wrong_car"):
            self._turn_to(known, "wrong_car", said.plate, turn)

    def on_settle(self, money: Settle, turn: Turn) -> None:
        """A deposit came; what is too much, or for nothing, goes back."""
        known = next((each for each in self.reservations if each.state == "unpaid"), None)
        used = known.deposit_fen if known is not None and money.fen >= known.deposit_fen else 0
        if known is not None and used:
            turn.record(DepositReceived(known.reservation, money.payment, money.channel, used, turn.now))
            turn.send(_holding(known), ExtendHold(known.reservation, known.until_us))
            self._turn_to(known, "held", "", turn)
        if money.fen > used:
            back = (known.reservation if known else "", money.payment, money.fen - used)
            self._give_back(*back, "excess", 1, turn)

    def on_close_bill(self, said: CloseBill, turn: Turn) -> None:
        """The deposit's payment will not come; the bay is free again when its time is over."""

    def on_holder_query(self, query: HolderQuery, turn: Turn) -> None:
        turn.reply(HolderAnswer(self.face()))

    # -- deciding

    def _named(self, reservation: str) -> Reservation | None:
        return next((each for each in self.reservations if each.reservation == reservation), None)

    def _turn_to(self, known: Reservation, state: str, why: str, turn: Turn) -> None:
        turn.record(ReservationTurned(known.reservation, state, why, known.until_us, turn.now))

    def _settle_deposit(self, known: Reservation, back: bool, why: str, turn: Turn) -> None:
        if not known.payment:
            return
        if back:
            self._give_back(known.reservation, known.payment, known.deposit_fen, why, 2, turn)
        else:
            turn.record(DepositKept(known.reservation, known.deposit_fen, why, turn.now))

    def _give_back(self, reservation: str, payment: str, fen: int, why: str, n: int, turn: Turn) -> None:
        turn.record(DepositReturned(reservation, payment, fen, why, turn.now))
        turn.send(Ref("payment", payment), ReturnExcess("holder", turn.me.key, payment, n, fen, why))

    # -- remembering

    def fold_reservation_asked(self, fact: ReservationAsked) -> None:
        self.reservations = (*self.reservations, fact.said)[-KEPT_MOST:]

    def fold_reservation_turned(self, fact: ReservationTurned) -> None:
        self._change(fact.reservation, state=fact.state, why=fact.why)

    def fold_deposit_received(self, fact: DepositReceived) -> None:
        self._change(fact.reservation, payment=fact.payment)

    def fold_deposit_returned(self, fact: DepositReturned) -> None:
        self.returned = (*self.returned, fact.payment)[-KEPT_MOST:]

    def fold_deposit_kept(self, fact: DepositKept) -> None:
        pass  # what it means for the books, the ledger knows

    def _change(self, reservation: str, **fields: str) -> None:
        self.reservations = tuple(
            msgspec.structs.replace(each, **fields) if each.reservation == reservation else each
            for each in self.reservations
        )

    def face(self) -> HolderFace:
        return HolderFace(self.reservations)


def _holding(said: Reservation) -> Ref:
    return Ref("holding", f"{said.lot}/{said.bay}")
