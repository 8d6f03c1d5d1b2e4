"""The steps by which a world's tables came to be what they are.

Each world keeps its own place among the steps in its own `alembic_version`. One `migrate` at a time per
world: the command that starts the platform is the one who calls it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine
from storage.months import make_months
from storage.session import checked_world, now_us


async def migrate(url: str, world: str, upto: str = "head") -> None:
    """Make the world if it is not there, and bring its tables up to date."""
    engine = open_engine(url, world, "migrate", pool=1)
    try:
        await _create(engine, world)
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, world, upto)
            if upto == "head":
                await make_months(connection, now_us())
    finally:
        await engine.dispose()


async def drop_world(url: str, world: str) -> None:
    """Forget a whole world: a finished simulation run, a test."""
    engine = open_engine(url, world, "drop", pool=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {checked_world(world)} CASCADE"))
    finally:
        await engine.dispose()


async def _create(engine: AsyncEngine, world: str) -> None:
    async with engine.begin() as connection:
        known = text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :world")
        if not (await connection.execute(known, {"world": world})).first():
            await connection.execute(text(f"CREATE SCHEMA {checked_world(world)}"))


def _upgrade(connection: Connection, world: str, upto: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    settings.attributes["world"] = world
    command.upgrade(settings, upto)
