"""How often the slots of a schedule get a snapshot, and how soon who is over leaves: by its seed, not by the slot."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from actors.engine import due, gone
from tests.actors.engine.world.toys import TICK_US

NEVER_US = 1 << 60


@contextmanager
def cut_by(seed: int) -> Iterator[None]:
    """Every two, five or five hundred pages; who is over leaves at the next, at one a little later, or never."""
    with (
        patch.object(due, "SNAPSHOT_PAGES", (2, 5, 500)[seed % 3]),
        patch.object(due, "earliness", lambda number: 1.0),
        patch.object(gone, "LOOK_EVERY_US", (0, TICK_US)[seed % 2]),
        patch.object(gone, "AFTER_US", 0 if seed % 5 else NEVER_US),
    ):
        yield
