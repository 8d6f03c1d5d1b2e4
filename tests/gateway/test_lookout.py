"""The lookout: who answers, who is silent, whose life ended; one silent worker delays nobody."""

import asyncio
from collections import Counter

import msgspec
import pytest

from actors.engine.gauges import CellGauges
from actors.engine.mail import Unreachable
from gateway import lookout as lookouts
from gateway.http.figures import cell_lines, worker_shown
from gateway.lookout import Ended, Lookout, cause_of
from gateway.observed import Observed, Pulse, state_of
from tests.gateway.ingress.scene import until

S = 1_000_000


class Stage:
    """A few workers that say what they are told to, and a clock that stands."""

    def __init__(self) -> None:
        self.at = 100 * S
        self.ended: list[Ended] = []
        self.doubted = asyncio.Event()
        self.names = ["cell-0", "cell-1"]
        self.frozen: set[str] = set()
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked: Counter[str] = Counter()
        self.often = asyncio.Event()
        self.pulse = Pulse()
        self.lookout = Lookout(
            self.call,
            lambda: self.names,
            lambda: {"cell-0": 512},
            self.now,
            self.ended.append,
            self.end_if_frozen,
        )

    def now(self) -> int:
        return self.at

    async def end_if_frozen(self, worker: str) -> bool:
        assert worker in self.frozen
        self.frozen.remove(worker)
        self.doubted.set()
        return True

    async def call(self, worker: str, method: str, payload: bytes) -> bytes:
        self.asked[worker] += 1
        if self.asked["cell-0"] >= 5:
            self.often.set()
        if worker in self.frozen:
            await asyncio.get_running_loop().create_future()
        await self.answers.wait()
        if worker == "cell-1":
            raise Unreachable(worker)
        return self.state(1, 0)

    def state(self, life: int, turns: int) -> bytes:
        gauges = CellGauges(cell="cell-0", lease=life, turns_total=turns)
        return state_of(life, self.pulse, msgspec.msgpack.encode(gauges))

    def hear(self, life: int, turns: int) -> None:
        self.lookout.hear("cell-0", self.state(life, turns), CellGauges)


async def test_a_frozen_worker_delays_nobody_and_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "ASK_EVERY_S", 0)
    stage = Stage()
    stage.frozen.add("cell-1")
    watching = asyncio.create_task(stage.lookout.watch())
    async with asyncio.timeout(5):
        await stage.often.wait()
    assert stage.asked["cell-1"] == 1
    watching.cancel()
    seen = stage.lookout.seen
    assert (seen["cell-0"].up(stage.at), seen["cell-1"].up(stage.at)) == (True, False)


async def test_who_is_silent_for_long_may_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "ASK_EVERY_S", 0)
    monkeypatch.setattr(lookouts, "ANSWER_WITHIN_S", 0.001)
    stage = Stage()
    stage.hear(1, 0)
    stage.frozen.add("cell-0")
    watching = asyncio.create_task(stage.lookout.watch())
    async with asyncio.timeout(5):
        await stage.often.wait()
    assert not stage.doubted.is_set(), "not yet: it may only be busy"
    stage.at += 11 * S
    async with asyncio.timeout(5):
        await stage.doubted.wait()
    await until(lambda: stage.lookout.seen["cell-0"].why)
    watching.cancel()
    for life in (2, 3):
        stage.hear(life, 0)
    assert [ended.why for ended in stage.ended] == ["stood still, and was ended", None]


async def test_a_worker_that_is_gone_is_not_brought_back_by_its_last_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "ASK_EVERY_S", 0)
    stage = Stage()
    stage.answers.clear()
    watching = asyncio.create_task(stage.lookout.watch())
    await until(lambda: stage.asked["cell-0"] == 1)
    stage.names = []
    await until(lambda: not stage.lookout.seen)
    monkeypatch.setattr(lookouts, "ASK_EVERY_S", 3600)
    for _ in range(3):
        await asyncio.sleep(0)  # the watch rests now, and takes nobody away
    asking = stage.lookout._asking["cell-0"]
    stage.answers.set()
    await asking
    assert not stage.lookout.seen
    watching.cancel()


async def test_a_worker_that_is_gone_while_it_is_asked_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "ASK_EVERY_S", 0)
    monkeypatch.setattr(lookouts, "ANSWER_WITHIN_S", 0.01)
    stage = Stage()
    stage.frozen.add("cell-0")
    watching = asyncio.create_task(stage.lookout.watch())
    await until(lambda: stage.asked["cell-0"] == 1)
    asking = stage.lookout._asking["cell-0"]
    stage.names = []
    async with asyncio.timeout(5):
        await asking
    watching.cancel()


def test_another_life_is_a_recovery_and_a_silence_is_told() -> None:
    stage = Stage()
    stage.hear(1, 0)
    stage.at += 5 * S
    (told,) = [gauges for name, gauges in stage.lookout.told()]
    assert (told.up, told.unheard_seconds, told.placed_slots) == (0, 5.0, 512)  # type: ignore[attr-defined]
    stage.hear(2, 0)
    assert stage.ended == [Ended("cell-0", 1, 100 * S, 105 * S)]
    told = next(gauges for _, gauges in stage.lookout.told())
    assert (told.up, told.recoveries_total) == (1, 1)  # type: ignore[attr-defined]


def test_rates_are_of_one_life_and_lines_have_gaps() -> None:
    stage = Stage()
    for life, turns in ((1, 0), (1, 200), (1, 400), (2, 0), (2, 1000)):
        stage.hear(life, turns)
        stage.at += 2 * S
    shown = worker_shown(stage.lookout, stage.lookout.seen["cell-0"])
    assert shown.cell is not None
    assert (shown.cell.turns_per_s, shown.recoveries) == (500.0, 1)
    stage.at += 60 * S
    stage.hear(2, 1000)
    stage.at += 2 * S
    stage.hear(2, 1200)
    (line,) = cell_lines(stage.lookout)
    assert [value for _, value in line.points] == [100.0, 100.0, 500.0, None, 100.0]


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        (None, "killed"),
        ("Fenced: [3]", "fenced"),
        ("HistoryLost: slot 3 ends at page 1", "history_lost"),
        ("stood still, and was ended", "frozen"),
        ("KeyError: 'x'", "error"),
    ],
)
def test_a_death_is_counted_by_its_last_word(why: str | None, cause: str) -> None:
    stage = Stage()
    stage.hear(1, 0)
    stage.lookout.count("cell-0", cause_of(why))
    stage.lookout.count("nobody", cause_of(why))
    assert stage.lookout.look(stage.lookout.seen["cell-0"]).deaths_total == {cause: 1}


async def test_an_observed_worker_says_how_its_process_is() -> None:
    class Worker:
        async def start(self) -> None:
            pass

        async def call(self, method: str, payload: bytes) -> bytes:
            return msgspec.msgpack.encode(CellGauges(cell="c", lease=7)) if method == "state" else payload

    observed = Observed(Worker(), 7)
    await observed.start()
    assert await observed.call("deliver", b"x") == b"x"
    stage = Stage()
    stage.lookout.hear("c", await observed.call("state", b""), CellGauges)
    now = stage.lookout.seen["c"].now
    assert now is not None
    assert (now.life, now.part.lease) == (7, 7)  # type: ignore[union-attr]
    assert now.process.memory_bytes > 1_000_000
