"""A generated day as a running city lives it: frames over its broker, people at its doors, a provider that lies."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from actors.devices import SensorFrame, encode
from actors.engine.post import NotDone, Unanswered
from actors.messages.account import OpenTopUp, PayFromWallet
from actors.messages.forms import Message, Reply
from actors.messages.money import Due
from actors.messages.payment import CNY, ProviderSaid, StartPayment
from actors.messages.session import NotePlate, OpenBill, PayByHand, SessionQuery
from actors.messages.session_shown import BillOpened, SessionAnswer
from actors.values import DAY_US, HOUR_US, MINUTE_US, Micros, Ref
from storage.session import now_us
from tests.city.liar import Liar
from tests.city.quarters import SIGNS
from tests.city.waiting import PATIENCE_S, eventually
from tests.city.whole import Said, Whole
from tests.days.audit import sensed
from tests.days.generated import DAY_OVER_US, LIES, Day, Frame, Stay, generate
from tests.gateway.http.callers import Caller

ASK_WITHIN_S = 10.0
TOP_UP_FEN = 2_000
LIES_EACH = 2
"""So many of all lies are told of one order."""
AGAIN = (503, 504)
"""What HTTP answers while a cell is away."""


def place(run: str, bay: Ref) -> str:
    """A bay of the generated day in the part of the city that lives it in this run."""
    return f"{run}{bay.place}/{run}{bay.place}-{bay.own_id}"


def sensor(run: str, bay: Ref) -> str:
    """Its sensor's own name."""
    return f"d-{run}{bay.place}-{bay.own_id}"


def day_of(seed: int, run: str, bays: int) -> Day:
    """The generated day of so many bays of each lot, over before now; each run has its own vehicles. Nobody pays before
    the end: what it costs then would go by the clock of the run.
    """
    made = generate(seed)
    by_us = (now_us() - DAY_OVER_US - DAY_US) // DAY_US * DAY_US
    kept = [bay for bay in made.stays if int(bay.own_id[1:]) < bays]
    return Day(
        {bay: [_moved(stay, by_us, run) for stay in made.stays[bay]] for bay in kept},
        {bay: [_seen(frame, by_us) for frame in made.frames[bay]] for bay in kept},
    )


def _moved(stay: Stay, by_us: Micros, run: str) -> Stay:
    plate = SIGNS[run] + stay.plate[1:]
    return stay._replace(entry_us=stay.entry_us + by_us, exit_us=stay.exit_us + by_us, plate=plate, before=False)


def _seen(frame: Frame, by_us: Micros) -> Frame:
    return frame._replace(seen_us=frame.seen_us + by_us, comes_us=tuple(each + by_us for each in frame.comes_us))


