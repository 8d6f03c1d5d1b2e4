"""Who is named as away: what has not answered for three seconds, and not what is away only because that is."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from actors.engine.gauges import CellGauges
from actors.engine.mail import Unreachable
from gateway import away as aways
from gateway.away import Asked, Away, Echo
from gateway.broker import Broker
from gateway.lookout import Lookout
from gateway.observed import Pulse, state_of
from storage.database import open_engine
from storage.session import now_us
from tests.gateway.ingress.scene import until
from tests.web.stopping import frozen

S = 1_000_000


class Stage:
    """A database, a broker, an intake and two cells that answer or not, and a clock that stands."""

    def __init__(self) -> None:
        self.at = 100 * S
        self.lookout = Lookout(self.unheard, list, dict, lambda: self.at)
        engine = open_engine("postgresql://nobody@127.0.0.1:1/none", "live")
        self.away = Away(engine, Echo("mqtt://127.0.0.1:1"), self.taken, self.lookout)

    async def unheard(self, worker: str, method: str, payload: bytes) -> bytes:
        raise Unreachable(worker)

    async def taken(self) -> None:
        """The frames of devices are."""

    def hear(self, *silent: str, waiting_s: float = 0.0) -> None:
        """Four seconds later all have answered lately but these; cells wait so long for a commit."""
        self.at += 4 * S
        for name in {"cell-0", "cell-1"} - set(silent):
            gauges = msgspec.msgpack.encode(CellGauges(cell=name, lease=1, committing_seconds=waiting_s))
            self.lookout.hear(name, state_of(1, Pulse(), gauges), CellGauges)
        for asked in (self.away.database, self.away.broker, self.away.intake):
            if asked.name not in silent:
                asked.heard = self.at


@pytest.fixture
def stage() -> Stage:
    staged = Stage()
    staged.hear()
    return staged


def test_nobody_is_away_when_all_answer(stage: Stage) -> None:
    assert stage.away.parts() == []


@pytest.mark.parametrize("part", ["database", "broker", "intake", "cell-1"])
def test_who_is_silent_is_named_and_comes_back(stage: Stage, part: str) -> None:
    stage.hear(part)
    assert stage.away.parts() == [part]
    stage.hear()
    assert stage.away.parts() == []


def test_frames_that_nobody_takes_without_a_broker_are_no_fault_of_the_intake(stage: Stage) -> None:
    stage.hear("broker", "intake")
    assert stage.away.parts() == ["broker"]


def test_a_cell_that_gets_nothing_stored_is_away_unless_the_database_is(stage: Stage) -> None:
    stage.hear(waiting_s=3.0)
    assert stage.away.parts() == ["cell-0", "cell-1"]
    stage.hear("database", "cell-1", waiting_s=3.0)
    assert stage.away.parts() == ["database", "cell-1"]


async def test_a_broker_that_stands_still_is_away_though_its_connection_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aways, "ASK_EVERY_S", 0.05)
    monkeypatch.setattr(aways, "GIVE_UP_S", 1.0)
    broker = Broker(tmp_path / "broker")
    echo = Echo(broker.start())
    asked = Asked("broker", echo.ask, now_us)
    asking = asyncio.create_task(asked.run())
    try:
        began = asked.heard
        await until(lambda: asked.heard > began)
        assert broker.process is not None
        with frozen([broker.process.pid]):
            await until(lambda: asked.away)
        await until(lambda: not asked.away)
    finally:
        asking.cancel()
        echo.close()
        broker.stop()
