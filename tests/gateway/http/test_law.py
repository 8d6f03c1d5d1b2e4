"""The law of routes, tried on every line of the table."""

from typing import Annotated, Any, get_args, get_origin
from urllib.parse import urlencode

import msgspec
import pytest

from gateway.http.forms import NoQuery, Raw
from gateway.http.house import House
from gateway.http.route import Route
from gateway.http.routes import ROUTES
from gateway.identity import PERMISSIONS, PUBLIC, ROLES
from tests.gateway.http.callers import Caller

TARIFF = {"name": {"en": "free"}, "visit": {"price_fen": 0}}
GUARDED = [route for route in ROUTES if not route.public]
WRITES = [route for route in ROUTES if route.permission.endswith(".write")]
READS = [route for route in GUARDED if route.method == "GET" and "{" not in route.path]


def name(route: Route) -> str:
    return route.name


def at(route: Route) -> str:
    return route.path.replace("{id}", "nobody").replace("{version}", "1").replace("{file}", "docs.css")


def least(form: type[msgspec.Struct]) -> dict[str, Any]:
    """A body with no more than it must have."""
    values: dict[type, Any] = {int: 1, str: "a", dict: TARIFF, list: ["a"]}
    fields = {field.name: field for field in msgspec.structs.fields(form)}
    needed = [name for name, field in fields.items() if field.required or name == "version"]
    given = {name: values[get_origin(kind := unwrapped(fields[name].type)) or kind] for name in needed}
    return {**given, **{name: "0" * 64 for name in needed if name == "sha256"}}


def unwrapped(kind: Any) -> Any:
    """A type without what is annotated to it."""
    return unwrapped(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_route_has_a_known_permission(route: Route) -> None:
    assert route.permission in (PUBLIC, *PERMISSIONS)
    assert route.method in {"GET", "POST", "PATCH", "PUT", "DELETE"}
    assert (route.body is None) == (route.method in {"GET", "DELETE"})
    reads = route.public or route.permission == "city.read" or route.asks
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
async def test_every_reading_answers(operator: Caller, route: Route) -> None:
    said = await operator.get(route.path)
    assert said.status == 200
    assert said.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("route", READS, ids=name)
async def test_an_unknown_parameter_is_refused_by_name(operator: Caller, route: Route) -> None:
    said = await operator.get(f"{route.path}?surprise=1")
    assert (said.status, said.code) == (400, "invalid_query")
    assert "surprise" in said.json["message"]


@pytest.mark.parametrize("route", [route for route in ROUTES if "{id}" in route.path], ids=name)
async def test_what_is_not_there_is_not_found(operator: Caller, route: Route) -> None:
    raw = route.body is Raw
    body = b"x" if raw else None if route.body is None else least(route.body)
    query = "" if route.query is NoQuery else "?" + urlencode(least(route.query))
    said = await operator(route.method, at(route) + query, body, Content_Type=route.takes)
    assert (said.status, said.code) == (404, "not_found")
