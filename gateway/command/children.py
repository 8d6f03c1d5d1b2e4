"""The children of `yunparking up`: started in order, started again when they die, stopped in the reverse order."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from actors.values import Micros
from gateway.command.say import Say
from storage.child import start_child, stop_child
from storage.recoveries import Recovery
from storage.session import now_us

WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
STEADY_S = 60.0
"""A child that has lived this long starts again without having to wait longer than the first time."""


class Child(Protocol):
    """What can be started and stopped: a server of ours, a program of ours, Ray."""

    def start(self) -> object:
        """Start it; an exception says why it could not."""

    def stop(self) -> None:
        """Stop it with all that it started."""


@runtime_checkable
class Mortal(Child, Protocol):
    """A child that is one process, and so can be seen to die."""

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """Its process while it is started."""


class Program:
    """One of our own sub-commands as a child, its output in `log`; `makes`: a file that is there when it is ready."""

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], log: Path, makes: Path | None = None
    ) -> None:
        self._command = [sys.executable, "-m", "gateway.command", *words]
        self._environment = environment
        self.log = log
        self._makes = makes
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """Its process while it is started."""
        return self._process

    @property
    def lives(self) -> bool:
        """Whether its process has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it."""
        if self._makes is not None:
            self._makes.unlink(missing_ok=True)
        self._process = start_child(self._command, log=self.log, env=self._environment)

    def stop(self) -> None:
        """Stop it with all that it started."""
        if self._process is not None:
            stop_child(self._process, signal.SIGTERM, patience_s=15)
            self._process = None


@dataclass(slots=True)
class _Watched:
    name: str
    child: Child
    answers: Callable[[], bool]
    since: float
    life: Micros
    heard: Micros
    upon: str = ""
    answered: bool = False
    wait_s: float = WAIT_S
    due: float | None = None
    lost: Recovery | None = None


class Children:
    """All children of this process. Only the thread that starts them may look after them: they end with it.

    `ended` is told of each life that ended, and told again when the next one answers. One that has never answered is
    no life: who dies again and again was lost once.
    """

    def __init__(
        self,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
        ended: Callable[[Recovery], None] = lambda one: None,
        now: Callable[[], Micros] = now_us,
    ) -> None:
        self._say = say
        self._clock = clock
        self._ended = ended
        self._now = now
        self._watched: list[_Watched] = []

    def start(self, name: str, child: Child, answers: Callable[[], bool] = lambda: True, upon: str = "") -> None:
        """Start a child, and from now on watch over it if it is one process. `answers`: whether it is there for others,
        if it is not when it has started. `upon`: on whom it stands: it ends when that one does, and is started again
        when that one answers.
        """
        child.start()
        began = self._now()
        self._watched.append(_Watched(name, child, answers, self._clock(), life=began, heard=began, upon=upon))

    @property
    def names(self) -> set[str]:
        """Of all of them, as lives are noted."""
        return {_name(one) for one in self._watched}

    def look(self) -> None:
        """See who has died, and start again whoever has waited long enough."""
        for one in self._watched:
            if one.due is not None:
                if self._clock() >= one.due and self._stands(one):
                    self._start_again(one)
            elif isinstance(one.child, Mortal) and (process := one.child.process):
                if process.poll() is not None:
                    self._has_died(one, _ending(process.returncode), process.returncode)
                    self._end_upon(one)
                else:
                    self._lives(one)

    def stop(self) -> None:
        """Stop all, the last started first; one that will not stop does not keep the others."""
        while self._watched:
            one = self._watched.pop()
            try:
                one.child.stop()
            except (OSError, subprocess.SubprocessError) as error:
                self._say.note("warning", f"{one.name} did not stop cleanly: {error}")

    def _stands(self, one: _Watched) -> bool:
        return all(other.answered for other in self._watched if other.name == one.upon)

    def _end_upon(self, lost: _Watched) -> None:
        for one in self._watched:
            if one.upon == lost.name and one.due is None and isinstance(one.child, Mortal) and one.child.process:
                one.child.process.kill()
                self._has_died(one, f"has ended with {lost.name}", one.child.process.wait())

    def _lives(self, one: _Watched) -> None:
        if not one.answered:
            if not one.answers():
                return
            one.answered, one.life = True, one.life if one.lost is None else self._now()
            if one.lost is not None:
                self._ended(one.lost._replace(back_us=self._now()))
                one.lost = None
        one.heard = self._now()

    def _has_died(self, one: _Watched, ending: str, status: int) -> None:
        if one.answered:
            one.lost = Recovery(_name(one), one.life, one.heard, None, ending)
            self._ended(one.lost)
            one.answered = False
        if self._clock() - one.since > STEADY_S:
            one.wait_s = WAIT_S
        self._say.note(
            "warning",
            f"{one.name} {ending}; starting it again in {one.wait_s:g} s",
            child=one.name,
            status=status,
        )
        one.due = self._clock() + one.wait_s
        one.wait_s = min(one.wait_s * 2, LONGEST_WAIT_S)

    def _start_again(self, one: _Watched) -> None:
        one.due = None
        try:
            one.child.stop()
            one.child.start()
        except Exception as error:
            self._say.note("warning", f"{one.name} could not start: {error}", child=one.name)
            one.due = self._clock() + one.wait_s
            one.wait_s = min(one.wait_s * 2, LONGEST_WAIT_S)
            return
        one.since = self._clock()
        self._say.note("done", f"{one.name} is back", child=one.name)


def _name(one: _Watched) -> str:
    return one.name.removeprefix("the ")


def _ending(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
