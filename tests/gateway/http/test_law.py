"""The law of routes, tried on every line of the table."""

import pytest

from gateway.http.house import House
from gateway.http.route import Route
from gateway.http.routes import ROUTES
from gateway.identity import PERMISSIONS, PUBLIC, ROLES
from tests.gateway.http.callers import Caller

GUARDED = [route for route in ROUTES if not route.public]
WRITES = [route for route in ROUTES if route.permission.endswith(".write")]
READS = [route for route in GUARDED if route.method == "GET" and "{" not in route.path]


def name(route: Route) -> str:
    return route.name


def at(route: Route) -> str:
    return route.path.replace("{id}", "nobody").replace("{file}", "docs.css")


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_route_has_a_known_permission(route: Route) -> None:
    assert route.permission in (PUBLIC, *PERMISSIONS)
    assert route.method in {"GET", "POST", "PATCH", "PUT", "DELETE"}
    assert (route.body is None) == (route.method in {"GET", "DELETE"})
    assert route.method == "GET" or route.public or route.permission == "city.read" or route in WRITES


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
    body = None if route.body is None else {"version": 1} if "version" in route.body.__struct_fields__ else {}
    said = await operator(route.method, at(route), body)
    assert (said.status, said.code) == (404, "not_found")
