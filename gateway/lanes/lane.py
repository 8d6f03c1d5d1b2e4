"""One lane: a car comes, the city is asked, and within a second its barrier opens or its screen says why not."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from actors.messages.lane import GatesAnswer, Lane, LaneAnswer, PassedAlone, RingSeat
from actors.values import SECOND_US, Micros
from gateway.lanes.logbook import Logbook, Passage
from gateway.lanes.platform import Away, Car, Platform

ASK_AGAIN_S = 1.0
LOOK_EVERY_S = 0.5
HASTEN_AFTER_S = 2.0
"""A car that waits so long after its price was shown may have paid: its provider is asked, again after as long."""
DRAINED_WITHIN_S = 5.0
FOR_A_PERSON = ("several", "no_entry", "no_plate", "locked", "black")
DECIDED_WITHIN_S = 600.0
"""So long a lane waits for what a person decides on its car; the next car ends that too."""

log = logging.getLogger(__name__)


class Screen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a lane's screen shows until `until` (microseconds UTC; 0: until told otherwise): a stable word, the plate,
    the sum in fen, what a phone scans to pay it, and the plates among which a person chooses.
    """

    say: str
    plate: str = ""
    fen: int = 0
    code: str = ""
    until: Micros = 0
    among: tuple[str, ...] = ()


class Said(Protocol):
    """How a lane speaks to what stands beside it; returns when the broker has taken it, and raises if it does not."""

    async def open(self, lane: Lane, id: str) -> None:
        """Open the barrier once."""

    async def show(self, lane: Lane, what: Screen) -> None:
        """Show this."""


