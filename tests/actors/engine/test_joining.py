"""Who joins Ray ends at SIGTERM as he has said, and not as Ray would have it."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
import ray

from actors.engine.cluster import Cluster

HEAD = "10.0.0.1:6379"


def own(number: int, frame: FrameType | None) -> None:
    """How we end."""


def rays(number: int, frame: FrameType | None) -> None:
    """How Ray has whoever joins it end."""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """One that is joined as Ray does it; this process ends afterwards as it did before."""
    before = signal.getsignal(signal.SIGTERM)

    def init(address: str, **options: object) -> Any:
        signal.signal(signal.SIGTERM, rays)
        if address != HEAD:
            raise ConnectionError(address)
        return SimpleNamespace(address_info={"gcs_address": address})

    monkeypatch.setattr(ray, "init", init)
    yield Cluster("none")
    signal.signal(signal.SIGTERM, before)


def test_who_has_said_how_he_ends_keeps_his_way(cluster: Cluster) -> None:
    signal.signal(signal.SIGTERM, own)
    assert cluster.join(HEAD) == HEAD
    assert signal.getsignal(signal.SIGTERM) is own


def test_he_keeps_it_also_where_nobody_answers(cluster: Cluster) -> None:
    signal.signal(signal.SIGTERM, own)
    with pytest.raises(ConnectionError):
        cluster.join("10.0.0.2:1")
    assert signal.getsignal(signal.SIGTERM) is own


def test_who_has_not_runs_at_least_what_stands_in_a_finally(cluster: Cluster) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cluster.join(HEAD)
    assert signal.getsignal(signal.SIGTERM) is rays


def test_another_thread_may_join_and_changes_nothing(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "init", lambda **options: SimpleNamespace(address_info={"gcs_address": HEAD}))
    signal.signal(signal.SIGTERM, own)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(cluster.join, HEAD).result() == HEAD
    assert signal.getsignal(signal.SIGTERM) is own
