"""`yunparking up` as its user meets it: one command starts a city, and nothing is left of it when it ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from storage.database import open_engine
from storage.local import eventually, free_port
from storage.placement import decided
from tests.gateway.command.office import Office
from tests.gateway.command.sensors import Sensors

pytestmark = [pytest.mark.ray, pytest.mark.timeout(400)]

PASSWORD: list[str] = []
"""The administrator's, which the first start tells and no later one."""


class Running:
    """An `up` in a process of its own, as `make run` starts it."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.http = free_port()
        self.folder = folder
        words = ["up", "--json", "--data-dir", str(folder), "--http-port", str(self.http)]
        self.live = ("--live-port", str(free_port()))
        words += [*self.live, "--set", "replay.enabled=false", *more]
        command = [sys.executable, "-m", "gateway.command", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)

    def until(self, kind: str, text: str = "") -> dict[str, Any]:
        """The next line that it says of this kind, with this text in it."""
        assert self.process.stdout
        for line in self.process.stdout:
            said: dict[str, Any] = json.loads(line)
            assert said["kind"] != "error", said
            if said["kind"] == kind and text in said.get("text", ""):
                return said
        raise AssertionError(f"it ended without saying {kind} {text}")

    def cells(self, *words: str) -> list[dict[str, Any]]:
        """What `yunparking cells` says beside it."""
        return self.beside("cells", *words)

    def beside(self, *words: str) -> list[dict[str, Any]]:
        """What another command says of this city."""
        command = [sys.executable, "-m", "gateway.command", *words, "--json", "--data-dir", str(self.folder)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def kill_server(self, program: str, name: str) -> None:
        """kill -9 of one of our servers; returns when it is back."""
        (server,) = [one for one in psutil.Process(self.process.pid).children() if one.name() == program]
        server.kill()
        self.until("warning", f"{name} was killed by SIGKILL")
        self.until("done", f"{name} is back")

    def kill_ray(self, part: str) -> None:
        """kill -9 of a part of Ray's head, which Ray does not start again; returns when all that it carried is back."""
        next(one for one in self.descendants() if one.name() == part).kill()
        self.until("warning", "Ray ended")
        self.until("warning", "the gateway has ended with Ray")
        self.until("done", "Ray is back")
        self.until("done", "the gateway is back")

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ready(self) -> bool:
        return ready(self.http)


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def folder(open_folder: Path) -> Path:
    return open_folder / "up"