class LaneAgent:
    """What happens at one lane, one car at a time: the next one ends what was going on with the one before."""

    def __init__(
        self,
        lot: str,
        lane: str,
        platform: Platform,
        said: Said,
        logbook: Logbook,
        rules: Callable[[], GatesAnswer],
        drained: Callable[[], Awaitable[None]],
        now_us: Callable[[], Micros],
        pay_code: Callable[[str, Micros], str] = lambda session, until_us: session,
    ) -> None:
        self.lot, self.lane = lot, lane
        self._platform, self._said, self._logbook = platform, said, logbook
        self._rules, self._drained, self._now_us, self._pay_code = rules, drained, now_us, pay_code
        self._going: asyncio.Task[None] | None = None
        self.opened = 0
        self.alone = 0

    def saw(self, car: Car) -> None:
        """A car stands at the barrier."""
        if self._going is not None:
            self._going.cancel()
        self._going = asyncio.create_task(self._serve(car))

    async def close(self) -> None:
        """Ends what is going on."""
        if self._going is not None:
            self._going.cancel()
            await asyncio.gather(self._going, return_exceptions=True)

    @property
    def here(self) -> Lane:
        """The lane as it was last known."""
        return self._rules().lanes.get(self.lane, Lane("both"))

    async def _serve(self, car: Car) -> None:
        try:
            await self._decide(car)
        except Exception:
            log.exception("lane %s of %s broke on a car", self.lane, self.lot)

    async def _decide(self, car: Car) -> None:
        rules = self._rules()
        fallback = rules.entry_fallback if car.entering else rules.exit_fallback
        answer = await self._asked(car, rules)
        if answer is None and rules.forced:
            fallback = "open"
        if answer is None and fallback == "open":
            await self._let_pass_alone(car)
            return
        if answer is None:
            answer = await self._ask_until_answered(car, fallback)
        await self._follow(car, answer)

    async def _asked(self, car: Car, rules: GatesAnswer) -> LaneAnswer | None:
        """The lot's answer, or None if there was none in time."""
        try:
            return await self._platform.decide(car, rules.groups, rules.wait_ms / 1000, self._now_us())
        except Away as why:
            log.info("lane %s of %s decides alone: %s", self.lane, self.lot, why)
            return None

    async def _let_pass_alone(self, car: Car) -> None:
        """First on the disk, then the barrier: what is not written down does not happen."""
        m = self._logbook.number(self._now_us())
        said = (self.lane, m, car.n, car.entering, car.plate, car.colour, car.confidence_pct, car.seen_us, car.picture)
        await self._logbook.keep(Passage(self.lot, PassedAlone(*said)))
        self.alone += 1
        await self._open(car, "welcome" if car.entering else "goodbye")

    async def _ask_until_answered(self, car: Car, fallback: str) -> LaneAnswer:
        """The car stands and waits, until the city answers or a person lifts the barrier."""
        await self._show(Screen(say="please_wait", plate=car.plate))
        rung = fallback != "seat"
        while True:
            await asyncio.sleep(ASK_AGAIN_S)
            if not rung:
                rung = await self._ring(car)
            answer = await self._asked(car, self._rules())
            if answer is not None:
                return answer

    async def _ring(self, car: Car, why: str = "no_answer") -> bool:
        try:
            await self._platform.ring(self.lot, RingSeat(self.lane, car.n, why, self._now_us()))
        except Away:
            return False
        return True

    async def _follow(self, car: Car, answer: LaneAnswer) -> None:
        if answer.how == "away" and answer.why == "no_entry" and self._logbook.untold():
            answer = await self._asked_when_told(car) or answer
        if answer.how == "pay":
            answer = await self._paid(car, answer)
        if answer.how == "open":
            await self._open(car, "welcome" if car.entering else "goodbye", answer.due_fen if car.entering else 0)
        elif answer.how == "lifted":
            await self._show(Screen(say="welcome" if car.entering else "goodbye", plate=car.plate))
        else:
            await self._turn_away(car, answer)

    async def _turn_away(self, car: Car, answer: LaneAnswer) -> None:
        """The screen says why; where only a person can help, one is rung for, and what that one decides is done."""
        why = answer.why or answer.how
        await self._show(Screen(say=why, plate=car.plate, fen=answer.due_fen, among=answer.among))
        if why not in FOR_A_PERSON:
            return
        rung, car = await self._ring(car, why), car._replace(n=answer.n)
        for _ in range(round(DECIDED_WITHIN_S / LOOK_EVERY_S)):
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(Away):
                rung = rung or await self._ring(car, why)
                decided = await self._platform.stands(car)
                if (decided.how, decided.why) != ("away", why):
                    await self._follow(car, decided)
                    return

    async def _asked_when_told(self, car: Car) -> LaneAnswer | None:
        """The car may have come in while the city was away: first that is told, then the question is asked anew."""
        try:
            async with asyncio.timeout(DRAINED_WITHIN_S):
                await self._drained()
        except TimeoutError:
            return None
        return await self._asked(car._replace(n=car.n + 1), self._rules())

    async def _paid(self, car: Car, asked: LaneAnswer) -> LaneAnswer:
        """Waits until the price that is shown was paid, or holds no longer."""
        code = self._pay_code(asked.session, asked.until_us)
        await self._show(Screen(say="pay", plate=car.plate, fen=asked.due_fen, code=code, until=asked.until_us))
        car, waited = car._replace(n=asked.n), 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            waited += LOOK_EVERY_S
            try:
                answer = await self._platform.stands(car)
                if answer.how != "pay":
                    return answer
                if waited >= HASTEN_AFTER_S:
                    waited = 0.0
                    await self._platform.hasten(asked.session)
            except Away:
                continue  # who waits to pay waits on; a person may lift the barrier
            if self._now_us() > asked.until_us + SECOND_US:
                return LaneAnswer(car.n, "away", asked.session, why="quote_lapsed")

    async def _open(self, car: Car, say: str, owes_fen: int = 0) -> None:
        """The barrier opens; who owes for other stays reads how much."""
        self.opened += 1
        here = self.here
        await self._said.open(here, f"{self.lot}/{self.lane}/{car.n}")
        await self._show(Screen(say=say, plate=car.plate, fen=owes_fen))

    async def _show(self, what: Screen) -> None:
        await self._said.show(self.here, what)
