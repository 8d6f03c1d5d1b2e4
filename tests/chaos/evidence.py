"""What a city says for itself when it does not do what a test waits for: the failure bears it."""

import asyncio
import signal
from pathlib import Path

from sqlalchemy import text

from storage.database import open_engine
from tests.city.whole import Whole

STACKS_S = 1.0
LINES = 60
LINES_OF_AN_ERROR = 150

_BUSY = text("""
    SELECT pid, application_name, state, wait_event, now() - xact_start, pg_blocking_pids(pid), left(query, 120)
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
""")


async def evidence(city: Whole) -> str:
    """Who waits for what in the database, and the end of the gateway's log with where its threads stand."""
    process = city.gateway.program.process
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGUSR1)
        await asyncio.sleep(STACKS_S)  # it says nothing when it has written them
    return f"in the database:\n{await _busy(city)}\nthe gateway's last words:\n{_end_of(city.gateway.program.log)}"


def traced(city: Whole, trace_id: str) -> str:
    """What the gateway wrote of the request that bore this trace id: an error with all that led to it."""
    lines = city.gateway.program.log.read_text(errors="replace").splitlines()
    first = next((n for n, line in enumerate(lines) if trace_id in line), len(lines))
    return "\n".join(lines[first : first + LINES_OF_AN_ERROR])


async def _busy(city: Whole) -> str:
    engine = open_engine(city.town.url, city.town.world, "evidence", pool=1)
    try:
        async with engine.connect() as connection:
            return "\n".join(map(str, await connection.execute(_BUSY))) or "nobody works"
    except Exception as error:  # this too is what there is to say
        return repr(error)
    finally:
        await engine.dispose()


def _end_of(log: Path) -> str:
    return "\n".join(line[:200] for line in log.read_text(errors="replace").splitlines()[-LINES:])
