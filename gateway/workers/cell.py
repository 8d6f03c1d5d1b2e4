"""A cell as a process."""

import msgspec

from actors.engine.cell import Cell
from actors.engine.cluster import Cluster, Worker
from gateway.large_pages import seek_large_pages
from gateway.observed import Observed
from gateway.workers import Life, WorkerSettings, city, settle
from storage.journal import PostgresJournal
from storage.session import now_us


def cell(settings: bytes) -> Worker:
    """A cell: many thousand actors in one process."""
    settle()
    seek_large_pages()
    known = msgspec.msgpack.decode(settings, type=WorkerSettings)
    life = Life(known)
    carried = Cell(
        known.name,
        life.number,
        city(),
        PostgresJournal(known.database_url, known.world, known.name),
        Cluster(known.namespace).call,
        now_us,
        life.end,
        frozenset(known.dedicated_kinds),
        known.virtual,
    )
    return Observed(carried, life.number)
