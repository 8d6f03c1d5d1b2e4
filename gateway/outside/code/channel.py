"""A channel by a plain protocol of ours: JSON over HTTP, each body with a time and an HMAC-SHA256 of both.

UnionPay's and aggregators' own protocols differ from it and from each other: until one of them is written, these
channels speak to a converter (or our sandbox) that speaks this.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from actors.values import SECOND_US, Micros
from gateway.outside.provider import (
    BillLine,
    Created,
    Order,
    OrderKnown,
    OrderSaid,
    ProviderAway,
    ProviderRefused,
    RefundSaid,
    Reply,
    Sent,
    Untrusted,
)
from gateway.outside.wechat.account import WrongAccount
from gateway.outside.wechat.platform import AGE_MOST_US

WITHIN_S: Final = 10.0
TIME, SEAL = "x-time", "x-seal"
ALREADY: Final = ("ORDERPAID", "ORDER_CLOSED", "OUT_TRADE_NO_USED")
SECRET_CHARS_LEAST: Final = 32


class CodeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account as it is kept in the merchants' file: the other side's address, and the secret that both know."""

    mchid: str
    secret: str
    url: str


class Told(msgspec.Struct, frozen=True):
    """A notification: of an order or of a refund, one of them."""

    order: OrderSaid | None = None
    refund: RefundSaid | None = None


class _No(msgspec.Struct, frozen=True):
    code: str
    message: str = ""


def seal(secret: str, stamp: str, body: bytes) -> str:
    """The seal of a body at a time (seconds)."""
    return hmac.new(secret.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def check_seal(secret: str, headers: Mapping[str, str], body: bytes, now: Micros) -> None:
    """Untrusted unless it was sealed with this secret, within the last five minutes."""
    stamp, given = headers.get(TIME, ""), headers.get(SEAL, "")
    if not stamp or not given:
        raise Untrusted("unsigned")
    if not hmac.compare_digest(seal(secret, stamp, body).encode(), given.encode()):
        raise Untrusted("forged")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp[:12]) * SECOND_US) > AGE_MOST_US:
        raise Untrusted("stale", stamp[:32])


class Code:
    """One account at one provider of codes."""

    def __init__(self, form: CodeForm, notify_url: str, clock: Callable[[], Micros]) -> None:
        if not form.mchid or len(form.secret) < SECRET_CHARS_LEAST:
            raise WrongAccount(f"mchid and a secret of at least {SECRET_CHARS_LEAST} characters are needed")
        self.merchant = form.mchid
        self._form, self._notify_url, self._clock = form, notify_url, clock
        self._session: ClientSession | None = None

    async def close_connections(self) -> None:
        """Ends what it holds open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def create(self, order: Order) -> Created:
        """Makes the order, or finds that it is made."""
        if order.method != "native":
            raise ProviderRefused("NOT_SUPPORTED", f"no {order.method} here")
        asked = {**order._asdict(), "merchant": self.merchant, "notify_url": self._notify_url}
        try:
            return msgspec.json.decode(await self._ask("orders", asked), type=Created)
        except ProviderRefused as no:
            if no.code in ALREADY:
                raise OrderKnown(no.code) from no
            raise

    async def query(self, trade: str, method: str) -> OrderSaid:
        """How the order stands."""
        return msgspec.json.decode(await self._ask("query", {"trade": trade}), type=OrderSaid)

    async def close(self, trade: str, method: str) -> OrderSaid:
        """Ends it and says how it ended."""
        return msgspec.json.decode(await self._ask("close", {"trade": trade}), type=OrderSaid)

    async def refund(self, trade: str, refund: str, fen: int, total_fen: int, why: str) -> RefundSaid:
        """Gives back."""
        asked = {"trade": trade, "refund": refund, "fen": fen, "total_fen": total_fen, "notify_url": self._notify_url}
        try:
            return msgspec.json.decode(await self._ask("refunds", asked), type=RefundSaid)
        except ProviderRefused as no:
            return RefundSaid(trade, refund, "failed", merchant=self.merchant, why=str(no))

    async def query_refund(self, trade: str, refund: str) -> RefundSaid:
        """How a refund stands."""
        asked = {"trade": trade, "refund": refund}
        return msgspec.json.decode(await self._ask("query_refund", asked), type=RefundSaid)

    async def bill(self, day: str) -> list[BillLine]:
        """All of a day."""
        return msgspec.json.decode(await self._ask("bill", {"day": day}), type=list[BillLine])

    async def read_notification(self, sent: Sent) -> OrderSaid | RefundSaid:
        """What the other side says of an order or a refund of this merchant, now."""
        check_seal(self._form.secret, sent.headers, sent.body, self._clock())
        try:
            told = msgspec.json.decode(sent.body, type=Told)
        except msgspec.DecodeError as error:
            raise Untrusted("unreadable", str(error)) from error
        said = told.order or told.refund
        if said is None:
            raise Untrusted("unreadable", "it says nothing")
        if said.merchant != self.merchant:
            raise Untrusted("wrong_merchant", said.merchant[:64])
        return said

    def heard(self, error: Untrusted | None) -> Reply:
        """204, or a status that makes the other side say it again."""
        return Reply(204 if error is None else 401, "application/json", b"")

    async def _ask(self, what: str, content: Mapping[str, Any]) -> bytes:
        body, stamp = msgspec.json.encode(content), str(self._clock() // SECOND_US)
        headers = {"Content-Type": "application/json", TIME: stamp, SEAL: seal(self._form.secret, stamp, body)}
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=WITHIN_S))
        try:
            async with self._session.post(f"{self._form.url}/{what}", data=body, headers=headers) as answer:
                status, said = answer.status, await answer.read()
                theirs = {name.lower(): value for name, value in answer.headers.items()}
        except (TimeoutError, ClientError, OSError) as error:
            raise ProviderAway(f"{type(error).__name__}: {error}") from error
        if status >= 500:
            raise ProviderAway(f"status {status}")
        check_seal(self._form.secret, theirs, said, self._clock())
        if status != 200:
            no = msgspec.json.decode(said, type=_No)
            raise ProviderRefused(no.code, no.message)
        return said
