"""Orders to a device: told through the outside until the device itself says what became of them."""

from copy import copy

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.device import (
    AckDue,
    DeviceTold,
    Disobeyed,
    Instruct,
    Instructed,
    Obeyed,
    OrderEnded,
    TellDevice,
    ToldAgain,
)
from actors.values import SECOND_US, Micros, Ref

RETELL_US: Micros = 5 * SECOND_US
RETELL_MOST_US: Micros = 60 * SECOND_US


class Waiting(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An order that the device has not carried out yet, and how often it was told."""

    order: str
    text: str
    until_us: Micros
    asker_kind: str
    asker_key: str
    told: int = 1


class Obeying(Actor):
    """A device that takes orders, one at a time: a later one takes the place of one that still waits. They are
    numbered, and a device carries out none that is older than one it has carried out, so it never does two in the wrong
    order.
    """

    device_kind: str = ""
    given: int = 0
    waiting: dict[int, Waiting] = {}

    def on_instruct(self, said: Instruct, turn: Turn) -> None:
        if not self.device_kind:
            turn.refuse("not_installed", "This device is not in the register yet.", device=turn.me.own_id)
            return
        after = copy(self)
        for n in self.waiting:
            after._end(n, "superseded", turn)
        n = self.given + 1
        after._learn(Instructed(n, said.order, said.text, said.until_us, said.asker_kind, said.asker_key), turn)
        after._tell(n, turn)

    def on_device_told(self, told: DeviceTold, turn: Turn) -> None:
        if told.why and int(told.id) in self.waiting:
            copy(self)._end(int(told.id), told.why, turn)

    def on_ack_due(self, wake: AckDue, turn: Turn) -> None:
        n = int(wake.id)
        waits = self.waiting.get(n)
        if waits is None:
            return
        after = copy(self)
        if turn.now >= waits.until_us:
            after._end(n, "silent", turn)
        else:
            after._learn(ToldAgain(n), turn)
            after._tell(n, turn)

    # -- deciding; all of these are called on the copy of a handler

    def acknowledged(self, ack: str, why: str, turn: Turn) -> None:
        """The device says what became of an order."""
        if ack.isdecimal() and int(ack) in self.waiting:
            turn.cancel(_alarm(int(ack)))
            copy(self)._end(int(ack), why, turn)

    def _tell(self, n: int, turn: Turn) -> None:
        waits = self.waiting[n]
        turn.outside(TellDevice(turn.me.own_id, str(n), waits.order, waits.text, waits.until_us))
        pause_us = min(RETELL_US << (waits.told - 1), RETELL_MOST_US)
        turn.wake(_alarm(n), min(turn.now + pause_us, max(waits.until_us, turn.now)), AckDue(str(n)))

    def _end(self, n: int, why: str, turn: Turn) -> None:
        waits = self.waiting[n]
        self._learn(OrderEnded(n, why, turn.now), turn)
        if waits.asker_kind and why != "superseded":
            said = Disobeyed(turn.me.own_id, waits.order, why) if why else Obeyed(turn.me.own_id, waits.order)
            turn.send(Ref(waits.asker_kind, waits.asker_key), said)

    def _learn(self, fact: Instructed | ToldAgain | OrderEnded, turn: Turn) -> None:
        turn.record(fact)
        self.remember(fact)

    # -- remembering

    def fold_instructed(self, fact: Instructed) -> None:
        self.given = fact.n
        waits = Waiting(fact.order, fact.text, fact.until_us, fact.asker_kind, fact.asker_key)
        self.waiting = {**self.waiting, fact.n: waits}

    def fold_told_again(self, fact: ToldAgain) -> None:
        waits = self.waiting[fact.n]
        self.waiting = {**self.waiting, fact.n: msgspec.structs.replace(waits, told=waits.told + 1)}

    def fold_order_ended(self, fact: OrderEnded) -> None:
        self.waiting = {n: waits for n, waits in self.waiting.items() if n != fact.n}


def _alarm(n: int) -> str:
    return f"ack-{n}"
