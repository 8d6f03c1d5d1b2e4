"""thespian: a process for each actor (`multiprocTCPBase`, its default with several cores), so only a few of them."""

from time import perf_counter
from typing import Any

from thespian.actors import Actor, ActorAddress, ActorSystem

from actors.values import Ref
from benchmarks.peers.process import Form, Window, serve, timed
from benchmarks.peers.town import FORMS, Part, Town

LOTS, BAYS_A_LOT = 1, 4
UNDER_WAY = 100
TOLD_EVERY = 10
"""The lot tells the driver after so many: an answer to each would be one more message a reading."""


class Meet:
    """The part to carry, and the addresses of the others."""

    def __init__(self, part: Part, others: dict[Ref, ActorAddress], last: bool) -> None:
        self.part, self.others, self.last = part, others, last


class Carried(Actor):  # type: ignore[misc]
    """Carries one part; every message has the driver's address with it."""

    def __init__(self) -> None:
        self._me = Meet(None, {}, False)  # type: ignore[arg-type]
        self._taken = 0

    def receiveMessage(self, message: Any, sender: ActorAddress) -> None:
        """Takes one message."""
        if isinstance(message, Meet):
            self._me = message
            self.send(sender, "met")
        elif isinstance(message, tuple):
            self._take(message[0], message[1] or sender)

    def _take(self, message: Any, driver: ActorAddress) -> None:
        for ref, said in self._me.part.take(message):
            self.send(self._me.others[ref], (said, driver))
        self._taken += 1
        if self._me.last and self._taken % TOLD_EVERY == 0:
            self.send(driver, TOLD_EVERY)


def _drive(system: Any, town: Town) -> Window:
    actors = {ref: system.createActor(Carried) for ref in town.parts}
    for ref, part in town.parts.items():
        system.ask(actors[ref], Meet(part, actors, ref in town.last), 30)

    def drive(until: float) -> int:
        sent = taken = 0
        while perf_counter() < until or sent % TOLD_EVERY:
            ref, message = next(town.readings)
            system.tell(actors[ref], (message, None))
            sent += 1
            while sent - taken >= UNDER_WAY:
                taken += system.listen(10) or _lost()
        while taken < sent:
            taken += system.listen(10) or _lost()
        return sent

    return timed(drive)


def _lost() -> int:
    raise RuntimeError("thespian did not answer for ten seconds")


def _forms() -> list[Form]:
    system = ActorSystem("multiprocTCPBase")
    towns = [form(LOTS, BAYS_A_LOT) for form in FORMS]
    return [Form(town.form, len(town.parts), town.messages, _drive(system, town)) for town in towns]


if __name__ == "__main__":
    try:
        serve("thespian", _forms)
    finally:
        ActorSystem("multiprocTCPBase").shutdown()
