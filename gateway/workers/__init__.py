"""What runs in processes of its own, a file each, with the factory that Ray calls by name; and what each is made from.

A cell imports no more than it needs: how soon it is back after its death is mostly how long that takes.
"""

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import threading
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from actors.engine.catalogue import Catalogue
from actors.kinds import KINDS, PORTS
from storage.last_word import last_word
from storage.processors import stand_alone
from storage.session import now_us

if TYPE_CHECKING:
    from gateway.settings import Settings

DOUBT_EXIT = 70
LAST_WORD_S = 1.0
VIEWS = "views"
PROJECTOR = "projector"

log = logging.getLogger("yunparking.workers")


class WorkerSettings(msgspec.Struct, frozen=True):
    """What a worker needs to know; the same for every life of it."""

    name: str
    database_url: str
    world: str
    namespace: str
    dedicated_kinds: list[str] = []
    virtual: bool = False


def worker_settings(settings: "Settings") -> WorkerSettings:
    """What the workers of this world are made from; each gets its own name."""
    world, dedicated = settings.world, settings.placement.dedicated()
    return WorkerSettings("", settings.database.url, world, namespace_of(world), dedicated)


def namespace_of(world: str) -> str:
    """The names of a world's workers are their own: two worlds in one Ray cluster never meet."""
    return f"yunparking-{world}"


@cache
def city() -> Catalogue:
    """All kinds of the city, and the ports that they may ask; made once, for nothing about it ever changes."""
    return Catalogue(KINDS, PORTS)


class Life:
    """One life of a worker: a number that no other life has, and how it ends."""

    def __init__(self, known: WorkerSettings) -> None:
        self._known = known
        self.number = secrets.randbits(62)

    def end(self, reason: BaseException) -> None:
        """On any doubt a process exits; whoever supervises it starts another, which folds the journal again."""
        why = f"{type(reason).__name__}: {reason}"
        log.critical("this process must end: %s", why)
        # In a thread, with a loop of its own and little time: nothing of this process can be relied on any more.
        word = threading.Thread(target=self._say, args=(why,), daemon=True)
        word.start()
        word.join(LAST_WORD_S)
        os._exit(DOUBT_EXIT)

    def _say(self, why: str) -> None:
        known = self._known
        with contextlib.suppress(Exception):
            asyncio.run(last_word(known.database_url, known.world, known.name, self.number, now_us(), why))

    def ends_with(self, task: "asyncio.Task[None]") -> None:
        """The process ends if this task fails."""
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.end(task.exception() or EOFError())


def settle() -> None:
    """What every worker that Ray starts does first."""
    stand_alone()
    collect_seldom()


def collect_seldom() -> None:
    """Lets the collector look a hundred times less often: these processes hold much and tie hardly any knots."""
    gc.freeze()
    gc.set_threshold(70_000, 20, 20)
