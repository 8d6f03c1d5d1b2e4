"""The S3 store: signatures as Amazon's own examples have them, and a server that checks every one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from aiohttp import web

from gateway.outside.s3 import EMPTY, Access, S3Store, StoreFailed, signed
from storage.evidence.store import Lost, put_whole

EXAMPLE = Access(
    "https://examplebucket.s3.amazonaws.com",
    "us-east-1",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
THEN = datetime(2013, 5, 24, tzinfo=UTC)
BODY = b"Welcome to Amazon S3."


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {"Range": "bytes=0-9"},
            EMPTY,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            sha256(BODY).hexdigest(),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_signatures_are_those_of_the_vendors_examples(
    method: str, path: str, headers: dict[str, str], content: str, signature: str
) -> None:
    """From "Signature Calculations for the Authorization Header" of Amazon's S3 reference."""
    said = signed(EXAMPLE, method, path, headers, content, THEN)["authorization"]
    assert said.rpartition("Signature=")[2] == signature


class Bucket:
    """A server that keeps objects, and refuses what is not signed by the one key, or is not the body that was."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.objects: dict[str, bytes] = {}
        self.broken = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        given = request.headers["Authorization"]
        names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names)
        own = {name: request.headers[name] for name in names if not name.startswith(("host", "x-amz-"))}
        at = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        content = request.headers["x-amz-content-sha256"]
        wanted = signed(self.access, request.method, request.path, own, content, at)["authorization"]
        if given != wanted or sha256(body).hexdigest() != content:
            return web.Response(status=403, text="<Code>SignatureDoesNotMatch</Code>")
        if self.broken:
            return web.Response(status=503, text="<Code>SlowDown</Code>")
        return self.done(request, body)

    def done(self, request: web.Request, body: bytes) -> web.Response:
        if request.method == "PUT":
            self.objects[request.path] = body
            return web.Response()
        if request.method == "DELETE":
            self.objects.pop(request.path, None)
            return web.Response(status=204)
        if request.path not in self.objects:
            return web.Response(status=404, text="<Code>NoSuchKey</Code>")
        return web.Response(status=206, body=self.objects[request.path][request.http_range])


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    bucket = Bucket(Access("", "cn-north-1", "key", "secret/with+signs"))
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", bucket.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bucket.access = bucket.access._replace(url=f"http://127.0.0.1:{runner.addresses[0][1]}/evidence/city")
    yield bucket
    await runner.cleanup()


@pytest.fixture
async def store(bucket: Bucket) -> AsyncIterator[S3Store]:
    store = S3Store(bucket.access)
    yield store
    await store.close()


async def whole(store: S3Store, key: str, first: int = 0, last: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, first, last)])


async def test_what_is_put_is_read_and_deleted(bucket: Bucket, store: S3Store) -> None:
    body = bytes(range(256)) * 4_000
    await put_whole(store, "blobs/ab/abcd", body)
    assert bucket.objects == {"/evidence/city/blobs/ab/abcd": body}
    assert await whole(store, "blobs/ab/abcd") == body
    assert await whole(store, "blobs/ab/abcd", 100, 299_999) == body[100:300_000]
    await store.delete("blobs/ab/abcd")
    await store.delete("blobs/ab/abcd")
    with pytest.raises(Lost):
        await whole(store, "blobs/ab/abcd")


async def test_another_key_is_refused_and_said_so(bucket: Bucket) -> None:
    store = S3Store(bucket.access._replace(secret="guessed"))
    with pytest.raises(StoreFailed, match=r"403.*SignatureDoesNotMatch"):
        await put_whole(store, "blobs/ab/abcd", b"x")
    await store.close()
    assert bucket.objects == {}


async def test_a_body_that_is_not_what_was_said_is_not_kept(bucket: Bucket, store: S3Store) -> None:
    async def damaged() -> AsyncIterator[bytes]:
        yield b"damaged"

    with pytest.raises(StoreFailed):
        await store.put("blobs/ab/abcd", 7, sha256(b"correct").hexdigest(), damaged())
    assert bucket.objects == {}


async def test_a_store_that_fails_is_no_lost_content(bucket: Bucket, store: S3Store) -> None:
    await put_whole(store, "a", b"x")
    bucket.broken = True
    with pytest.raises(StoreFailed, match="SlowDown"):
        await whole(store, "a")
    with pytest.raises(StoreFailed):
        async with asyncio.timeout(30):
            await S3Store(bucket.access._replace(url="http://127.0.0.1:1/b")).delete("a")