@pytest.fixture
def running(folder: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    running = Running(folder, *getattr(request, "param", ()))
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def strangers(open_folder: Path) -> Iterator[Running]:
    """A city that nobody has started before."""
    running = Running(open_folder / "strangers")
    yield running
    running.process.kill()
    running.process.wait()


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=0)
    return [process for process in alive if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False  # it ended between the two looks


def test_a_first_start_loads_a_city_that_charges_heals_and_ends_without_a_trace(running: Running) -> None:
    ready = running.until("ready")
    assert ready["address"] == f"http://localhost:{running.http}"
    assert ready["administrator"]["name"] == "admin"
    assert running.ready()

    PASSWORD.append(ready["administrator"]["password"])
    office = Office(running.http, *PASSWORD)
    office.finds_that_all_lots_charge()
    office.changes()

    *_, moved, now = running.cells("3")
    assert (moved["given"], moved["forced"], moved["started"]) == (341, 0, ["cell-2"])
    assert now["slots"] == {"cell-0": 342, "cell-1": 341, "cell-2": 341}
    assert eventually(running.ready, patience_s=60)

    gateway = next(child for child in running.descendants() if child.cmdline()[-1:] == ["gateway"])
    gateway.kill()
    running.until("warning", "the gateway was killed by SIGKILL")
    running.until("done", "the gateway is back")
    assert eventually(running.ready, patience_s=60)
    running.kill_server("nats-server", "the broker")
    running.kill_server("postgres", "PostgreSQL")
    assert eventually(running.ready, patience_s=120)
    assert eventually(lambda: office.saw_return("gateway", "broker", "PostgreSQL"), patience_s=60)

    sensors = Sensors(running.folder)
    sensors.speak()
    running.kill_ray("raylet")
    sensors.speak()
    assert eventually(running.ready, patience_s=120)
    assert eventually(sensors.all_taken_once, patience_s=60)
    assert eventually(lambda: office.saw_return("Ray", why="ended with status 72"), patience_s=60)

    processes = running.descendants()
    assert len(processes) > 8
    running.process.send_signal(signal.SIGINT)
    running.until("done", "everything has stopped")
    assert running.process.wait(60) == 0
    assert eventually(lambda: not left(processes), patience_s=30), left(processes)


@pytest.mark.soak
@pytest.mark.parametrize("part", ["raylet", "gcs_server"])
def test_whatever_part_of_ray_dies_again_and_again_nothing_acknowledged_is_lost(strangers: Running, part: str) -> None:
    strangers.until("ready")
    sensors = Sensors(strangers.folder)
    for _ in range(3):
        sensors.speak()
        strangers.kill_ray(part)
        sensors.speak()
        assert eventually(strangers.ready, patience_s=120)
    assert eventually(sensors.all_taken_once, patience_s=60)


@pytest.mark.soak
def test_a_stranger_lives_one_stay_through_every_door(strangers: Running) -> None:
    """It waits a minute for the running fee to move."""
    password = strangers.until("ready")["administrator"]["password"]
    assert eventually(strangers.ready, patience_s=60)
    *steps, said = strangers.beside("tour", "--password", password, "--http-port", str(strangers.http), *strangers.live)
    assert [step["kind"] for step in steps].count("done") == 7
    assert {line["session"] for line in said["lines"]} == {said["session"], ""}
    fen = {(line["account"], line["fen"]) for line in said["lines"]}
    assert fen == {("receivable", -20), ("clearing", 20), ("clearing", -20), ("transit:wechat", 20)}


@pytest.mark.parametrize("running", [("--set", "gateway.count=2")], indirect=True)
def test_a_second_start_resumes_with_two_gateways_and_a_kill_takes_everything_with_it(
    running: Running, folder: Path
) -> None:
    assert running.until("ready")["administrator"] is None, "the administrator is made once"
    Office(running.http, *PASSWORD).finds_what_was_changed()
    (before,) = running.cells()
    assert sorted(before["slots"].values()) == [341, 341, 342], "a later start goes by what was decided"
    *_, moved, now = running.cells("1")
    assert (moved["given"], moved["ended"]) == (682, ["cell-1", "cell-2"])
    assert now == {"kind": "cells", "slots": {"cell-0": 1024}}
    assert ready(running.http + 2), "the second gateway has ports that are two higher"
    one_more_gateway_joins_and_leaves(folder)
    processes = running.descendants()
    helpers = [process for process in processes if process.name().startswith(("ray::Dash", "ray::Runtime"))]
    assert len(helpers) <= 2
    running.process.kill()
    running.process.wait()
    # Two helpers of Ray's watch for their parent by themselves, and are gone within about a minute.
    ours = [process for process in processes if process not in helpers]
    assert eventually(lambda: not left(ours), patience_s=30), left(ours)


def one_more_gateway_joins_and_leaves(folder: Path) -> None:
    """It finds the servers that `up` runs in this folder by itself, and ends in order when it is told to."""
    port, log = free_port(), folder / "one-more.log"
    doors = ["--http-port", str(port), "--live-port", str(free_port()), "--set", "gateway.name=one-more"]
    command = [sys.executable, "-m", "gateway.command", "gateway", "--data-dir", str(folder), *doors]
    with log.open("wb") as output:
        further = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        assert eventually(lambda: ready(port) or further.poll() is not None, patience_s=90)
        assert further.poll() is None, log.read_text()
        further.terminate()
        assert further.wait(30) == 0, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        further.kill()
        further.wait()


def test_a_gateway_without_a_city_is_refused_with_what_to_do(tmp_path: Path) -> None:
    words = ["gateway", "--data-dir", str(tmp_path), "--database-url", "postgresql://a:b@localhost/x"]
    done = subprocess.run([sys.executable, "-m", "gateway.command", *words], capture_output=True, check=False)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 2, said
    assert "Start it with: yunparking up, or name its --data-dir, or its servers: --ray-address." in said


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--world", "t_nowhere"], "The world t_nowhere is not there"),
        (["--set", "placement.bay=dedicated"], "Set placement.bay=packed again"),
    ],
)
def test_a_gateway_that_would_not_fit_the_world_is_refused(
    database_url: str, world: str, tmp_path: Path, more: list[str], why: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ray:
        words = ["--database-url", database_url, "--mqtt-url", "mqtt://localhost", "--data-dir", str(tmp_path)]
        words += ["--ray-address", f"127.0.0.1:{ray.getsockname()[1]}", "--world", world, *more]
        asyncio.run(decide(database_url, world))
        command = [sys.executable, "-m", "gateway.command", "gateway", *words]
        done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert why in " ".join(done.stderr.decode().split())


async def decide(url: str, world: str) -> None:
    """The world's first start."""
    engine = open_engine(url, world)
    await decided(engine, {"bay": "packed", "lot": "packed", "device": "packed"})
    await engine.dispose()


def test_a_secret_that_is_not_there_is_not_made_in_silence(tmp_path: Path) -> None:
    words = ["up", "--data-dir", str(tmp_path), "--set", f"auth.secret_file={tmp_path / 'none'}"]
    done = subprocess.run([sys.executable, "-m", "gateway.command", *words], capture_output=True, check=False)
    assert done.returncode == 2
    assert "give the same to every gateway" in " ".join(done.stderr.decode().split())


def test_another_placement_of_a_living_world_is_refused_with_what_to_do(folder: Path) -> None:
    words = ["up", "--data-dir", str(folder), "--http-port", str(free_port()), "--live-port", str(free_port())]
    words += ["--set", "placement.lot=dedicated"]
    done = subprocess.run([sys.executable, "-m", "gateway.command", *words], capture_output=True, check=False)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 2, said
    assert "The world live was first started with placement.lot=packed, and its actors keep their slots." in said
    assert "Set placement.lot=packed again, or start another world: --world NAME." in said


def test_the_cells_of_a_city_that_does_not_run_are_refused_with_what_to_do(tmp_path: Path) -> None:
    words = ["cells", "2", "--data-dir", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "gateway.command", *words], capture_output=True, check=False)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 2, said
    assert f"No city runs in {tmp_path}. Start it with: yunparking up" in said


def test_taken_ports_are_reported_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        words = ["up", "--data-dir", str(tmp_path), "--http-port", str(port), "--live-port", str(free_port())]
        done = subprocess.run([sys.executable, "-m", "gateway.command", *words], capture_output=True, check=False)
    assert done.returncode == 2
    assert f"Port {port} is taken by {psutil.Process().name()} (process {os.getpid()})" in done.stderr.decode()
    assert f"--http-port {port + 10}" in done.stderr.decode()
