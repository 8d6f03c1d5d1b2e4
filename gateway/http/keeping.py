"""Documents that cost a query over the whole city, kept ready to send for a few seconds."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from time import monotonic

import msgspec

from gateway.http.forms import Document

KEEP_S = 10.0


class Kept:
    """Documents by name: made once however many ask at the same time, made anew when old or forgotten.

    The ETag is of the content, so a document that is made anew and is the same is still answered by 304.
    """

    def __init__(self, keep_s: float = KEEP_S, now: Callable[[], float] = monotonic) -> None:
        self._keep_s = keep_s
        self._now = now
        self._documents: dict[str, tuple[float, Document]] = {}
        self._making = asyncio.Lock()

    async def document(self, name: str, content_type: str, make: Callable[[], Awaitable[msgspec.Struct]]) -> Document:
        """The document of this name, made by `make` unless it was made lately."""
        async with self._making:
            at, document = self._documents.get(name, (0.0, None))
            if document is None or self._now() - at > self._keep_s:
                made = await make()
                document = await asyncio.to_thread(packed, made, content_type)
                self._documents[name] = (self._now(), document)
            return document

    def forget(self, name: str) -> None:
        """The document is no longer true."""
        self._documents.pop(name, None)


def packed(content: object, content_type: str) -> Document:
    """Content as JSON, as gzip, and with the ETag of what it says."""
    body = msgspec.json.encode(content)
    etag = blake2b(body, digest_size=12).hexdigest()
    return Document(body, content_type, etag, gzip.compress(body, 6, mtime=0))
