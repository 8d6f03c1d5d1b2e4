"""The doctor: finds what is wrong with real servers, and says what to do."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.command import app
from gateway.command.checks import check_broker, check_database, check_disk, check_ports, check_ray
from gateway.command.finding import Finding
from gateway.metrics import TABLE
from gateway.settings import Settings, load_settings
from storage.local import free_port


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


async def test_nothing_running_is_a_note_not_a_problem(tmp_path: Path) -> None:
    found = await check_database(settings(tmp_path)) + await check_broker(settings(tmp_path))
    assert [finding.level for finding in found] == ["note", "note"]
    assert all("yunparking up" in finding.do for finding in found)


async def test_a_taken_port_names_its_holder_and_the_flag(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        first, second = await check_ports(settings(tmp_path, http__port=port))
    assert (first.level, second.level) == ("problem", "good")
    assert f"port {port} is taken" in first.found.lower()
    assert "--http-port" in first.do


async def test_a_ray_cluster_that_is_away_is_a_problem(tmp_path: Path) -> None:
    (problem,) = await check_ray(settings(tmp_path, ray__address=f"127.0.0.1:{free_port()}"))
    assert problem.level == "problem"
    (good,) = await check_disk(settings(tmp_path))
    assert "GiB are free" in good.found


@pytest.mark.parametrize(("url", "status"), [("", 0), (f"postgresql://a:b@127.0.0.1:{free_port()}/x", 1)])
def test_the_command_answers_in_json_and_by_its_status(tmp_path: Path, url: str, status: int) -> None:
    words = ["doctor", "--json", "--data-dir", str(tmp_path), "--http-port", str(free_port())]
    words += ["--live-port", str(free_port()), *(["--database-url", url] if url else [])]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == status, done.output
    answer = json.loads(done.stdout)
    assert answer["healthy"] is (status == 0)
    assert {"check", "level", "found", "do"} == set(answer["findings"][0])


def test_a_wrong_setting_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["settings", "--json", "--set", "http.prot=1"])
    assert done.exit_code == 2
    assert "Did you mean http.port?" in json.loads(done.stdout)["text"]


def test_every_metric_is_listed_with_its_meaning() -> None:
    done = CliRunner().invoke(app, ["metrics", "--json"])
    listed = json.loads(done.stdout)
    assert [each["name"] for each in listed] == [family.name for family in TABLE]
    assert all(each["meaning"] for each in listed)
