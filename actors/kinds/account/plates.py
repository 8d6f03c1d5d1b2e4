"""The owner's plates: few, one of them the default; the vehicle decides whose it is."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.account.state import Remembered
from actors.kinds.known import owner_rules
from actors.messages.account import BindPlate, ChooseDefault, PlateBound, SetWays
from actors.messages.account_facts import DefaultChosen, PlateTold, PlateWanted, WaysSet
from actors.messages.ownership import BindOwner
from actors.plates import normal
from actors.values import Ref

WAYS = frozenset({"wallet", "wechat", "alipay", "unionpay"})


class Plates(Remembered):
    """An account that has plates."""

    def on_bind_plate(self, ask: BindPlate, turn: Turn) -> None:
        plate, most = normal(ask.plate), owner_rules(turn).plates_most
        known = self.plates.get(plate)
        if not plate:
            turn.refuse("plate_invalid", "This is no plate", plate=ask.plate)
            return
        if known is None and len(self.plates) >= most:
            turn.refuse("too_many_plates", f"No more than {most} plates", most=str(most))
            return
        after = copy(self)
        if known is None:
            after.learn(PlateWanted(plate, ask.evidence, not self.default, turn.now), turn)
        if known is None or known.state != "bound":
            turn.send(Ref("vehicle", plate), BindOwner(turn.me.key, False, ask.evidence))
        turn.reply(after.answer())

    def on_plate_bound(self, said: PlateBound, turn: Turn) -> None:
        known = self.plates.get(said.plate)
        gone = said.state in ("refused", "released")
        if (known.state if known else "released") == said.state or (gone and known is None):
            return
        after = copy(self)
        after.learn(PlateTold(said.plate, said.state, said.reason, said.at_us), turn)
        if gone and self.default == said.plate:
            after.learn(DefaultChosen(next(iter(after.plates), ""), "promoted"), turn)

    def on_choose_default(self, ask: ChooseDefault, turn: Turn) -> None:
        plate = normal(ask.plate)
        if plate not in self.plates:
            turn.refuse("not_owner", "The plate is not this account's", plate=plate)
            return
        after = copy(self)
        if plate != self.default:
            after.learn(DefaultChosen(plate, "chosen"), turn)
        turn.reply(after.answer())

    def on_set_ways(self, ask: SetWays, turn: Turn) -> None:
        plate = normal(ask.plate)
        known = self.plates.get(plate)
        if known is None or known.state != "bound":
            turn.refuse("not_owner", "The plate is not this account's", plate=plate)
            return
        if len(set(ask.ways)) < len(ask.ways) or not WAYS.issuperset(ask.ways):
            turn.refuse("way_unknown", "Nothing is paid by itself in this way", ways=" ".join(ask.ways))
            return
        after = copy(self)
        if (ask.ways, ask.openid) != (known.ways, known.openid):
            after.learn(WaysSet(plate, ask.ways, ask.openid, turn.now), turn)
            turn.send(Ref("vehicle", plate), BindOwner(turn.me.key, bool(ask.ways)))
        turn.reply(after.answer())
