"""What comes from outside and is not as it should be: refused with where and why, never an internal error."""

import logging
import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.routes import ROUTES
from gateway.identity import ROLES
from tests.gateway.http.callers import Caller

BAYS = "/api/v1/bays"
GOOD = {"number": "X-1", "lot": "L0", "type": "standard", "lon": 144.95, "lat": -37.81}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"number": ""}, "$.number"),
        ({"number": " x"}, "$.number"),
        ({"number": 5}, "$.number"),
        ({"number": "x" * 33}, "$.number"),
        ({"lon": 181}, "$.lon"),
        ({"lat": "1"}, "$.lat"),
        ({"bearing": 360}, "$.bearing"),
        ({"type": "Standard"}, "$.type"),
        ({"surprise": 1}, "$"),
        ({"number": "a\0b"}, "$"),
    ],
)
async def test_a_body_is_refused_by_the_path_to_what_is_wrong(
    operator: Caller, wrong: dict[str, object], path: str
) -> None:
    said = await operator("POST", BAYS, GOOD | wrong)
    assert (said.status, said.code) == (400, "invalid_body")
    assert said.json["details"] == {"path": path}
    assert said.json["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"number": NaN}', b"[" * 60_000, b'{"number":"\\ud800"}']
)
async def test_what_is_no_json_of_ours_is_refused(operator: Caller, body: bytes) -> None:
    said = await operator("POST", BAYS, body, Content_Type="application/json")
    assert (said.status, said.code) == (400, "invalid_body")


async def test_a_body_says_what_it_is(operator: Caller) -> None:
    said = await operator("POST", BAYS, b"{}", Content_Type="text/plain")
    assert (said.status, said.code) == (415, "not_json")


async def test_a_body_has_a_size(operator: Caller) -> None:
    said = await operator("POST", BAYS, b" " * (64 * 1024 + 1), Content_Type="application/json")
    assert (said.status, said.code) == (413, "too_large")
    assert said.json["details"] == {"bytes_max": "65536"}


async def test_a_body_without_announced_size_has_one_too(operator: Caller) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 4096

    said = await operator("POST", BAYS, endless())
    assert (said.status, said.code) == (413, "too_large")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=ten",
        "limit=1&limit=2",
        "street=perhaps",
        "q=" + "x" * 65,
        "q=%00",
        "region=%00",
    ],
)
async def test_a_parameter_is_refused(viewer: Caller, query: str) -> None:
    said = await viewer.get(f"/api/v1/lots?{query}")
    assert (said.status, said.code) == (400, "invalid_query")


@pytest.mark.parametrize("id", ["%00", "%ff", "%ED%A0%80"])
async def test_an_id_that_no_record_can_have_is_refused(viewer: Caller, id: str) -> None:
    said = await viewer.get(f"{BAYS}/{id}")
    assert said.status in (400, 404)


async def test_addresses_and_methods_that_are_not_there(caller: Caller) -> None:
    for method, path in (
        ("GET", "/api/v1/nothing"),
        ("POST", "/nothing"),
        ("GET", "/api/v2/bays"),
        ("GET", "/docs/x/y"),
    ):
        said = await caller(method, path)
        assert (said.status, said.code) == (404, "no_such_route")
    said = await caller("PUT", BAYS)
    assert (said.status, said.code) == (405, "wrong_method")
    assert said.headers["Allow"] == said.json["details"]["allowed"] == "GET, HEAD, POST"


async def test_what_breaks_inside_is_told_without_details(
    viewer: Caller, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def regions(self, *_: object) -> None:
            raise RuntimeError("password of the database")

    house.lists = Broken()  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR, "yunparking.http"):
        said = await viewer.get("/api/v1/regions")
    assert (said.status, said.code, said.json["details"]) == (500, "internal_error", {})
    assert b"password" not in said.body
    assert said.json["trace_id"] in caplog.text
    assert "password of the database" in caplog.text


async def test_a_client_that_asks_too_often_waits(viewer: Caller, house: House) -> None:
    house.general = Buckets(per_s=0.5, burst=2)
    said = [await viewer.get("/api/v1/regions") for _ in range(3)]
    assert [one.status for one in said] == [200, 200, 429]
    assert said[-1].headers["Retry-After"] == "2"


LISTS = [route for route in ROUTES if route.method == "GET" and not route.public and route.query.__struct_fields__]
TEXT = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "true", "null", "city", "9" * 30, "1e9", "NaN"]), st.text(max_size=80)
)


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, str]:
    """Any address of a list: its own and foreign parameters with any text; and a role that may read it."""
    route = draw(st.sampled_from(LISTS))
    names = st.one_of(st.sampled_from(route.query.__struct_fields__), st.text(max_size=8))
    pairs = draw(st.lists(st.tuples(names, TEXT), max_size=4))
    role = next(role for role, held in ROLES.items() if route.permission in held)
    return role, f"{re.sub('{[a-z]+}', 'L0-0', route.path)}?{urlencode(pairs, errors='surrogatepass')}"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(who_and_what=asked())
async def test_no_query_breaks_anything(caller: Caller, house: House, who_and_what: tuple[str, str]) -> None:
    role, path = who_and_what
    said = await Caller(caller.session, house.identity.issue("u", role, role, "s")[0]).get(path)
    assert said.status in (200, 400, 404) or said.code == "not_reachable"
