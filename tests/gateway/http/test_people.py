"""An administrator makes users, gives them roles and disables them; nobody reads a password."""

import asyncio
from typing import get_args

import pytest

from gateway.http.house import House
from gateway.identity import PERMISSIONS, ROLES, Role
from tests.gateway.http.callers import Caller
from tests.gateway.http.houses import PASSWORD

USERS = "/api/v1/users"


def collector(name: str) -> dict[str, str]:
    return {"name": name, "role": "collector", "password": PASSWORD}


@pytest.fixture
async def administrator(caller: Caller) -> Caller:
    return await caller.signed_in("administrator", PASSWORD)


def test_roles_are_those_that_can_be_given_and_hold_what_there_is() -> None:
    assert set(get_args(Role)) == set(ROLES)
    for held in ROLES.values():
        assert set(held) <= set(PERMISSIONS)
        assert len(set(held)) == len(held)


async def test_a_user_is_made_once_for_a_key(administrator: Caller, house: House) -> None:
    made = [await administrator("POST", USERS, collector("li"), Idempotency_Key="k1") for _ in range(2)]
    assert [said.status for said in made] == [201, 201]
    assert made[0].json == made[1].json
    assert set(made[0].json) == {"id", "name", "role", "disabled"}
    kept = await house.users.get(made[0].json["id"])
    assert kept is not None
    assert kept.password_hash.startswith("$argon2id$")
    other = await administrator("POST", USERS, collector("wu"), Idempotency_Key="k1")
    assert (other.status, other.code) == (409, "key_used")
    again = await administrator("POST", USERS, collector("li"), Idempotency_Key="k2")
    assert (again.status, again.code) == (409, "user_name_taken")


async def test_of_two_at_once_with_one_name_one_is_made(administrator: Caller) -> None:
    said = await asyncio.gather(
        *(administrator("POST", USERS, collector("zhao"), Idempotency_Key=f"z{n}") for n in range(4))
    )
    assert sorted(one.status for one in said) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    "wrong", [{"role": "king"}, {"password": "short"}, {"name": " "}, {"name": "a" * 65}, {"role": ""}]
)
async def test_what_is_no_user_is_refused(administrator: Caller, wrong: dict[str, str]) -> None:
    said = await administrator("POST", USERS, {**collector("no"), **wrong})
    assert (said.status, said.code) == (400, "invalid_body")


async def test_a_disabled_user_does_not_come_in_until_enabled(administrator: Caller, caller: Caller) -> None:
    made = (await administrator("POST", USERS, collector("sun"))).json
    said = await (await caller.signed_in("sun", PASSWORD)).get(USERS)
    assert (said.status, said.code) == (403, "forbidden")
    changed = await administrator("PATCH", f"{USERS}/{made['id']}", {"disabled": True})
    assert changed.json == {**made, "disabled": True}
    sign_in = {"name": "sun", "password": PASSWORD}
    assert (await caller("POST", "/api/v1/session", sign_in)).code == "wrong_credentials"
    await administrator("PATCH", f"{USERS}/{made['id']}", {"disabled": False, "role": "cashier"})
    said = await caller("POST", "/api/v1/session", sign_in)
    assert said.json["user"]["role"] == "cashier"


async def test_the_list_is_the_whole_list_once(administrator: Caller) -> None:
    names, after = [], ""
    while True:
        page = (await administrator.get(f"{USERS}?limit=2&after={after}")).json
        names += [one["name"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(names) == len(set(names))
    assert set(ROLES) <= set(names)
