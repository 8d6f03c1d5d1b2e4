"""The aiohttp application made from the table: every request passes the same checks in the same order.

trace id → rate → token → permission → parameters → body → handler → answer or refusal → headers → counters.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import cache, partial
from time import perf_counter
from typing import Final

import msgspec
from aiohttp import hdrs, web

from actors.values import uuid7
from gateway.http.errors import BY_CODE, Failure, Problem
from gateway.http.forms import Answer, Call, Document, Posted, Raw, Stream, Typed
from gateway.http.house import House
from gateway.http.keeping import packed
from gateway.http.openapi import description
from gateway.http.pages import Pages, takes_gzip
from gateway.http.route import BODY_BYTES, Route
from gateway.http.routes import ROUTES
from gateway.http.streaming import streamed
from gateway.http.typed import body_of, key_of, path_of, query_of
from gateway.identity import Claims, NotSignedIn, clock_us
from gateway.metrics import Metrics
from storage.errors import Declined
from storage.reaching import is_away

log = logging.getLogger("yunparking.http")

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]

TRACE: Final = web.RequestKey("trace", str)
ANY: Final = "*/*"
COMPRESS_ABOVE: Final = 1024
RETRY_S: Final = 2
BODY_S: Final = 10.0
SHUTDOWN_S: Final = 5.0


def application(house: House, routes: tuple[Route, ...] = ROUTES) -> web.Application:
    """The whole HTTP door of this house: the table's routes, and the screens' pages for every other address."""
    pages = Pages(house.pages, house.live_port, house.live_url)
    house.description = _described(routes)
    app = web.Application(middlewares=[web.middleware(partial(_door, house, pages))], client_max_size=BODY_BYTES)
    for route in routes:
        handler = partial(_serve, house, route)
        if route.method == hdrs.METH_GET:
            app.router.add_get(route.path, handler, name=route.name)
        else:
            app.router.add_route(route.method, route.path, handler, name=route.name)
    return app


@cache
def _described(routes: tuple[Route, ...]) -> Document:
    return packed(description(routes), "application/json")


async def listen(house: House, host: str, port: int) -> web.AppRunner:
    """Opens the door here (port 0: any free one); `cleanup()` closes it. OSError if the port is taken."""
    runner = web.AppRunner(application(house), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def _door(house: House, pages: Pages, request: web.Request, handler: Next) -> web.StreamResponse:
    """Around every request: a trace id, one form of refusal, the headers that protect, the counters."""
    started = perf_counter()
    request[TRACE] = uuid7(clock_us())
    try:
        response = await _answered(house, pages, request, handler)
    except asyncio.CancelledError:
        raise
    except Exception as wrong:
        response = _refused(problem_of(wrong, request[TRACE]), request[TRACE])
    response.headers["X-Trace-Id"] = request[TRACE]
    response.headers[hdrs.SERVER] = "YunParking"
    for name, value in pages.guards(request.url.host or "localhost").items():
        response.headers.setdefault(name, value)
    _count(house.metrics, request, response.status, perf_counter() - started)
    return response


async def _answered(house: House, pages: Pages, request: web.Request, handler: Next) -> web.StreamResponse:
    wait_s = house.general.wait_s(_client(house, request))
    if wait_s:
        raise Problem("too_many_requests", retry_after_s=wait_s)
    if isinstance(request.match_info.http_exception, web.HTTPNotFound) and pages.serves(request):
        return await pages.answer(request)
    return await handler(request)


async def _serve(house: House, route: Route, request: web.Request) -> web.StreamResponse:
    """One request of one route: checked, handled, encoded."""
    call = Call(
        claims=_admitted(house, route, request),
        path=path_of(request.match_info),
        query=query_of(route.query, request.query.items()),
        body=_body(route.body, await _read(request, route), request) if route.body else None,
        client=_client(house, request),
        host=request.url.host or "localhost",
        key=key_of(request.headers.get("Idempotency-Key") if route.idempotent else None, request[TRACE]),
        trace_id=request[TRACE],
    )
    answer = await route.handler(house, call)
    return await streamed(request, answer) if isinstance(answer, Stream) else _response(route, request, answer)


def _admitted(house: House, route: Route, request: web.Request) -> Claims | None:
    """The bearer's claims; raises when the route needs a token or a permission that is not there."""
    if route.public:
        return None
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("not_signed_in")
    claims = house.identity.verify(token.strip())
    if not claims.may(route.permission):
        raise Problem("forbidden", details={"permission": route.permission})
    return claims


