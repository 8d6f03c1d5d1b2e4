"""Whether we live, whether what we need answers, and what is counted."""

import asyncio

import pytest

from gateway.http import health
from gateway.http.house import House
from storage.database import open_engine
from storage.lists import Lists
from storage.reaching import answers
from tests.gateway.http.callers import Caller

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


async def test_everything_answers(caller: Caller) -> None:
    assert (await caller.get("/health")).json == {"alive": True}
    said = await caller.get("/health/ready")
    assert said.status == 200
    assert said.json["ready"] is True
    assert [(one["name"], one["ready"], one["sentence"]) for one in said.json["dependencies"]] == [
        ("database", True, "PostgreSQL answers")
    ]


async def test_what_does_not_answer_is_named(caller: Caller, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    engine = open_engine(NOWHERE, "live")
    house.checks = {
        "database": lambda: answers(engine),
        "broker": lambda: asyncio.get_running_loop().create_future(),
    }
    said = await caller.get("/health/ready")
    assert said.status == 503
    assert said.json["ready"] is False
    assert [one["ready"] for one in said.json["dependencies"]] == [False, False]
    assert b"127.0.0.1" not in said.body
    await engine.dispose()


async def test_the_log_has_an_outage_now_and_then_and_not_at_each_probe(
    caller: Caller, house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[Exception] = []

    async def check() -> str:
        if wrong:
            raise wrong[0]
        return "answers"

    house.checks = {"broker": check, "views": lambda: asyncio.sleep(0, "answers")}
    for now in ([], [OSError("port 1")], [ValueError("words")], [ValueError("words")], [], []):
        wrong[:] = now
        await caller.get("/health/ready")
    monkeypatch.setattr(health, "SAID_EVERY_S", 0.0)
    wrong[:] = [TimeoutError()]
    for _ in range(2):
        await caller.get("/health/ready")
    assert [record.getMessage() for record in caplog.records if record.name == health.log.name] == [
        "broker is not ready: does not answer (OSError): OSError('port 1')",
        "broker is ready again",
        "broker is not ready: no answer within 3 s",
        "broker is not ready: no answer within 3 s",
    ]


async def test_a_database_that_is_away_is_told_apart(viewer: Caller, house: House) -> None:
    engine = open_engine(NOWHERE, "live")
    house.lists = Lists(engine)
    said = await viewer.get("/api/v1/regions")
    assert (said.status, said.code) == (503, "not_reachable")
    assert said.headers["Retry-After"] == "2"
    await engine.dispose()


async def test_requests_are_counted_by_route_and_status(viewer: Caller, house: House) -> None:
    for path in ("/api/v1/bays/L0-0", "/api/v1/bays/none", "/api/v1/nothing"):
        await viewer.get(path)
    said = await viewer.get("/metrics")
    assert said.headers["Content-Type"].startswith("text/plain")
    lines = said.body.decode().splitlines()
    for line in (
        'yunparking_http_requests_total{method="GET",route="/api/v1/bays/{id}",status="200"} 1.0',
        'yunparking_http_requests_total{method="GET",route="/api/v1/bays/{id}",status="404"} 1.0',
        'yunparking_http_requests_total{method="GET",route="pages",status="404"} 1.0',
    ):
        assert line in lines
