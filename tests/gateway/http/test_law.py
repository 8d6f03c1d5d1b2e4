"""The law of routes, tried on every line of the table."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlencode

import aiohttp
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.http.forms import NoQuery, Raw
from gateway.http.house import House
from gateway.http.route import Route
from gateway.http.routes import ROUTES
from gateway.http.serve import listen
from gateway.identity import PERMISSIONS, PUBLIC, ROLES
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.houses import furnished
from tests.gateway.http.town import Town

TARIFF = {"name": {"en": "free"}, "visit": {"price_fen": 0}}
GUARDED = [route for route in ROUTES if not route.public]
WRITES = [route for route in ROUTES if route.permission.endswith(".write")]
READS = [route for route in GUARDED if route.method == "GET" and "{" not in route.path]


def name(route: Route) -> str:
    return route.name


def at(route: Route) -> str:
    known = {"version": "1", "file": "docs.css"}
    return re.sub(r"{(\w+)}", lambda part: known.get(part[1], "nobody"), route.path)


def least(form: type[msgspec.Struct]) -> dict[str, Any]:
    """A body with no more than it must have."""
    values: dict[type, Any] = {int: 1, str: "a", dict: TARIFF, list: ["a"], tuple: ["a"], bool: True}
    fields = {field.name: field for field in msgspec.structs.fields(form)}
    needed = [name for name, field in fields.items() if field.required or name == "version"]
    given = {name: _least(unwrapped(fields[name].type), values) for name in needed}
    return {**given, **{name: "0" * 64 for name in needed if name == "sha256"}}


def _least(kind: Any, values: dict[type, Any]) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return least(kind)
    if get_origin(kind) is dict and unwrapped(get_args(kind)[1]) is int:
        return {"a": 1}
    return get_args(kind)[0] if get_origin(kind) is Literal else values[get_origin(kind) or kind]


def unwrapped(kind: Any) -> Any:
    """A type without what is annotated to it."""
    return unwrapped(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


@pytest.fixture(scope="module")
def house(engine: AsyncEngine, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with actors: routes that ask them answer, too. One for all, for nothing here comes to anything."""
    clock = Clock()
    house = furnished(engine, clock, tmp_path_factory.mktemp("law") / "dist")
    house.post = Town(clock)
    return house


@pytest.fixture(scope="module")
async def caller(house: House) -> AsyncIterator[Caller]:
    """Somebody who has not signed in, at its real door."""
    runner = await listen(house, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(address, auto_decompress=False) as session:
        yield Caller(session)
    await runner.cleanup()


def entitled(caller: Caller, house: House, route: Route) -> Caller:
    """Somebody who may use this route."""
    role = next(role for role, held in ROLES.items() if route.public or route.permission in held)
    return Caller(caller.session, house.identity.issue("u", role, role, "s")[0])


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_route_has_a_known_permission(route: Route) -> None:
    assert route.permission in (PUBLIC, *PERMISSIONS)
    assert route.method in {"GET", "POST", "PATCH", "PUT", "DELETE"}
    assert (route.body is None) == (route.method in {"GET", "DELETE"})
    reads = route.public or route.asks
    assert route.method == "GET" or reads or route in WRITES
    assert not (route.asks and route in WRITES)


@pytest.mark.parametrize("route", GUARDED, ids=name)
async def test_nobody_passes_without_a_token(caller: Caller, route: Route) -> None:
    said = await caller(route.method, at(route))
    assert (said.status, said.code) == (401, "not_signed_in")
    assert said.headers["WWW-Authenticate"] == "Bearer"
    said = await caller(route.method, at(route), Authorization="Bearer forged")
    assert (said.status, said.code) == (401, "not_signed_in")


@pytest.mark.parametrize("route", GUARDED, ids=name)
async def test_every_role_passes_exactly_where_it_may(caller: Caller, house: House, route: Route) -> None:
    for role, held in ROLES.items():
        bearer = Caller(caller.session, house.identity.issue("u", role, role, "s")[0])
        said = await bearer(route.method, at(route))
        assert (said.status == 403) == (route.permission not in held)
        if said.status == 403:
            assert said.json["details"] == {"permission": route.permission}


@pytest.mark.parametrize("route", READS, ids=name)
async def test_every_reading_answers(caller: Caller, house: House, route: Route) -> None:
    said = await entitled(caller, house, route).get(route.path)
    assert said.status == 200
    assert said.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("route", READS, ids=name)
async def test_an_unknown_parameter_is_refused_by_name(caller: Caller, house: House, route: Route) -> None:
    said = await entitled(caller, house, route).get(f"{route.path}?surprise=1")
    assert (said.status, said.code) == (400, "invalid_query")
    assert "surprise" in said.json["message"]


@pytest.mark.parametrize("route", [route for route in ROUTES if "{id}" in route.path], ids=name)
async def test_what_is_not_there_is_not_found(caller: Caller, house: House, route: Route) -> None:
    raw = route.body is Raw
    body = b"x" if raw else None if route.body is None else least(route.body)
    query = "" if route.query is NoQuery else "?" + urlencode(least(route.query))
    said = await entitled(caller, house, route)(route.method, at(route) + query, body, Content_Type=route.takes)
    assert (said.status, said.code) == (404, "not_found")
