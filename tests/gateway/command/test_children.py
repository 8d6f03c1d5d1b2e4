"""Children: started again when they die, more patiently each time, and all gone when their parent is."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from actors.values import SECOND_US
from gateway.command.children import Children
from gateway.command.say import Say
from storage.child import start_child, stop_child
from storage.local import eventually
from storage.recoveries import Recovery


class Sleeper:
    """A child that does nothing until it is told to stop."""

    def __init__(self, log: Path, fails: int = 0) -> None:
        self.log, self.fails = log, fails
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("no room")
        self.process = start_child(["sleep", "600"], log=self.log)

    def stop(self) -> None:
        if self.process:
            stop_child(self.process, signal.SIGTERM, patience_s=5)


class Clock:
    """Time that passes when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def children(clock: Clock) -> Iterator[Children]:
    children = Children(Say(as_json=True), clock)
    yield children
    children.stop()


def kill(sleeper: Sleeper) -> int:
    assert sleeper.process
    sleeper.process.kill()
    sleeper.process.wait()
    return sleeper.process.pid


def lives(sleeper: Sleeper) -> bool:
    return sleeper.process is not None and sleeper.process.poll() is None


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_child_that_dies_is_started_again_after_a_wait_that_grows(
    children: Children, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeper = Sleeper(tmp_path / "log")
    children.start("the sleeper", sleeper)
    for wait_s in (0.5, 1.0, 2.0):
        pid = kill(sleeper)
        children.look()
        clock.now += wait_s - 0.1
        children.look()
        assert not lives(sleeper)
        clock.now += 0.2
        children.look()
        assert lives(sleeper)
        assert sleeper.process
        assert sleeper.process.pid != pid
    lines = said(capsys)
    assert [line["kind"] for line in lines] == ["warning", "done"] * 3
    assert lines[0]["text"] == "the sleeper was killed by SIGKILL; starting it again in 0.5 s"


def test_each_life_that_ended_is_told_and_when_the_next_one_answered(clock: Clock, tmp_path: Path) -> None:
    told: list[Recovery] = []
    answering = [False]
    children = Children(Say(as_json=True), clock, told.append, lambda: round(clock.now * SECOND_US))
    sleeper = Sleeper(tmp_path / "log")
    began = clock.now
    try:
        children.start("the sleeper", sleeper, lambda: answering[0])
        kill(sleeper)
        for _ in range(2):
            children.look()
            clock.now += 1
        assert told == [], "who has never answered was no life"
        answering[0] = True
        clock.now += 10
        children.look()
        heard = clock.now
        answering[0] = False
        clock.now += 1
        kill(sleeper)
        children.look()
        lost = Recovery("sleeper", round(began * SECOND_US), round(heard * SECOND_US), None, "was killed by SIGKILL")
        assert told == [lost]
        for _ in range(2):
            clock.now += 2
            children.look()
            children.look()
            kill(sleeper)  # before it has answered: it was no life
            children.look()
            assert told == [lost]
        clock.now += 5
        answering[0] = True
        children.look()
        children.look()
        back = clock.now
        assert told == [lost, lost._replace(back_us=round(back * SECOND_US))]
        kill(sleeper)
        children.look()
        assert (told[-1].life, told[-1].back_us) == (round(back * SECOND_US), None)
    finally:
        children.stop()


def test_who_stands_upon_another_ends_with_it_and_comes_back_when_it_answers(
    children: Children, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answering = [True]
    ground, stands, beside = (Sleeper(tmp_path / name) for name in ("ground", "stands", "beside"))
    children.start("the ground", ground, lambda: answering[0])
    children.start("the house", stands, upon="the ground")
    children.start("the tree", beside)
    children.look()
    answering[0] = False
    kill(ground)
    children.look()
    assert (lives(stands), lives(beside)) == (False, True)
    for _ in range(5):
        clock.now += 40
        children.look()
    assert (lives(ground), lives(stands)) == (True, False), "the ground does not answer yet"
    answering[0] = True
    children.look()
    children.look()
    assert lives(stands)
    texts = [str(line["text"]) for line in said(capsys)]
    assert texts[:2] == [
        "the ground was killed by SIGKILL; starting it again in 0.5 s",
        "the house has ended with the ground; starting it again in 0.5 s",
    ]


def test_a_child_that_lived_long_does_not_have_to_wait_longer(
    children: Children, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeper = Sleeper(tmp_path / "log")
    children.start("the sleeper", sleeper)
    for _ in range(2):
        kill(sleeper)
        children.look()
        clock.now += 1
        children.look()
        clock.now += 61
    texts = [str(line["text"]) for line in said(capsys) if line["kind"] == "warning"]
    assert all("again in 0.5 s" in text for text in texts)


def test_a_start_that_fails_is_tried_again(children: Children, clock: Clock, tmp_path: Path) -> None:
    sleeper = Sleeper(tmp_path / "log")
    children.start("the sleeper", sleeper)
    sleeper.fails = 2
    kill(sleeper)
    for _ in range(4):
        children.look()
        clock.now += 10
    assert lives(sleeper)


def test_all_are_stopped_even_those_that_will_not_listen(children: Children, tmp_path: Path) -> None:
    deaf = start_child([sys.executable, "-c", _DEAF], log=tmp_path / "log")
    assert eventually(lambda: "deaf" in (tmp_path / "log").read_text(), patience_s=20)
    stop_child(deaf, signal.SIGTERM, patience_s=0.1)
    assert deaf.poll() == -signal.SIGKILL


_DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children that their parent died")
def test_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    script = f"""
import time, pathlib
from storage.child import start_child
print(start_child(["sleep", "600"], log=pathlib.Path({log!r})).pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    assert eventually(lambda: _gone(child), patience_s=10)


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
