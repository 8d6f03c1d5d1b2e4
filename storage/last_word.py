"""What a worker says when it must end: why, to those who look at recoveries later."""

from actors.values import Micros
from storage.session import connect

WORD_MOST = 500
_LAST_WORD = """
    INSERT INTO recoveries (worker, life, lost_us, why) VALUES ($1, $2, $3, $4)
    ON CONFLICT (worker, life) DO UPDATE SET why = excluded.why
"""


async def last_word(url: str, world: str, worker: str, life: int, at: Micros, why: str) -> None:
    """Why this life ends, told over a connection of its own: all others may be what is wrong."""
    connection = await connect(url, world, f"{worker} last word", statement_s=1.0)
    try:
        await connection.execute(_LAST_WORD, worker, life, at, why[:WORD_MOST])
    finally:
        await connection.close()
