"""Signing in, staying signed in, leaving; and what guessing costs."""

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US
from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.session import Doorkeeper, SignIn, ensure_administrator
from gateway.identity import TOKEN_US, Identity
from storage.database import open_engine
from storage.migrations import drop_world, migrate
from storage.users import Users
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.houses import HASHER, PASSWORD

SESSION = "/api/v1/session"


async def sign_in(caller: Caller, name: str = "viewer", password: str = PASSWORD) -> Said:
    return await caller("POST", SESSION, {"name": name, "password": password})


async def refresh(caller: Caller, token: str) -> Said:
    return await caller("POST", f"{SESSION}/refresh", {"refresh_token": token})


async def test_a_session_says_who_and_what_they_may(caller: Caller) -> None:
    said = await sign_in(caller)
    assert said.status == 200
    assert said.json["user"]["name"] == "viewer"
    assert "records.read" in said.json["user"]["permissions"]
    assert "records.write" not in said.json["user"]["permissions"]
    assert said.json["live_url"] == "ws://127.0.0.1:8081/"
    assert said.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("name", "password"), [("viewer", "wrong"), ("nobody", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(caller: Caller, name: str, password: str) -> None:
    said = await sign_in(caller, name, password)
    assert (said.status, said.code) == (401, "wrong_credentials")
    assert said.json["message"] == "Name or password is wrong."
    assert said.json["details"] == {}


async def test_an_unknown_name_costs_a_hash_too(engine: AsyncEngine, clock: Clock, caller: Caller) -> None:
    verified = []

    class Counting(Doorkeeper):
        def _verify(self, kept: str, password: str) -> bool:
            verified.append(kept.startswith("$argon2id$"))
            return super()._verify(kept, password)

    keeper = Counting(Users(engine), Identity(b"k" * 32, clock), hasher=HASHER)
    for name in ("viewer", "nobody"):
        with pytest.raises(Exception, match="wrong_credentials"):
            await keeper.sign_in(_asked(name, "wrong"), "here", "")
    assert verified == [True, True]


def _asked(name: str, password: str) -> SignIn:
    return SignIn(name, password)


async def test_a_disabled_user_does_not_come_in_or_stay(caller: Caller, engine: AsyncEngine) -> None:
    users = Users(engine)
    await users.add("leaver", HASHER.hash(PASSWORD), "viewer")
    first = await sign_in(caller, "leaver")
    user = await users.named("leaver")
    assert user is not None
    await users.change("test", user.id, disabled=True)
    assert (await sign_in(caller, "leaver")).code == "wrong_credentials"
    assert (await refresh(caller, first.json["refresh_token"])).code == "session_over"


async def test_a_token_expires_and_a_refresh_goes_on(caller: Caller, clock: Clock) -> None:
    first = (await sign_in(caller)).json
    bearer = Caller(caller.session, first["access_token"])
    assert (await bearer.get("/api/v1/city")).status == 200
    clock.ahead_us += TOKEN_US
    said = await bearer.get("/api/v1/city")
    assert (said.status, said.code) == (401, "token_expired")
    second = await refresh(caller, first["refresh_token"])
    assert second.status == 200
    assert second.json["refresh_token"] != first["refresh_token"]
    assert (await Caller(caller.session, second.json["access_token"]).get("/api/v1/city")).status == 200


async def test_a_refresh_token_that_comes_twice_ends_the_session(caller: Caller) -> None:
    first = (await sign_in(caller)).json["refresh_token"]
    second = (await refresh(caller, first)).json["refresh_token"]
    again = await refresh(caller, first)
    assert (again.status, again.code) == (401, "session_over")
    assert (await refresh(caller, second)).code == "session_over"


async def test_one_sign_in_that_ends_leaves_the_others(caller: Caller) -> None:
    here, there = [(await sign_in(caller)).json for _ in range(2)]
    left = await Caller(caller.session, here["access_token"])("DELETE", SESSION)
    assert (left.status, left.body) == (204, b"")
    assert (await refresh(caller, here["refresh_token"])).code == "session_over"
    assert (await refresh(caller, there["refresh_token"])).status == 200


async def test_a_refresh_token_does_not_last_for_ever(caller: Caller, clock: Clock) -> None:
    token = (await sign_in(caller)).json["refresh_token"]
    clock.ahead_us += 30 * DAY_US
    assert (await refresh(caller, token)).code == "session_over"


async def test_guessing_is_slowed_down(caller: Caller, house: House, engine: AsyncEngine) -> None:
    house.doorkeeper = Doorkeeper(Users(engine), house.identity, Buckets(per_s=0.1, burst=3), HASHER)
    codes = [(await sign_in(caller, password="guess")).code for _ in range(3)]
    assert codes == ["wrong_credentials"] * 3
    said = await sign_in(caller)
    assert (said.status, said.code) == (429, "too_many_requests")
    assert int(said.headers["Retry-After"]) >= 1


async def test_the_first_administrator_is_made_once(database_url: str, clock: Clock) -> None:
    world = "t_first_start"
    await migrate(database_url, world)
    engine = open_engine(database_url, world)
    try:
        users = Users(engine)
        password = await ensure_administrator(users)
        assert password is not None
        assert await ensure_administrator(users) is None
        keeper = Doorkeeper(users, Identity(b"k" * 32, clock))
        session = await keeper.sign_in(_asked("admin", password), "here", "")
        assert session.user.role == "administrator"
    finally:
        await engine.dispose()
        await drop_world(database_url, world)


def test_live_frames_are_found_under_the_name_we_were_reached_by(house: House) -> None:
    assert house.live_at("parking.example") == "ws://parking.example:8081/"
    assert house.live_at("::1") == "ws://[::1]:8081/"
    house.live_url = "wss://live.example/"
    assert house.live_at("parking.example") == "wss://live.example/"


async def test_a_token_is_taken_from_its_header_only(caller: Caller, address: str) -> None:
    token = (await sign_in(caller)).json["access_token"]
    async with aiohttp.ClientSession(address) as session:
        said = await Caller(session).get(f"/api/v1/city?token={token}")
    assert said.status == 401
