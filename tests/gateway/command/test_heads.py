"""A Ray cluster that `up` has only joined: when its head is started anew, the city comes back on the new one."""

import subprocess
import sys
from pathlib import Path

import pytest

from actors.engine.cluster import ENDED_EXIT
from storage.local import eventually
from tests.gateway.command.head import head_of
from tests.gateway.command.sensors import Sensors
from tests.gateway.command.test_up import Running

pytestmark = [pytest.mark.ray, pytest.mark.timeout(400)]

MEMBER = """
import logging, sys, time
from actors.engine.cluster import Cluster
from gateway.serving import end_at_once
cluster = Cluster("members")
cluster.join(sys.argv[1])
cluster.when_ended(end_at_once, 0.5)
time.sleep(2)
print("joined", flush=True)
time.sleep(300)
"""


def test_who_had_joined_a_head_ends_when_another_stands_in_its_place(open_folder: Path) -> None:
    with head_of(open_folder / "heads") as head:
        command = [sys.executable, "-c", MEMBER, head.address]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=head.environment, text=True) as member:
            try:
                assert member.stdout
                assert member.stdout.readline() == "joined\n", "it does not end as long as its head is there"
                head.kill()
                head.start()
                assert member.wait(90) == ENDED_EXIT
            finally:
                member.kill()


@pytest.mark.soak
def test_a_city_is_back_on_a_head_that_was_started_anew(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with head_of(open_folder / "joined") as head:
        for name, value in head.environment.items():
            monkeypatch.setenv(name, value)
        running = Running(open_folder / "joined" / "city", "--ray-address", head.address)
        try:
            running.until("ready")
            sensors = Sensors(running.folder)
            for _ in range(3):
                sensors.speak()
                head.kill()
                sensors.speak()
                head.start()
                running.until("done", "Ray is back")
                running.until("done", "the gateway is back")
                sensors.speak()
                assert eventually(running.ready, patience_s=60)
            assert eventually(sensors.all_taken_once, patience_s=60)
        finally:
            running.process.terminate()
            running.process.wait(60)
