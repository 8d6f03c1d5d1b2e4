"""The doctor: finds what is wrong with real servers, and says what to do."""

import json
import socket
from pathlib import Path

import msgspec
import pytest

from actors.values import MINUTE_US
from gateway.command.checks import (
    check_broker,
    check_database,
    check_disk,
    check_gateways,
    check_ports,
    check_ray,
)
from gateway.command.finding import Finding
from gateway.command.running import RAY_FILE, RayAccess
from gateway.metrics import TABLE
from gateway.settings import Settings, load_settings
from storage import session
from storage.database import open_engine
from storage.gateways import GatewayRow, Leases, ShareRow
from storage.jobs import Runs
from storage.local import free_port
from storage.session import now_us
from tests.gateway.command.typed import typed


def settings(folder: Path, **flags: object) -> Settings:
    ports = {"http.port": free_port(), "live.port": free_port()}
    given = {key.replace("__", "."): value for key, value in flags.items()}
    return load_settings(environment={}, flags={"data_dir": str(folder), **ports, **given})


def levels(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.level) for finding in findings]


async def test_a_migrated_database_is_good(database_url: str, world: str, tmp_path: Path) -> None:
    found = await check_database(settings(tmp_path, database__url=database_url, world=world))
    assert levels(found) == [("database", "good"), ("tables", "good")]


async def test_a_database_without_the_world_and_one_that_is_away(database_url: str, tmp_path: Path) -> None:
    found = await check_database(settings(tmp_path, database__url=database_url, world="nowhere"))
    assert levels(found) == [("database", "good"), ("tables", "note")]
    away = f"postgresql://yun:secret@127.0.0.1:{free_port()}/x"
    (problem,) = await check_database(settings(tmp_path, database__url=away))
    assert problem.level == "problem"
    assert "--database-url" in problem.do
    assert "secret" not in problem.found


async def test_a_server_that_may_lose_acknowledged_facts_is_warned_of(
    database_url: str, world: str, tmp_path: Path
) -> None:
    careless = f"{database_url}?options=-csynchronous_commit%3Doff"
    found = await check_database(settings(tmp_path, database__url=careless, world=world))
    assert ("durability", "warning") in levels(found)


async def test_our_broker_is_good_and_closed(broker_url: str, tmp_path: Path) -> None:
    found = await check_broker(settings(tmp_path, broker__url=broker_url))
    assert levels(found) == [("broker", "good")]


async def test_a_broker_that_lets_everybody_in_is_noticed(mosquitto_url: str, tmp_path: Path) -> None:
    found = await check_broker(settings(tmp_path, broker__url=mosquitto_url))
    assert [(f.level, f.found) for f in found][1] == ("warning", "anybody may connect without a password")


async def test_a_broker_that_turns_us_away_is_a_problem(broker_url: str, tmp_path: Path) -> None:
    wrong = broker_url.replace("@", "x@")
    (problem,) = await check_broker(settings(tmp_path, broker__url=wrong))
    assert problem.level == "problem"
    assert "--mqtt-url" in problem.do


async def test_gateways_that_do_not_agree_and_frames_that_reach_nobody_are_problems(
    database_url: str, world: str, tmp_path: Path
) -> None:
    asked = settings(tmp_path, database__url=database_url, world=world)
    assert levels(await check_gateways(asked)) == [("gateways", "note")]
    assert await check_gateways(settings(tmp_path)) == []
    engine = open_engine(database_url, world)
    await Runs(engine, "one").declare("late", "daily", now_us() - 11 * MINUTE_US)
    await Runs(engine, "one").declare("broken", "daily", 1)
    broken = await Runs(engine, "one").claim("broken")
    assert broken is not None
    await Runs(engine, "one").fail(broken, -1, "broke: ValueError('no')")
    one = Leases(engine, GatewayRow("one", "1", "north=iot-topic/gw/north/#", "s"))
    other = Leases(engine, GatewayRow("two", "2", "all=yunparking/#", "t"))
    await one.look()
    await one.divide([ShareRow("north-1", "north", "iot-topic/gw/north/#"), ShareRow("rest-1", "rest", "yunparking/#")])
    await one.take("north-1")
    await other.look()
    found = await check_gateways(asked)
    await engine.dispose()
    said = {(finding.level, finding.found) for finding in found}
    assert ("good", "north: taken by one") in said
    assert ("problem", "rest: nobody takes the frames of this share") in said
    assert ("warning", "no share brings frames on application/…/device/…/event/up") in said
    differ = "gateways divide the topics differently: one as [north=iot-topic/gw/north/#], two as [all=yunparking/#]"
    assert ("problem", differ) in said
    assert ("warning", "late is 11 minutes late") in said
    assert ("warning", "broken, attempt 1: broke: ValueError('no')") in said
    assert ("problem", "tokens of one gateway are not valid at another: one, two") in said


