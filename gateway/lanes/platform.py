"""The city as a lane sees it: it is asked about a car, and told what the lane did. It may be away."""

import asyncio
import logging
from typing import NamedTuple, Protocol

import msgspec

from actors.engine.post import NotDone
from actors.messages.forms import Message, Reply
from actors.messages.lane import (
    Admitted,
    CarAtEntry,
    CarAtExit,
    GatesAnswer,
    GatesQuery,
    LaneAnswer,
    LaneQuery,
    Leaving,
    PassedAlone,
    RingSeat,
    TurnedAway,
)
from actors.messages.payment import AskProvider
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer, EntryQuery
from actors.values import SECOND_US, Micros, Ref

STANDING_WITHIN = 0.4
"""Which part of the time the vehicle may take to say how it stands; without its word the lot decides alone."""
TELL_WITHIN_S = 5.0

log = logging.getLogger(__name__)


class Away(Exception):
    """The city did not answer in time, or with nothing that a lane can use."""


class Car(NamedTuple):
    """A car before a lane's barrier, as its camera sees it; `n` is its number at the lane."""

    lot: str
    lane: str
    n: int
    entering: bool
    plate: str
    colour: str
    confidence_pct: int
    seen_us: Micros
    picture: str = ""


class Platform(Protocol):
    """What a lane asks and tells; every method raises `Away`."""

    async def decide(self, car: Car, groups: tuple[str, ...], within_s: float, now_us: Micros) -> LaneAnswer:
        """May it pass? The answer is the lot's, within so many seconds or not at all."""

    async def stands(self, car: Car) -> LaneAnswer:
        """How it stands now: was it paid meanwhile?"""

    async def hasten(self, session: str) -> None:
        """Somebody stands at the barrier and says that he has paid: ask his provider now."""

    async def tell(self, lot: str, said: PassedAlone) -> None:
        """What the lane did by itself; returns when the lot knows of it."""

    async def ring(self, lot: str, said: RingSeat) -> None:
        """A person is wanted."""

    async def gates(self, lot: str) -> GatesAnswer:
        """What the lot's lanes have to know."""


class Post(Protocol):
    """What carries messages to actors; `key` makes a repeated command the same command."""

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None: ...


class Actors:
    """The city's actors, asked directly: a vehicle one hop before its lot."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def decide(self, car: Car, groups: tuple[str, ...], within_s: float, now_us: Micros) -> LaneAnswer:
        until_us = now_us + int(within_s * SECOND_US)
        async with _patience(within_s):
            standing = await self._standing(car, groups, within_s * STANDING_WITHIN)
            said = (car.plate, car.colour, car.confidence_pct, car.seen_us, until_us, standing, car.picture)
            form = CarAtEntry if car.entering else CarAtExit
            key = f"{car.lot} {car.lane} {car.n} {until_us}"
            answer = await self._ask(Ref("lot", car.lot), form(car.lane, car.n, *said), key, within_s)
            if isinstance(answer, Leaving):
                return await self.stands(car)
            made, owes_fen = _lane_answer(answer), standing.owes_fen if standing else 0
            return msgspec.structs.replace(made, due_fen=owes_fen) if made.how == "open" else made

    async def _standing(self, car: Car, groups: tuple[str, ...], within_s: float) -> EntryAnswer | None:
        if not car.plate:
            return None
        try:
            query = EntryQuery(car.lot, groups, car.seen_us, car.colour)
            answer = await self._ask(Ref("vehicle", car.plate), query, None, within_s)
        except Away as why:
            log.info("the vehicle did not say how it stands: %s", why)
            return None
        return answer if isinstance(answer, EntryAnswer) else None

    async def stands(self, car: Car) -> LaneAnswer:
        answer = await self._ask(Ref("lot", car.lot), LaneQuery(car.lane, car.n), None, TELL_WITHIN_S)
        return _lane_answer(answer)

    async def hasten(self, session: str) -> None:
        answer = await self._ask(Ref("session", session), SessionQuery(), None, TELL_WITHIN_S)
        if isinstance(answer, SessionAnswer) and answer.bill is not None:
            await self._ask(Ref("payment", answer.bill.payment), AskProvider(), None, TELL_WITHIN_S)

    async def tell(self, lot: str, said: PassedAlone) -> None:
        await self._ask(Ref("lot", lot), said, f"{lot} {said.lane} alone {said.m}", TELL_WITHIN_S)

    async def ring(self, lot: str, said: RingSeat) -> None:
        await self._ask(Ref("lot", lot), said, f"{lot} {said.lane} ring {said.n}", TELL_WITHIN_S)

    async def gates(self, lot: str) -> GatesAnswer:
        answer = await self._ask(Ref("lot", lot), GatesQuery(), None, TELL_WITHIN_S)
        if not isinstance(answer, GatesAnswer):
            raise Away(f"{lot} has no gates to tell of")
        return answer

    async def _ask(self, ref: Ref, message: Message, key: str | None, within_s: float) -> Reply | None:
        try:
            return await self._post.ask(ref, message, key, within_s)
        except NotDone as no:
            raise Away(f"{ref} refused: {no}") from no
        except Exception as error:  # whatever is broken between here and there: the lane has to go on
            raise Away(f"{ref} did not answer: {error!r}") from error


def _lane_answer(reply: Reply | None) -> LaneAnswer:
    match reply:
        case LaneAnswer():
            return reply
        case Admitted(n, session, why):
            return LaneAnswer(n, "open", session, why=why)
        case TurnedAway(n, why, fen, among):
            return LaneAnswer(n, "away", "", fen, 0, why, among)
    raise Away(f"no answer for a lane: {reply!r}")


class _patience:
    """Time that may pass; what takes longer is `Away`."""

    def __init__(self, within_s: float) -> None:
        self._timeout = asyncio.timeout(within_s)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *how: object) -> None:
        try:
            await self._timeout.__aexit__(*how)  # type: ignore[arg-type]
        except TimeoutError:
            raise Away("no answer in time") from None
