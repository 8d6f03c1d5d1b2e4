"""The condition of a database as a doctor sees it: reachable, which version, how safe, how far migrated."""

from typing import NamedTuple

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

import storage.migrations
from storage.database import open_engine
from storage.gateways import Seen, running
from storage.jobs import JobRow, standing
from storage.session import checked_world, connect


class DatabaseCondition(NamedTuple):
    """What the server says of itself and of one world; `step` is None when the world is not there."""

    version: str
    synchronous_commit: str
    step: str | None
    newest_step: str


async def database_condition(url: str, world: str) -> DatabaseCondition:
    """Ask the server; OSError, TimeoutError or asyncpg's PostgresError when it does not answer or let us in."""
    connection = await connect(url, world, "doctor")
    try:
        step = None
        if await connection.fetchval("SELECT to_regclass($1)", f"{checked_world(world)}.alembic_version"):
            step = await connection.fetchval(f"SELECT version_num FROM {checked_world(world)}.alembic_version")  # noqa: S608
        return DatabaseCondition(
            await connection.fetchval("SHOW server_version"),
            await connection.fetchval("SHOW synchronous_commit"),
            step,
            newest_step(),
        )
    finally:
        await connection.close()


async def gateways_running(url: str, world: str) -> tuple[Seen, list[JobRow]]:
    """Which gateways of this world live, who takes which frames, how jobs stand; nothing if it is not there or old."""
    known = await database_condition(url, world)
    if known.step != known.newest_step:
        return Seen(True, [], []), []
    engine = open_engine(url, world, "doctor", pool=1)
    try:
        return await running(engine), await standing(engine)
    finally:
        await engine.dispose()


def newest_step() -> str:
    """The last of the steps that this version of YunParking knows."""
    settings = Config()
    settings.set_main_option("script_location", storage.migrations.__path__[0].replace("%", "%%"))
    return ScriptDirectory.from_config(settings).get_current_head() or ""


UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What it may raise."""
