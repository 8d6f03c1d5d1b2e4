"""Stays that are paid without anybody doing anything: the first of the owner's ways for the plate that can, does."""

from copy import copy
from hashlib import blake2b

from actors.engine.turn import Turn
from actors.kinds.account.wallet import WALLET, Wallet
from actors.messages.account import AutoPay
from actors.messages.account_facts import AutoEnded, AutoTried, TopUpDropped
from actors.messages.money import CloseBill, Due
from actors.messages.payment import StartPayment
from actors.messages.session import AutoPayDeclined
from actors.values import MINUTE_US, Ref

TRY_US = 2 * MINUTE_US
"""For so long a provider may take to deduct; the session holds its price for longer."""


class Automatic(Wallet):
    """An account that pays stays by itself."""

    def on_auto_pay(self, ask: AutoPay, turn: Turn) -> None:
        plate = self.plates.get(ask.plate)
        ways = plate.ways if plate and plate.state == "bound" else ()
        if ask.payment not in self.automatic:
            copy(self)._try(ask, ways, "off" if not ways else "declined", turn)

    def on_close_bill(self, close: CloseBill, turn: Turn) -> None:
        """A provider's payment will not come: a top-up is dropped, an automatic payment goes the next way."""
        tried = self.automatic.get(close.payment)
        known = self.top_ups.get(close.payment)
        if tried:
            after = copy(self)
            after.learn(AutoEnded(close.payment, tried.session, "declined", turn.now), turn)
            number = blake2b(f"{close.payment} {len(tried.left)}".encode(), digest_size=16).hexdigest()
            ask = AutoPay(tried.session, number, tried.fen, tried.plate, tried.operator, *tried.stay)
            after._try(ask, tried.left, "declined", turn)
        elif known and not known.came:
            turn.record(TopUpDropped(close.payment, close.why))

    # -- deciding, on the copy of a handler

    def _try(self, ask: AutoPay, ways: tuple[str, ...], why: str, turn: Turn) -> None:
        for n, way in enumerate(ways):
            if way != WALLET:
                self._deduct(ask, way, ways[n + 1 :], turn)
                return
            if ask.fen <= self.spendable_fen:
                self.spend(ask.payment, (Due("session", ask.session, ask.fen),), turn)
                self.learn(AutoEnded(ask.payment, ask.session, "paid", turn.now), turn)
                return
            why = "insufficient"
        self.learn(AutoEnded(ask.payment, ask.session, why, turn.now), turn)
        turn.send(Ref("session", ask.session), AutoPayDeclined(ask.payment, why))

    def _deduct(self, ask: AutoPay, way: str, left: tuple[str, ...], turn: Turn) -> None:
        about = (ask.session, ask.fen, ask.plate, ask.operator)
        stay = (ask.place, ask.colour, ask.from_us, ask.to_us)
        self.learn(AutoTried(ask.payment, *about, way, left, turn.now, stay), turn)
        start = StartPayment(
            way,
            "plate",
            (Due("session", ask.session, ask.fen),),
            turn.me.key,
            ask.session,
            turn.now + TRY_US,
            self.plates[ask.plate].openid,
            ask.plate,
            "",
            ask.colour,
            ask.place,
            ask.from_us,
            ask.to_us,
        )
        turn.send(Ref("payment", ask.payment), start)
