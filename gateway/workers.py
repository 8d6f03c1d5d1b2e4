"""What runs in processes of its own, and the settings each is made from: the factories that Ray calls by name."""

import logging
import os
import secrets
import time

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.cell import Cell
from actors.engine.cluster import Cluster
from actors.kinds import KINDS
from storage.journal import PostgresJournal

FENCED_EXIT = 70


class CellSettings(msgspec.Struct, frozen=True):
    """What one cell needs to know; the same for every life of it."""

    name: str
    database_url: str
    world: str
    dedicated_kinds: list[str] = []
    virtual: bool = False


def now_us() -> int:
    """The wall clock, in microseconds: only doors and cells read it."""
    return time.time_ns() // 1000


def city() -> Catalogue:
    """All kinds of the city."""
    return Catalogue(KINDS)


def cell(settings: bytes) -> Cell:
    """A cell, in this process; it ends the process when it must not go on."""
    known = msgspec.msgpack.decode(settings, type=CellSettings)
    return Cell(
        known.name,
        secrets.randbits(62),
        city(),
        PostgresJournal(known.database_url, known.world, known.name),
        Cluster().call,
        now_us,
        end_process,
        frozenset(known.dedicated_kinds),
        known.virtual,
    )


def end_process(reason: BaseException) -> None:
    """On any doubt a process exits; whoever supervises it starts another, which folds the journal again."""
    logging.getLogger("yunparking").error("this cell must end: %s: %s", type(reason).__name__, reason)
    os._exit(FENCED_EXIT)
