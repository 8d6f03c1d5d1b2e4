"""Every code with which HTTP says no, met once by a caller: here, or in the tests of what it belongs to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.post import Full, NotDone, Unanswered
from actors.messages.bay import BayQuery
from actors.messages.forms import Refused
from actors.values import HOUR_US
from gateway.http import serve
from gateway.http.errors import REASONS, Reason
from gateway.http.house import House
from gateway.http.limits import Buckets
from storage.evidence.uploads import UNFINISHED_MOST
from storage.schema.engine import parked
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.test_bays import Actors, bay
from tests.gateway.http.test_evidence import JPEG, bring, of

BAYS = "/api/v1/bays"
QUOTE = "/api/v1/pricing/quote"
EVIDENCE = "/api/v1/evidence"
RAW = {"Content_Type": "application/octet-stream"}
STAY = {"entry_us": 0, "exit_us": HOUR_US}
FREE = {"document": {"name": {"en": "free"}, "visit": {"price_fen": 0}}}

Meet = Callable[["Scene"], Awaitable[Said]]


class Scene:
    """A caller who may do everything, and the house behind the door."""

    def __init__(self, ask: Caller, house: House, clock: Clock, engine: AsyncEngine) -> None:
        self.ask = ask
        self.house = house
        self.clock = clock
        self._engine = engine

    async def retry(self, message: bytes) -> Said:
        """Tells a message again that is parked as these bytes."""
        row = {"slot": 7, "input": message, "at": 1, "ref": "bay:L0/L0-0", "error": "E", "message": message}
        async with self._engine.begin() as connection:
            await connection.execute(insert(parked), row)
        (one,) = (await self.ask.get("/api/v1/parked")).json["items"]
        said = await self.ask("POST", f"/api/v1/parked/{one['id']}/retry", {})
        await self.ask("POST", f"/api/v1/parked/{one['id']}/dismiss", {})
        return said

    async def actors_answer(self, answer: Exception) -> Said:
        """A fresh reading of a bay whose actor gives this answer."""
        self.house.post = Actors(answer)
        return await self.ask.get(f"{BAYS}/L0-0?fresh=1")


async def _conflict(scene: Scene) -> Said:
    return await scene.ask("PATCH", f"{BAYS}/L0-0", {"version": 99, "type": "x"})


async def _id_taken(scene: Scene) -> Said:
    await scene.ask("POST", BAYS, bay("first"), Idempotency_Key="once")
    return await scene.ask("POST", BAYS, bay("second"), Idempotency_Key="once")


async def _expired(scene: Scene) -> Said:
    scene.clock.ahead_us += HOUR_US
    return await scene.ask.get(BAYS)


async def _too_many(scene: Scene) -> Said:
    scene.house.general = Buckets(per_s=1, burst=0)
    return await scene.ask.get(BAYS)


async def _broken(scene: Scene) -> Said:
    scene.house.lists = None  # type: ignore[assignment]
    return await scene.ask.get(BAYS)


async def _forbidden(scene: Scene) -> Said:
    token = scene.house.identity.issue("u", "viewer", "viewer", "s")[0]
    return await Caller(scene.ask.session, token)("POST", BAYS, bay("x"))


async def _retry_expired(scene: Scene) -> Said:
    scene.house.post = Actors(NotDone(Refused("key_expired", "Too old")))
    return await scene.retry(scene.house.catalogue.encode(BayQuery()))


async def _slow(scene: Scene) -> Said:
    enough = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await enough.wait()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(serve, "BODY_S", 0.05)
        said = await scene.ask("POST", BAYS, stuck())
    enough.set()
    return said


async def _not_withdrawable(scene: Scene) -> Said:
    await scene.ask("POST", "/api/v1/tariffs", {"id": "stays", **FREE})
    return await scene.ask("POST", "/api/v1/tariffs/stays/versions/1/withdraw", {})


def _upload(what: str, body: object = None, at: int | None = None, **headers: str) -> Meet:
    """Begins a picture of eight bytes and says this of it: a part of it, or its end."""

    async def meet(scene: Scene) -> Said:
        said = {"media": "jpeg", "taken_us": 7, "kind": "session", "key": "l/x", "bytes": 8}
        begun = await scene.ask("POST", EVIDENCE, said)
        path = f"{EVIDENCE}/{begun.json['id']}"
        if at is not None:
            return await scene.ask("PATCH", f"{path}/upload?offset={at}", body, **{**RAW, **headers})
        if what == "whole":
            await scene.ask("PATCH", f"{path}/upload?offset=0", b"\xff\xd8\xff\xe0" + b"1234", **RAW)
        return await scene.ask("POST", f"{path}/finish", {"sha256": "0" * 64})

    return meet


async def _no_such_range(scene: Scene) -> Said:
    made = await bring(scene.ask, of("l/range-2"), JPEG)
    return await scene.ask.get(made.json["content"], Range="bytes=9999-")


async def _too_many_uploads(scene: Scene) -> Said:
    begun = [await scene.ask("POST", EVIDENCE, {**of("l/x"), "bytes": 8}) for _ in range(UNFINISHED_MOST + 1)]
    return begun[-1]


MEETINGS: dict[str, Meet] = {
    "unfinished": _upload("early"),
    "wrong_offset": _upload("part", b"12345678", 4),
    "wrong_part": _upload("part", b"\xff\xd8\xff\xe0", 0),
    "wrong_hash": _upload("whole"),
    "wrong_media": _upload("part", b"<script>", 0),
    "not_raw": _upload("part", {"not": "raw"}, 0, Content_Type="application/json"),
    "no_such_range": _no_such_range,
    "too_many_uploads": _too_many_uploads,
    "invalid_query": lambda at: at.ask.get(f"{BAYS}?limit=0"),
    "invalid_body": lambda at: at.ask("POST", BAYS, {}),
    "invalid_key": lambda at: at.ask("POST", BAYS, bay("x"), Idempotency_Key=" "),
    "tariff_invalid": lambda at: at.ask("POST", "/api/v1/tariffs", {"id": "bad", "document": {}}),
    "calendar_invalid": lambda at: at.ask("PUT", "/api/v1/calendar", {"version": 0, "calendar": {"years": "all"}}),
    "examples_invalid": lambda at: at.ask("POST", "/api/v1/pricing/examples", {"file": {}}),
    "not_priceable": lambda at: at.ask("POST", QUOTE, {**STAY, "which": {"preset": "kerb"}, "vehicle": "boat"}),
    "unknown_source": lambda at: at.ask.get("/api/v1/calendar/source?source=atlantis"),
    "effective_in_past": lambda at: at.ask("POST", "/api/v1/tariffs", {"id": "old", **FREE, "effective_us": 1}),
    "tariff_not_in_force": lambda at: at.ask("POST", "/api/v1/assignments", {"tariff": "none", "lots": ["L0"]}),
    "no_tariff": lambda at: at.ask.get("/api/v1/lots/L0/tariff"),
    "not_withdrawable": _not_withdrawable,
    "not_signed_in": lambda at: Caller(at.ask.session).get(BAYS),
    "token_expired": _expired,
    "wrong_credentials": lambda at: at.ask("POST", "/api/v1/session", {"name": "viewer", "password": "x"}),
    "session_over": lambda at: at.ask("POST", "/api/v1/session/refresh", {"refresh_token": "x" * 20}),
    "forbidden": _forbidden,
    "no_such_route": lambda at: at.ask.get("/api/v1/nothing"),
    "not_found": lambda at: at.ask.get(f"{BAYS}/nobody"),
    "wrong_method": lambda at: at.ask("PUT", BAYS, {}),
    "too_slow": _slow,
    "bay_number_taken": lambda at: at.ask("POST", BAYS, bay("NL0-0")),
    "id_taken": _id_taken,
    "unknown_parent": lambda at: at.ask("POST", BAYS, bay("x", lot="nowhere")),
    "version_conflict": _conflict,
    "refused": lambda at: at.actors_answer(NotDone(Refused("no", "No"))),
    "too_large": lambda at: at.ask("POST", BAYS, b" " * 70_000),
    "not_json": lambda at: at.ask("POST", BAYS, b"{}", Content_Type="text/plain"),
    "too_many_requests": _too_many,
    "internal_error": _broken,
    "not_reachable": lambda at: at.ask.get(f"{BAYS}/L0-0?fresh=1"),
    "busy": lambda at: at.actors_answer(Full("full")),
    "retry_expired": _retry_expired,
    "unreadable_message": lambda at: at.retry(b"not a message"),
    "outcome_unknown": lambda at: at.actors_answer(Unanswered("late")),
}


def _met_by_others(code: str) -> bool:
    """Whether a test of this folder meets the code on the way of what it belongs to."""
    return any(f'"{code}"' in file.read_text() for file in Path(__file__).parent.glob("test_*.py"))


def test_every_code_is_met_by_a_test() -> None:
    unmet = [reason.code for reason in REASONS if not _met_by_others(reason.code)]
    assert not unmet


@pytest.mark.feature("EXT-14")
@pytest.mark.parametrize("reason", [one for one in REASONS if one.code in MEETINGS], ids=lambda reason: reason.code)
async def test_every_refusal_has_its_code_its_status_and_a_trace(
    operator: Caller, house: House, clock: Clock, engine: AsyncEngine, reason: Reason
) -> None:
    said = await MEETINGS[reason.code](Scene(operator, house, clock, engine))
    assert (said.status, said.code) == (reason.status, reason.code)
    assert said.json["trace_id"] == said.headers["X-Trace-Id"]
    assert said.json["message"]
