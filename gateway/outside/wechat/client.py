"""A client of WeChat Pay APIv3: every request is signed by the merchant, every answer has to be signed by WeChat."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from actors.values import SECOND_US, Micros
from gateway.outside.provider import ProviderAway, ProviderRefused, Untrusted
from gateway.outside.wechat.account import Account
from gateway.outside.wechat.forms import Wrong
from gateway.outside.wechat.platform import Platform
from gateway.outside.wechat.signing import authorization

T = TypeVar("T")

ANSWER_WITHIN_S = 10.0
ANSWER_BYTES_MOST = 64 << 20
TROUBLED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.UNAUTHORIZED)
"""Beside all from 500 on: ask again later. 401 is an account of ours that staff have to mend."""
AGAIN = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "BANK_ERROR", "NOT_ENOUGH"})
"""Refusals that another day may be none: a merchant's balance is filled up, too."""

Answer = tuple[int, dict[str, str], bytes]


class Client:
    """Speaks for one account; sessions are opened when the first request is made and closed by `close`."""

    def __init__(self, account: Account, clock: Callable[[], Micros], within_s: float = ANSWER_WITHIN_S) -> None:
        self.account = account
        self.platform = Platform(account, self._certificates, clock)
        self._clock = clock
        self._timeout = ClientTimeout(total=within_s)
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, form: type[T]) -> T:
        """The answer, checked and typed; ProviderAway, ProviderRefused or Untrusted."""
        return _typed(await self._checked("GET", path, b""), form)

    async def post(self, path: str, body: Mapping[str, Any], form: type[T]) -> T:
        """The same for what changes something."""
        return _typed(await self._checked("POST", path, msgspec.json.encode(body)), form)

    async def tell(self, path: str, body: Mapping[str, Any]) -> None:
        """Asks for something that is answered by nothing."""
        await self._checked("POST", path, msgspec.json.encode(body))

    async def download(self, url: str) -> bytes:
        """A file at an address that WeChat named: of its own host, and not signed by it."""
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != urlsplit(self.account.url)[:2]:
            raise Untrusted("unreadable", "the file lies on another host")
        status, _, body = await self._ask("GET", f"{parts.path}?{parts.query}", b"")
        if status != HTTPStatus.OK:
            raise _refusal(status, body)
        return body

    async def _checked(self, method: str, path: str, body: bytes) -> bytes:
        status, headers, answer = await self._ask(method, path, body)
        if _troubled(status):
            raise _refusal(status, answer)  # whoever says so, nothing follows from it but asking again
        await self.platform.check(headers, answer)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(status, answer)
        return answer

    async def _certificates(self) -> tuple[dict[str, str], bytes]:
        status, headers, body = await self._ask("GET", "/v3/certificates", b"")
        if status != HTTPStatus.OK:
            raise ProviderAway(f"no certificates: status {status}")
        return headers, body

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        account = self.account
        now_s = self._clock() // SECOND_US
        signed = authorization(account.private_key, account.mchid, account.serial, method, path, body, now_s)
        headers = {"Authorization": signed, "Accept": "application/json", "User-Agent": "YunParking"}
        if body:
            headers["Content-Type"] = "application/json"
        if account.wechat_key_id:
            headers["Wechatpay-Serial"] = account.wechat_key_id
        try:
            async with self._open().request(method, account.url + path, data=body or None, headers=headers) as answer:
                content = await _whole(answer)
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, content
        except (TimeoutError, ClientError, OSError) as error:
            raise ProviderAway(f"{type(error).__name__}: {error}") from error

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=self._timeout, auto_decompress=True)
        return self._session


def _typed(body: bytes, form: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError as error:
        raise Untrusted("unreadable", str(error)) from error


def _refusal(status: int, body: bytes) -> ProviderAway | ProviderRefused:
    try:
        wrong = msgspec.json.decode(body, type=Wrong)
    except msgspec.DecodeError:
        wrong = Wrong(f"HTTP_{status}")
    if _troubled(status) or wrong.code in AGAIN:
        return ProviderAway(f"status {status}, {wrong.code}: {wrong.message}")
    return ProviderRefused(wrong.code, wrong.message)


def _troubled(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TROUBLED


async def _whole(answer: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > ANSWER_BYTES_MOST:
            raise ProviderAway("the answer is larger than any that is expected")
    return bytes(content)