async def _read(request: web.Request, route: Route) -> bytes:
    """The whole body, if it is of the route's type and not larger than the route allows."""
    if route.takes != ANY and request.content_type != route.takes:
        raise Problem("not_raw" if route.body is Raw else "not_json")
    limit = {"bytes_max": str(route.body_bytes)}
    if (request.content_length or 0) > route.body_bytes:
        raise Problem("too_large", details=limit)
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.content.iter_any():
                raw += chunk
                if len(raw) > route.body_bytes:
                    raise Problem("too_large", details=limit)
    except TimeoutError:
        raise Problem("too_slow") from None
    return bytes(raw)


def _body(form: type[Typed], raw: bytes, request: web.Request) -> Typed:
    if form is Posted:
        return Posted(raw, {name.lower(): value for name, value in request.headers.items()})
    return Raw(raw) if form is Raw else body_of(form, raw)


def _response(route: Route, request: web.Request, answer: object) -> web.Response:
    if answer is None:
        return web.Response(status=204)
    if isinstance(answer, Document):
        return _document(request, answer)
    content, status = answer if isinstance(answer, Answer) else (answer, route.status)
    body = msgspec.json.encode(content)
    response = web.Response(status=status, body=body, content_type="application/json")
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    response.headers[hdrs.VARY] = "Accept-Encoding"
    if len(body) > COMPRESS_ABOVE and takes_gzip(request):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _document(request: web.Request, document: Document) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: "Accept-Encoding"}
    if document.etag:
        headers[hdrs.ETAG] = f'"{document.etag}"'
        known = request.if_none_match or ()
        if any(tag.value in (document.etag, "*") for tag in known):
            return web.Response(status=304, headers=headers)
    body = document.body
    if document.gzipped and takes_gzip(request):
        body, headers[hdrs.CONTENT_ENCODING] = document.gzipped, "gzip"
    headers[hdrs.CONTENT_TYPE] = document.content_type
    return web.Response(status=document.status, body=body, headers=headers)


def problem_of(wrong: Exception, trace_id: str) -> Problem:
    """The refusal that tells a caller of this exception without telling what is nobody's business."""
    match wrong:
        case Problem():
            return wrong
        case NotSignedIn():
            return Problem(wrong.code)
        case Declined() if wrong.code in BY_CODE:
            return Problem(wrong.code, wrong.message, wrong.details)
        case web.HTTPNotFound():
            return Problem("no_such_route")
        case web.HTTPMethodNotAllowed():
            return Problem("wrong_method", details={"allowed": ", ".join(sorted(wrong.allowed_methods))})
        case web.HTTPRequestEntityTooLarge():
            return Problem("too_large")
    if is_away(wrong):
        log.warning("not reachable, trace %s: %r", trace_id, wrong)
        return Problem("not_reachable", retry_after_s=RETRY_S)
    log.error("unexpected, trace %s", trace_id, exc_info=wrong)
    return Problem("internal_error")


def _refused(problem: Problem, trace_id: str) -> web.Response:
    reason = problem.reason
    failure = Failure(reason.code, problem.message, problem.message_zh, problem.details, trace_id)
    headers = {hdrs.CACHE_CONTROL: "no-store"}
    if problem.retry_after_s is not None:
        headers[hdrs.RETRY_AFTER] = str(problem.retry_after_s)
    if reason.status == 401:
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if reason.code == "wrong_method":
        headers[hdrs.ALLOW] = problem.details["allowed"]
    return web.Response(
        status=reason.status,
        body=msgspec.json.encode(failure),
        content_type="application/json",
        headers=headers,
    )


def _client(house: House, request: web.Request) -> str:
    return house.proxies.client(request.remote, request.headers.getall(hdrs.X_FORWARDED_FOR, ()))


def _count(metrics: Metrics, request: web.Request, status: int, took_s: float) -> None:
    resource = request.match_info.route.resource
    method = request.method if request.method in hdrs.METH_ALL else "other"
    metrics.answered(method, resource.canonical if resource else "pages", status, took_s)