async def test_nothing_running_is_a_note_not_a_problem(tmp_path: Path) -> None:
    found = await check_database(settings(tmp_path)) + await check_broker(settings(tmp_path))
    assert [finding.level for finding in found] == ["note", "note"]
    assert all("yunparking up" in finding.do for finding in found)


async def test_a_database_that_is_silent_is_told_from_one_that_says_no(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = f"postgresql://nobody:wrong@{database_url.rpartition('@')[2]}"
    (refused,) = await check_database(settings(tmp_path, database__url=wrong))
    assert "does not let us in: password authentication failed" in refused.found
    monkeypatch.setattr(session, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql://a:secret@127.0.0.1:{deaf.getsockname()[1]}/x"
        (silent,) = await check_database(settings(tmp_path, database__url=url))
    assert silent.found.endswith("cannot be reached: it does not answer")
    assert "secret" not in silent.found


async def test_a_taken_port_names_its_holder_and_the_flag(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        first, second = await check_ports(settings(tmp_path, http__port=port))
    assert (first.level, second.level) == ("problem", "good")
    assert f"port {port} is taken" in first.found.lower()
    assert "--http-port" in first.do


async def test_a_ray_of_our_own_that_is_away_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = settings(tmp_path)
    assert levels(await check_ray(known)) == [("Ray", "good")], "no city runs here"
    monkeypatch.setattr("gateway.command.checks.running_database", lambda folder: "postgresql://it.runs")
    (away,) = await check_ray(known)
    (tmp_path / RAY_FILE).write_bytes(msgspec.json.encode(RayAccess(address := f"127.0.0.1:{free_port()}")))
    (silent,) = await check_ray(known)
    assert [away.level, silent.level] == ["problem", "problem"]
    assert "our own is away" in away.found
    assert address in silent.found


async def test_a_ray_cluster_that_is_away_is_a_problem(tmp_path: Path) -> None:
    (problem,) = await check_ray(settings(tmp_path, ray__address=f"127.0.0.1:{free_port()}"))
    assert problem.level == "problem"
    (good,) = await check_disk(settings(tmp_path))
    assert "GiB are free" in good.found


@pytest.mark.parametrize(
    ("url", "status"),
    [("", 0), (f"postgresql://a:b@127.0.0.1:{free_port()}/x", 1)],
    ids=["its own database", "a database that is away"],
)
def test_the_command_answers_in_json_and_by_its_status(tmp_path: Path, url: str, status: int) -> None:
    words = ["doctor", "--json", "--data-dir", str(tmp_path), "--http-port", str(free_port())]
    words += ["--live-port", str(free_port()), *(["--database-url", url] if url else [])]
    done = typed(words)
    assert done.exit_code == status, done.output
    answer = json.loads(done.stdout)
    assert answer["healthy"] is (status == 0)
    assert {"check", "level", "found", "do"} == set(answer["findings"][0])


def test_a_wrong_setting_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    done = typed(["settings", "--json", "--set", "http.prot=1"])
    assert done.exit_code == 2
    assert "Did you mean http.port?" in json.loads(done.stdout)["text"]


def test_every_metric_is_listed_with_its_meaning() -> None:
    done = typed(["metrics", "--json"])
    listed = json.loads(done.stdout)
    assert [each["name"] for each in listed] == [family.name for family in TABLE]
    assert all(each["meaning"] for each in listed)
