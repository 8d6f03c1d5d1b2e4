"""Answers that are sent as they are read, whole or a range of them: pictures and video."""

from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from gateway.http.errors import Problem
from gateway.http.forms import Stream


async def streamed(request: web.Request, answer: Stream) -> web.Response:
    """The content, or the range of it that was asked for; nothing of it if the caller has it already."""
    headers = {
        hdrs.CONTENT_TYPE: answer.content_type,
        hdrs.CACHE_CONTROL: "private, max-age=86400, immutable",
        hdrs.ETAG: f'"{answer.etag}"',
        hdrs.ACCEPT_RANGES: "bytes",
        "Content-Security-Policy": "sandbox",
    }
    if any(tag.value in (answer.etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    first, last = _range(request, answer.size)
    partial = (first, last) != (0, answer.size - 1)
    if partial:
        headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last}/{answer.size}"
    headers[hdrs.CONTENT_LENGTH] = str(last - first + 1)
    chunks = answer.read(first, last)
    begun = await anext(chunks, b"")  # a content that is lost is a refusal and not half an answer
    return web.Response(status=206 if partial else 200, headers=headers, body=_joined(begun, chunks))


async def _joined(begun: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begun
    async for chunk in chunks:
        yield chunk


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """The first and the last byte that are asked for; a range that cannot be read is passed over, as if not there."""
    try:
        asked = request.http_range
    except ValueError:
        return 0, size - 1
    first, stop, _ = asked.indices(size)
    if first >= stop:
        raise Problem("no_such_range", details={"bytes": str(size)})
    return first, stop - 1
