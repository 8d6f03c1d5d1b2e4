"""Real brokers for the tests of the door: the one that the platform starts itself, and mosquitto where installed."""

from collections.abc import Iterator

import pytest

from storage.local import free_port
from tests.gateway.ingress import scene


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[scene.RunningBroker]:
    folder, port = tmp_path_factory.mktemp("nats"), free_port()
    with scene.running(scene.nats_command(folder, port), port, folder):
        yield scene.RunningBroker(scene.url(port), port, redelivers=True)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[scene.RunningBroker]:
    folder, port = tmp_path_factory.mktemp("mosquitto"), free_port()
    with scene.running(scene.mosquitto_command(folder, port), port, folder):
        yield scene.RunningBroker(scene.url(port), port, redelivers=False)


@pytest.fixture(params=["nats", *(["mosquitto"] if scene.mosquitto() else [])])
def broker(request: pytest.FixtureRequest) -> scene.RunningBroker:
    found: scene.RunningBroker = request.getfixturevalue(request.param)
    return found
