"""The provider of a city that is lived in: the sandbox, which says false things when it is asked to, and what of what
it sent was refused.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
from sqlalchemy import text

from gateway.outside.merchants import SANDBOX_FILE
from gateway.outside.sandbox.book import GivenBack, Sold
from gateway.outside.sandbox.keys import kept_keys
from gateway.outside.sandbox.merchants import sandbox_accounts
from gateway.outside.sandbox.mischief import Bend, Misbehave
from gateway.outside.sandbox.notifier import Outgoing
from gateway.outside.sandbox.program import folder_of
from gateway.outside.sandbox.server import Sandbox
from gateway.outside.sandbox.till import Voice
from gateway.outside.sandbox.wechat import CHANNEL
from storage.local import write_private
from storage.session import now_us
from tests.city.waiting import eventually
from tests.city.whole import Whole

LISTED_WITHIN_S = 10.0
TRIES = 4


class Overheard:
    """WeChat's voice; `said` has the signatures of all that it said of an order, by its own number of the payment."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.said: defaultdict[str, list[str]] = defaultdict(list)

    def order_told(self, order: Sold, bend: Bend) -> Outgoing:
        sent = self._voice.order_told(order, bend)
        self.said[order.ref].append(sent.headers["Wechatpay-Signature"])
        return sent

    def refund_told(self, order: Sold, refund: GivenBack, bend: Bend) -> Outgoing:
        return self._voice.refund_told(order, refund, bend)

    def taken(self, status: int, body: bytes) -> bool:
        return self._voice.taken(status, body)


class Liar:
    """The sandbox of a city's data folder, in this process: it outlives whatever dies in the city."""

    def __init__(self, city: Whole, sandbox: Sandbox) -> None:
        self._city, self._sandbox = city, sandbox
        self._voice = Overheard(sandbox.wechat)
        sandbox.till.voices[CHANNEL] = self._voice

    async def lies(self, payment: str, lie: str) -> str:
        """Says of an unpaid order that it is paid, and it is not; again, as long as nobody can hear it. The reason for
        which it was refused, as the list of staff has it.
        """
        order = self._sandbox.book.orders[CHANNEL, payment]
        told = {"state": "paid", "ref": f"{lie}-{payment}", "paid_us": now_us(), "payer": "oLiar"}
        claimed = msgspec.structs.replace(order, **told)
        if lie == "never_begun":
            claimed = msgspec.structs.replace(claimed, trade=f"x{payment[1:]}")
        for _ in range(TRIES - 1):
            self._say(claimed, lie)
            with suppress(AssertionError):  # the cell of its payment did not answer: a provider says it again
                return await self._listed(claimed, f"{lie} about {payment} is refused")
        self._say(claimed, lie)
        return await self._listed(claimed, f"{lie} about {payment} is refused, said {TRIES} times")

    def _say(self, claimed: Sold, lie: str) -> None:
        if lie != "never_begun":
            self._sandbox.mischief.wish(Misbehave(notify=lie))  # type: ignore[arg-type]
        self._sandbox.till.tell(claimed)

    async def _listed(self, claimed: Sold, what: str) -> str:
        found: list[str] = []

        async def listed() -> bool:
            found[:] = await self._refused(self._voice.said[claimed.ref])
            return bool(found)

        await eventually(listed, what, LISTED_WITHIN_S)
        return found[0]

    async def _refused(self, said: list[str]) -> list[str]:
        """The reasons for which these, by their signatures, are on the list."""
        query = text("SELECT reason FROM refused_notifications WHERE headers->>'wechatpay-signature' = ANY(:said)")
        async with self._city.engine.connect() as connection:
            return [row[0] for row in await connection.execute(query, {"said": said})]

    def pays(self, payment: str, notice: str) -> None:
        """The owner pays; it is notified well, or late, twice, in the wrong order, never."""
        if notice != "good":
            self._sandbox.mischief.wish(Misbehave(notify=notice, seconds=0.5))  # type: ignore[arg-type]
        self._sandbox.till.pay(CHANNEL, payment, "oPayer")

    def given_back(self, payment: str) -> int:
        """What of this payment went back."""
        return sum(each.fen for each in self._sandbox.book.refunds_of(CHANNEL, payment) if each.state == "done")


@asynccontextmanager
async def lying(city: Whole) -> AsyncIterator[Liar]:
    """A provider that the city's gateway has an account at."""
    keys = kept_keys(folder_of(city.settings))
    sandbox = Sandbox(keys, now_us)
    url = f"http://127.0.0.1:{await sandbox.start()}"
    write_private(city.settings.folder / SANDBOX_FILE, msgspec.json.encode(sandbox_accounts(keys, url)))
    try:
        yield Liar(city, sandbox)
    finally:
        await sandbox.stop()