class Life:
    """One run of a day. `moment` is awaited before whatever a death may come into; `orders` has what was ordered of the
    provider, by stay: its number, its sum, and of which lies it was the subject; `misread` the plates that were put
    right.
    """

    def __init__(
        self, city: Whole, http: Caller, liar: Liar, run: str, day: Day, moment: Callable[[], Awaitable[None]]
    ) -> None:
        self.city, self.http, self.liar, self.run, self.day = city, http, liar, run, day
        self.orders: dict[int, tuple[str, int, list[str]]] = {}
        self.paid: set[str] = set()
        self.misread = {_misread(stay.plate) for stays in day.stays.values() for stay in stays}
        self._moment = moment
        self._lies = {bay: _lies(n, len(day.stays)) for n, bay in enumerate(day.stays)}
        self._refunds: list[tuple[Ref, str, int]] = []

    # -- what its sensors say

    def frames(self) -> list[tuple[Micros, Said]]:
        """What comes over the broker, and when it would, some of it twice."""
        return sorted(
            (comes_us, Said(f"yunparking/v1/{sensor(self.run, bay)}/up", _payload(frame)))
            for bay, frames in self.day.frames.items()
            for frame in frames
            for comes_us in frame.comes_us
        )

    # -- what people do

    async def topped_up(self) -> None:
        """Each bay's drivers have a wallet, so that who pays first is the same in each run."""
        await asyncio.gather(*(self._top_up(bay) for bay in self.day.stays))

    async def people(self) -> None:
        """People come to all stays that have ended; then the money of all payments comes, and some of it goes back."""
        await asyncio.gather(*(self._meet(bay, frames) for bay, frames in self.day.frames.items()))
        await asyncio.gather(*(self._came(payment) for payment in sorted(self.paid)))
        for session, payment, n in self._refunds:
            await self._refund(session, payment, n)

    async def _top_up(self, bay: Ref) -> None:
        account, payment = self._wallet(bay), f"top-{place(self.run, bay).partition('/')[2]}"
        due = (Due("account", account.key, TOP_UP_FEN),)
        start = StartPayment("wechat", "native", due, "", "top-up", now_us() + HOUR_US)
        await self._tell(account, OpenTopUp(payment, TOP_UP_FEN), payment)
        await self._tell(Ref("payment", payment), start, f"s{payment}")
        paid = ProviderSaid("paid", TOP_UP_FEN, CNY, "", f"w{payment}", now_us())
        await self._tell(Ref("payment", payment), paid, f"p{payment}")

    def _wallet(self, bay: Ref) -> Ref:
        return Ref("account", f"{self.run}-{bay.place}-{bay.own_id}")

    async def _meet(self, bay: Ref, frames: list[Frame]) -> None:
        for n, seen in enumerate(sensed(frames), 1):
            true = [s for s in self.day.stays[bay] if seen.exit_us and s.entry_us < seen.exit_us]
            met = [stay for stay in true if seen.entry_us < stay.exit_us]
            if met:
                await self._attend(met[0], bay, Ref("session", f"{place(self.run, bay)}-{n}"))

    async def _attend(self, stay: Stay, bay: Ref, session: Ref) -> None:
        first = _misread(stay.plate) if stay.wrong else stay.plate
        await self._tell(session, NotePlate(first, "blue", "pda", "p1", 100, now_us(), "li"), f"n{stay.n}")
        if stay.wrong:
            again = NotePlate(stay.plate, "blue", "staff", "", 100, now_us(), "boss")
            await self._tell(session, again, f"c{stay.n}")
        due_fen = (await self._shown(session)).due_fen
        payment = f"{self.run}p{stay.n}"
        if stay.way == "wechat" and due_fen:
            payment = await self._by_wechat(stay, bay, session)
        elif stay.way == "wallet" and due_fen:
            await self._by_wallet(stay, bay, session, payment)
        elif stay.way == "offline" or (stay.way == "cash" and due_fen):
            paid_us = now_us() - 40 * MINUTE_US
            hand = PayByHand(payment, "cash", due_fen or 250, "li", "s1", paid_us, stay.way == "offline")
            for time in range(2):  # the device hears no answer, and says it again
                await self._tell(session, hand, f"h{stay.n}-{time}")
        if stay.refund:
            self._refunds.append((session, payment, stay.n))

    async def _by_wallet(self, stay: Stay, bay: Ref, session: Ref, payment: str) -> None:
        account = self._wallet(bay)
        bill = await self._tell(session, OpenBill(payment, "wallet", account.own_id), f"b{stay.n}")
        assert isinstance(bill, BillOpened)
        dues = (Due("session", session.key, bill.bill.due_fen),)
        if await self._tell(account, PayFromWallet(payment, dues), f"w{stay.n}"):
            await self._received(session, bill.bill.due_fen)

    async def _by_wechat(self, stay: Stay, bay: Ref, session: Ref) -> str:
        """An order; lies about it, of which nothing may come; perhaps a death; and the payment."""
        body = {"sessions": [session.key], "channel": "wechat"}
        begun = await self._asked("POST", "/api/v1/payments", body, f"{self.run}{stay.n}", 201)
        payment, fen = str(begun["id"]), int(begun["fen"])
        lies = next(self._lies[bay])
        self.orders[stay.n] = payment, fen, lies
        await self._moment()
        for lie in lies:
            why = await self.liar.lies(payment, lie)
            assert why == LIES[lie], f"{lie} about {payment} is listed as {why}"
            assert await self._state(payment) in ("created", "started"), f"{lie} was believed"
        if stay.pays:
            self.liar.pays(payment, stay.notice)
            self.paid.add(payment)
        return payment

    async def _state(self, payment: str) -> str:
        return str((await self._asked("GET", f"/api/v1/payments/{payment}", None, "", 200))["state"])

    async def _came(self, payment: str) -> None:
        async def came() -> bool:
            return await self._state(payment) == "paid"

        await eventually(came, f"the payment {payment} of run {self.run} is known to be paid")

    async def _received(self, session: Ref, fen: int) -> None:
        async def received() -> bool:
            return (await self._shown(session)).face.received_fen >= fen

        await eventually(received, f"{session} has got {fen} fen")

    async def _refund(self, session: Ref, payment: str, n: int) -> None:
        """Staff give 1.00 back; a refusal, because nothing came or too little, is an answer too."""
        if payment in self.paid:
            await self._received(session, 1)
        back = {"payment": payment, "fen": 100, "reason": "sorry"}
        await self._asked("POST", f"/api/v1/sessions/{session.key}/refunds", back, f"{self.run}r{n}", 200, 409)

    # -- how they ask

    async def _tell(self, ref: Ref, message: Message, key: str | None) -> Reply | None:
        """Says it until it is known what came of it; None if that was no."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with suppress(Unanswered):
                try:
                    own = None if key is None else f"{self.run}-{key}"
                    return await self.city.town.post.ask(ref, message, own, ASK_WITHIN_S)
                except NotDone:
                    return None
            assert time.monotonic() < deadline, f"{ref} did not answer {message} within {PATIENCE_S:g} s"

    async def _shown(self, session: Ref) -> SessionAnswer:
        shown = await self._tell(session, SessionQuery(), None)
        assert isinstance(shown, SessionAnswer), f"{session}: {shown}"
        return shown

    async def _asked(self, method: str, path: str, body: Any, key: str, *fine: int) -> Any:
        """The same at the HTTP door; one of these statuses is an answer."""
        said: Any = None

        async def answered() -> bool:
            nonlocal said
            said = await self.http(method, path, body, **({"Idempotency_Key": key} if key else {}))
            assert said.status in (*fine, *AGAIN), (method, path, said.json)
            return said.status in fine

        await eventually(answered, f"{method} {path} is answered")
        return said.json


async def publish(city: Whole, lives: Sequence[Life], moment: Callable[[], Awaitable[None]], moments: int) -> None:
    """Says what all sensors say in all lives, in order; so many times something may die between. All is kept then."""
    coming = [said for _, said in sorted(frame for life in lives for frame in life.frames())]
    async with city.radio() as client:
        for n in range(moments + 1):
            begin, end = (len(coming) * each // (moments + 1) for each in (n, n + 1))
            await city.publish(client, coming[begin:end])
            if n < moments:
                await moment()
    await city.quiet()


def _misread(plate: str) -> str:
    return plate.replace("A", "B")


def _lies(bay: int, bays: int) -> Iterator[list[str]]:
    """Which are told of each order of a bay: bays take turns, so that few orders are told all of them."""
    for turn in count(bay, bays):
        yield [list(LIES)[(turn * LIES_EACH + n) % len(LIES)] for n in range(LIES_EACH)]


def _payload(frame: Frame) -> bytes:
    return encode(SensorFrame(v=1, boot=1, n=frame.n, at=frame.seen_us, occupied=frame.occupied))
