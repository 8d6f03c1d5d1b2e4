"""A pass decides: what is offered at which price, which plates are on it, when it is over."""

from copy import copy

import msgspec

from actors.engine.turn import Turn
from actors.kinds.known import Reading, in_force
from actors.kinds.parking_pass.sale import LAPSE, LATE_US, OFFER, REMIND, Selling
from actors.kinds.parking_pass.terms import NotSold, end_of, may_buy, period_price, terms_of, whole_price
from actors.messages.pass_rules import PASS_RULES, PassRule
from actors.messages.passes import (
    ChangePlates,
    EndPass,
    HolderReminded,
    LapsePass,
    Offer,
    OfferOver,
    OpenPass,
    PassAnswer,
    PassEnded,
    PassLapsed,
    PassOffered,
    PassQuery,
    PassReturned,
    PlateReplaced,
    PlatesChanged,
    RemindHolder,
    RenewPass,
    Replacement,
    ReplacePlate,
)
from actors.messages.vehicle import DropPass
from actors.plates import normal
from actors.values import DAY_US, MINUTE_US, Micros, Ref

_rules = Reading(lambda value: msgspec.convert(value, PassRule))


class ParkingPass(Selling, kind="pass"):
    """A pass: paid in advance, for some plates, in some lots, for a time."""

    def on_open_pass(self, ask: OpenPass, turn: Turn) -> None:
        if self.terms is not None:
            turn.reply(PassAnswer(turn.me.key, self.face()))
            return
        try:
            self._offer(ask, ask.rule, tuple(map(normal, ask.plates)), ask.from_us or turn.now, turn)
        except NotSold as no:
            turn.refuse(no.code, str(no), rule=ask.rule)

    def on_renew_pass(self, ask: RenewPass, turn: Turn) -> None:
        if self._closed(ask.account, turn) or self.terms is None:
            return
        try:
            self._offer(ask, self.terms.rule, self.plates, max(self.until_us, turn.now), turn)
        except NotSold as no:
            turn.refuse(no.code, str(no), rule=self.terms.rule)

    def on_change_plates(self, ask: ChangePlates, turn: Turn) -> None:
        if self._closed(ask.account, turn):
            return
        plates = tuple(dict.fromkeys(map(normal, ask.plates)))
        if not self._fit(plates, turn):
            return
        after = copy(self)
        if plates != self.plates:
            after.learn(PlatesChanged(plates, self.plates, ask.reason, ask.person, turn.now), turn)
            gone = {*self._told()} - {*after._told()}
            for plate in sorted(gone):
                turn.send(Ref("vehicle", plate), DropPass(turn.me.key))
            for plate in plates:
                if plate not in self.plates:
                    after.tell_vehicle(plate, self.from_us, self.until_us, False, turn)
        turn.reply(PassAnswer(turn.me.key, after.face()))

    def on_replace_plate(self, ask: ReplacePlate, turn: Turn) -> None:
        if self._closed(ask.account, turn):
            return
        plate, instead = normal(ask.plate), normal(ask.instead)
        if plate not in self.plates:
            turn.refuse("other_plate", "This plate is not on the pass", plate=plate)
        elif instead in self.plates or (instead and ask.from_us >= ask.until_us):
            turn.refuse("replacement_wrong", "Another plate, for a time that begins before it ends")
        else:
            after = copy(self)
            replacement = Replacement(plate, instead, ask.from_us, ask.until_us)
            after.learn(PlateReplaced(replacement, ask.person, turn.now), turn)
            for gone in sorted({*self._told()} - {*after._told()}):
                turn.send(Ref("vehicle", gone), DropPass(turn.me.key))
            after.move_covers(turn)
            after.tell_vehicles(turn, inside=False)
            turn.reply(PassAnswer(turn.me.key, after.face()))

    def on_end_pass(self, ask: EndPass, turn: Turn) -> None:
        if self.ended:
            turn.reply(PassAnswer(turn.me.key, self.face()))
            return
        if self._closed("", turn):
            return
        after = copy(self)
        fee_fen = self.terms.refund_fee_fen if self.terms else 0
        back = {each: self.refund_fen(each, turn.now) for each in self.bought}
        for each, fen in back.items():
            kept = min(fee_fen, fen)
            back[each], fee_fen = fen - kept, fee_fen - kept
        refund_fen = sum(back.values())
        after.learn(PassEnded(turn.now, ask.reason, ask.person, refund_fen, self.operator), turn)
        for each, fen in back.items():
            if fen:
                after.learn(PassReturned(each.payment, fen, turn.now, self.operator), turn)
                after.give_back(each, fen, 2, "pass_ended", turn)
        after.move_covers(turn)
        self._forget(turn)
        for wake in (OFFER, REMIND, LAPSE):
            turn.cancel(wake)
        turn.reply(PassAnswer(turn.me.key, after.face(), refund_fen))

    def on_remind_holder(self, wake: RemindHolder, turn: Turn) -> None:
        if self.sold and not self.ended and wake.until_us == self.until_us:
            turn.record(HolderReminded(self.until_us, self.account, self.phone, self.plates, turn.now))

    def on_lapse_pass(self, wake: LapsePass, turn: Turn) -> None:
        if not self.ended and wake.until_us == self.until_us:
            turn.record(PassLapsed(turn.now))
            self._forget(turn)

    def on_pass_query(self, query: PassQuery, turn: Turn) -> None:
        if self.terms is None:
            turn.refuse("pass_unknown", "There is no such pass")
        else:
            turn.reply(PassAnswer(turn.me.key, self.face()))

    def _offer(
        self, ask: OpenPass | RenewPass, rule_id: str, plates: tuple[str, ...], from_us: Micros, turn: Turn
    ) -> None:
        """Holds a price for what is asked for; NotSold. What costs nothing is sold at once."""
        found = in_force(turn, PASS_RULES + rule_id)
        if found is None:
            raise NotSold("unknown_rule", "There is no such rule of passes")
        rule = _rules.of(found)
        may_buy(rule, plates, ask.periods, ask.source, turn.now)
        if from_us < turn.now - DAY_US:
            raise NotSold("from_in_past", "A pass begins today or later")
        pay_until_us = turn.now + rule.offer_minutes * MINUTE_US
        fen, until_us = whole_price(rule, plates, ask.periods), end_of(rule, from_us, ask.periods)
        offer = Offer(fen, from_us, until_us, pay_until_us, renewal=self.sold)
        terms = terms_of(rule_id, found.version, rule)
        known = ask if isinstance(ask, OpenPass) else self
        holder = (known.account, known.holder, known.phone)
        after = copy(self)
        after.learn(PassOffered(offer, terms, plates, *holder, ask.source, ask.person, turn.now), turn)
        if fen:
            turn.wake(OFFER, pay_until_us + LATE_US, OfferOver(pay_until_us))
        else:
            after.sell("", "", "", turn)
        turn.reply(PassAnswer(turn.me.key, after.face()))

    def _closed(self, account: str, turn: Turn) -> bool:
        """Whether nothing can be done with it: refused."""
        if self.terms is None:
            turn.refuse("pass_unknown", "There is no such pass")
        elif account and account != self.account:
            turn.refuse("not_owner", "The pass is not this account's")
        elif self.ended or not self.sold:
            turn.refuse("pass_not_in_force", "The pass is not paid for, or has ended", state=self.state())
        return turn.answer is not None

    def _fit(self, plates: tuple[str, ...], turn: Turn) -> bool:
        """Whether these plates may be on the pass; otherwise it is refused."""
        if not self.terms or not 0 < len(plates) <= self.terms.plates:
            turn.refuse("too_many_plates", "So many plates cannot be on this pass")
            return False
        found = in_force(turn, PASS_RULES + self.terms.rule)
        if found is None:
            return True
        try:
            dearer = period_price(_rules.of(found), plates) > period_price(_rules.of(found), self.plates)
        except NotSold:
            dearer = True
        if dearer:
            turn.refuse("plate_kind", "A pass for this kind of plate costs more")
        return not dearer

    def _told(self) -> tuple[str, ...]:
        """All plates that know of the pass."""
        return (*self.plates, *(each.instead for each in self.replacements))

    def _forget(self, turn: Turn) -> None:
        for plate in self._told():
            turn.send(Ref("vehicle", plate), DropPass(turn.me.key))
