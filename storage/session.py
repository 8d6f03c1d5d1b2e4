"""One session of the server in one world, by the bare driver: what a cell needs, and nothing else of this room.

A world is a PostgreSQL schema: its name is the session's `search_path`, so that every table is written without it.
"""

import re
import time
from urllib.parse import quote, unquote

import asyncpg

from actors.values import Micros

CONNECT_S = 10.0

_URL = re.compile(r"postgres(?:ql)?(?:\+\w+)?://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?(?P<rest>.*)", re.DOTALL)
_WORLD = re.compile(r"[a-z][a-z0-9_]{0,47}")
_KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


def now_us() -> Micros:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


def checked_world(world: str) -> str:
    """The name itself, if it may be the name of a world; ValueError otherwise."""
    if not _WORLD.fullmatch(world) or world.startswith("pg_"):
        raise ValueError(f"not a name for a world: {world!r} (a-z, 0-9 and _, a letter first, at most 48)")
    return world


def session_settings(world: str, name: str) -> dict[str, str]:
    """What every session of ours asks of the server."""
    return {"search_path": checked_world(world), "application_name": f"yunparking {name}"[:63], **_KEEPALIVE}


def plain_url(url: str) -> str:
    """The address as asyncpg and psql read it: without the name of a driver (`postgresql+asyncpg://…`), and with the
    login quoted, whatever signs a password has. ValueError for another address, which is not told: it may have one.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("not the address of a PostgreSQL")
    login = [quote(unquote(part), safe="") for part in found.group("user", "password") if part is not None]
    return f"postgresql://{':'.join(login)}{'@' if login else ''}{found['rest']}"


async def connect(url: str, world: str, name: str, statement_s: float | None = None) -> asyncpg.Connection:
    """One bare connection into a world; parameters of the address (`sslmode`) mean what they mean to psql."""
    settings = session_settings(world, name)
    return await asyncpg.connect(
        plain_url(url), server_settings=settings, timeout=CONNECT_S, command_timeout=statement_s
    )
