"""Callers of the HTTP door: they check that every answer has a trace id and that every refusal is documented."""

import gzip
import re
from collections.abc import AsyncIterator
from time import time_ns
from typing import Any, NamedTuple

import aiohttp
import msgspec
from multidict import CIMultiDictProxy

from actors.values import DAY_US, HOUR_US
from gateway.http.routes import ROUTES


class Clock:
    """The real time, moved on at will."""

    def __init__(self) -> None:
        self.ahead_us = 0

    def __call__(self) -> int:
        return time_ns() // 1000 + self.ahead_us

    def to_morning(self) -> None:
        """Moves on to six in the morning where the tests' tariffs are in force.

        No stay of such a test meets midnight, which begins another unit, whatever the hour at which it runs.
        """
        self.ahead_us += -(self() + 2 * HOUR_US) % DAY_US


class Said(NamedTuple):
    """An answer: its status, its JSON (or None), its bytes unpacked and its headers."""

    status: int
    json: Any
    body: bytes
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        """The refusal's code."""
        return str(self.json["code"])


class Caller:
    """Somebody at the door, perhaps with a token."""

    def __init__(self, session: aiohttp.ClientSession, token: str = "") -> None:
        self.session = session
        self.token = token

    async def signed_in(self, name: str, password: str) -> "Caller":
        """The same caller, who now has a token."""
        said = await self("POST", "/api/v1/session", {"name": name, "password": password})
        assert said.status == 200, said.json
        return Caller(self.session, said.json["access_token"])

    async def get(self, path: str, **headers: str) -> Said:
        """One reading."""
        return await self("GET", path, **headers)

    async def __call__(self, method: str, path: str, json: Any = None, /, **headers: str) -> Said:
        """One request; bytes are sent as they are, an iterator of bytes as they come."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            sent.setdefault("Content-Type", "application/json")
        data = json if isinstance(json, bytes | AsyncIterator | None) else msgspec.json.encode(json)
        async with self.session.request(method, path, data=data, headers=sent) as response:
            body = await response.read()
            if response.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            is_json = body and response.content_type.endswith("json")
            said = Said(response.status, msgspec.json.decode(body) if is_json else None, body, response.headers)
        checked(method, path, said)
        return said


def checked(method: str, path: str, said: Said) -> None:
    """Fails on an answer without trace id, and on a refusal that the route does not announce."""
    trace = said.headers["X-Trace-Id"]
    if said.status < 400 or path.startswith("/health") or said.json is None:
        return
    assert set(said.json) == {"code", "message", "message_zh", "details", "trace_id"}
    assert said.json["trace_id"] == trace
    announced = [route.codes for route in ROUTES if route.method == method and fits(route.path, path)]
    if announced:
        assert said.code in announced[0], f"{method} {path} refuses with {said.code}, which is not documented"


def fits(template: str, path: str) -> bool:
    """Whether a request's path is one of a route's."""
    pattern = re.sub(r"{\w+}", "[^/]+", template)
    return re.fullmatch(pattern, path.partition("?")[0]) is not None
