"""The wallet: real money and gift money, never below zero.

Real money is spent first and comes back first; a gift never becomes cash.
"""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.account.state import Remembered, Spent
from actors.kinds.known import owner_rules
from actors.messages.account import (
    FreeSum,
    FreezeSum,
    OpenTopUp,
    PayFromWallet,
    RefundTopUp,
    TopUpOpened,
    WalletMoved,
    WalletPaid,
)
from actors.messages.account_facts import (
    SpentReturned,
    SumFreed,
    SumFrozen,
    TopUpAsked,
    TopUpCame,
    TopUpReturned,
    WalletSpent,
)
from actors.messages.money import Due, ReturnExcess, Settle
from actors.values import Ref

WALLET = "wallet"


class Wallet(Remembered):
    """An account that takes and pays money."""

    def on_pay_from_wallet(self, ask: PayFromWallet, turn: Turn) -> None:
        known = sum(each.fen + each.gift_fen for part, each in self.spent.items() if part[0] == ask.payment)
        fen = sum(due.fen for due in ask.dues)
        parts = {(due.kind, due.key) for due in ask.dues}
        if known:
            turn.reply(WalletPaid(ask.payment, known, self.balance_fen, self.gift_fen))
        elif not ask.dues or len(parts) < len(ask.dues) or any(due.fen <= 0 for due in ask.dues):
            turn.refuse("amount_wrong", "Nothing is to be paid", fen=str(fen))
        elif fen > self.spendable_fen:
            turn.refuse("insufficient", "The wallet has not so much", spendable_fen=str(self.spendable_fen))
        else:
            after = copy(self)
            after.spend(ask.payment, ask.dues, turn)
            turn.reply(WalletPaid(ask.payment, fen, after.balance_fen, after.gift_fen))

    def on_open_top_up(self, ask: OpenTopUp, turn: Turn) -> None:
        rules = owner_rules(turn)
        offer = next((each for each in rules.offers if each.id == ask.offer), None)
        known = self.top_ups.get(ask.payment)
        if known:
            turn.reply(TopUpOpened(ask.payment, known.fen, known.gift_fen))
        elif ask.offer and offer is None:
            turn.refuse("offer_unknown", "There is no such offer now", offer=ask.offer)
        elif (offer and offer.fen != ask.fen) or not 0 < ask.fen <= rules.top_up_most_fen:
            most_fen = offer.fen if offer else rules.top_up_most_fen
            turn.refuse("amount_wrong", "So much cannot be paid in", most_fen=str(most_fen))
        else:
            gift_fen = offer.gift_fen if offer else 0
            turn.record(TopUpAsked(ask.payment, ask.fen, gift_fen, ask.offer, turn.now))
            turn.reply(TopUpOpened(ask.payment, ask.fen, gift_fen))

    def on_settle(self, money: Settle, turn: Turn) -> None:
        known = self.top_ups.get(money.payment)
        if known and known.came:
            return
        # Whatever came is the owner's; a gift belongs to the sum that it was promised for.
        gift_fen = known.gift_fen if known and known.fen == money.fen else 0
        after = copy(self)
        after.learn(TopUpCame(money.payment, money.channel, money.fen, gift_fen, money.paid_us), turn)
        after.move(money.fen, 0, "top_up", money.payment, money.payment, turn)
        if gift_fen:
            after.move(0, gift_fen, "gift", money.payment, money.payment, turn)

    def on_return_excess(self, back: ReturnExcess, turn: Turn) -> None:
        part = (back.payment, back.sender_kind, back.sender_key)
        spent, after = self.spent.get(part), copy(self)
        if spent is None:
            after.move(back.fen, 0, "credit", back.sender_key, back.payment, turn)
            return
        if back.n <= spent.returns:
            return
        gift_fen = _gift_of(spent, back.fen)
        after.learn(SpentReturned(*part, back.n, back.fen), turn)
        why = "excess" if back.why == "excess" else "refund"
        after.move(back.fen - gift_fen, gift_fen, why, back.sender_key, back.payment, turn)

    def on_refund_top_up(self, ask: RefundTopUp, turn: Turn) -> None:
        came = self.top_ups.get(ask.payment)
        if ask.key in self.refunds:
            turn.reply(self.answer())
            return
        if came is None or not came.came:
            turn.refuse("unknown_payment", "No such top-up is in the wallet", payment=ask.payment)
            return
        # A gift that was spent meanwhile is kept from what goes back.
        gift_left_fen = came.gift_fen - came.gift_gone_fen
        gift_fen = min(gift_left_fen, self.gift_fen)
        left_fen = came.fen - came.returned_fen - (gift_left_fen - gift_fen)
        most_fen = max(0, min(left_fen, self.balance_fen - self.frozen_fen))
        if not 0 < ask.fen <= most_fen:
            turn.refuse("refund_too_large", "No more can go back than is left of it", left_fen=str(most_fen))
            return
        after, n = copy(self), came.returns + 1
        after.learn(TopUpReturned(ask.payment, n, ask.fen, gift_fen, ask.person, ask.key), turn)
        after.move(-ask.fen, 0, "withdraw", ask.payment, ask.payment, turn)
        if gift_fen:
            after.move(0, -gift_fen, "gift", ask.payment, ask.payment, turn)
        back = ReturnExcess(turn.me.kind, turn.me.key, ask.payment, n, ask.fen, "withdraw")
        turn.send(Ref("payment", ask.payment), back)
        turn.reply(after.answer())

    def on_freeze_sum(self, ask: FreezeSum, turn: Turn) -> None:
        after = copy(self)
        if ask.key not in self.frozen:
            free_fen = self.balance_fen - self.frozen_fen
            if not 0 < ask.fen <= free_fen:
                turn.refuse("insufficient", "The wallet has not so much", spendable_fen=str(free_fen))
                return
            after.learn(SumFrozen(ask.key, ask.fen, ask.why, ask.person, turn.now), turn)
        turn.reply(after.answer())

    def on_free_sum(self, ask: FreeSum, turn: Turn) -> None:
        after = copy(self)
        if ask.key in self.frozen:
            after.learn(SumFreed(ask.key, ask.person, turn.now), turn)
        turn.reply(after.answer())

    # -- deciding, on the copy of a handler

    @property
    def spendable_fen(self) -> int:
        """What the wallet can pay now."""
        return self.balance_fen - self.frozen_fen + self.gift_fen

    def spend(self, payment: str, dues: tuple[Due, ...], turn: Turn) -> None:
        """Pays every part; there is enough."""
        for due in dues:
            real_fen = min(due.fen, self.balance_fen - self.frozen_fen)
            gift_fen = due.fen - real_fen
            self.learn(WalletSpent(payment, due.kind, due.key, real_fen, gift_fen, turn.now), turn)
            self.move(-real_fen, -gift_fen, "pay", due.key, payment, turn)
            turn.send(Ref(due.kind, due.key), Settle(payment, WALLET, due.fen, turn.now, turn.me.key))

    def move(self, fen: int, gift_fen: int, why: str, other: str, payment: str, turn: Turn) -> None:
        """Moves the balances; the fact says where they stand afterwards."""
        balances = (self.balance_fen + fen, self.gift_fen + gift_fen)
        self.learn(WalletMoved(fen, gift_fen, why, other, payment, turn.now, *balances), turn)


def _gift_of(spent: Spent, fen: int) -> int:
    """How much of what comes back had been gift money: the real money of a part comes back first."""
    before = max(0, spent.returned_fen - spent.fen)
    after = max(0, spent.returned_fen + fen - spent.fen)
    return min(spent.gift_fen, after) - min(spent.gift_fen, before)
