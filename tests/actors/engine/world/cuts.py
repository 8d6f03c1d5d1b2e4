"""How often the slots of a schedule get a snapshot: by its seed, and not by the slot."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from actors.engine import due


@contextmanager
def cut_by(seed: int) -> Iterator[None]:
    """Every two, five or five hundred pages."""
    with patch.object(due, "SNAPSHOT_PAGES", (2, 5, 500)[seed % 3]), patch.object(due, "earliness", lambda number: 1.0):
        yield
