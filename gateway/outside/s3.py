"""An S3-compatible store as the port `Store`: plain HTTP requests, signed by version 4 of Amazon's signatures.

One object under each key, written by one PUT, which such stores make visible whole or not at all. Addressed by path
(`https://host/bucket/prefix/key`), so any host serves. What a store refuses or does not answer raises `StoreFailed`.
"""

import contextlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from storage.evidence.store import CHUNK_BYTES, Lost

NOT_THERE: Final = 404
EMPTY: Final = sha256(b"").hexdigest()
TIMEOUT: Final = aiohttp.ClientTimeout(total=300, connect=10, sock_read=30)


class StoreFailed(Exception):
    """The store refused, or could not be reached; whether it has done what was asked is not known."""


class Access(NamedTuple):
    """A store's address, and the key that opens it."""

    url: str
    region: str
    key: str
    secret: str


def signed(
    access: Access, method: str, path: str, headers: Mapping[str, str], content: str, at: datetime
) -> dict[str, str]:
    """The headers of a request with its signature; `content` is the SHA-256 of its body."""
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    said = {"host": urlsplit(access.url).netloc, "x-amz-content-sha256": content, "x-amz-date": stamp}
    every = {**said, **{name.lower(): value for name, value in headers.items()}}
    names = ";".join(sorted(every))
    lines = "".join(f"{name}:{' '.join(every[name].split())}\n" for name in sorted(every))
    request = "\n".join((method, quote(path, safe="/-_.~"), "", lines, names, content))
    scope = f"{day}/{access.region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, sha256(request.encode()).hexdigest()))
    key = f"AWS4{access.secret}".encode()
    for word in (day, access.region, "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    every["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access.key}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return every


class S3Store:
    """The store, and one pool of connections to it, opened by the first request; `close` ends them."""

    def __init__(self, access: Access, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._access = access
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def put(self, key: str, size: int, digest: str, chunks: AsyncIterator[bytes]) -> None:
        """One PUT; the store refuses a body that is cut short or has another hash."""
        async with self._ask("PUT", key, {"content-length": str(size)}, digest, chunks):
            pass

    async def read(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """One GET of the range."""
        wanted = f"bytes={first}-{'' if last is None else last}"
        async with self._ask("GET", key, {"range": wanted}, EMPTY) as response:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                yield chunk

    async def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""
        try:
            async with self._ask("DELETE", key, {}, EMPTY):
                pass
        except Lost:
            return

    async def tidy(self) -> None:
        """A store of objects has nothing half written."""

    @contextlib.asynccontextmanager
    async def _ask(
        self, method: str, key: str, headers: Mapping[str, str], content: str, body: AsyncIterator[bytes] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, auto_decompress=False)
        url = URL(f"{self._access.url.rstrip('/')}/{key}")
        every = signed(self._access, method, url.path, headers, content, self._now())
        try:
            async with self._session.request(method, url, data=body, headers=every, allow_redirects=False) as response:
                if response.status == NOT_THERE:
                    raise Lost(key)
                if not response.ok:
                    said = (await response.content.read(500)).decode(errors="replace")
                    raise StoreFailed(f"{method} {key} was answered {response.status}: {said}")
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreFailed(f"{method} {key} was not answered: {error!r}") from error

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()
