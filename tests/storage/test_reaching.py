"""Which of the database's errors mean: it is away, ask again soon."""

import pytest
from sqlalchemy import text

from storage.database import open_engine
from storage.reaching import is_away, to_be_traced

SAYS = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"
ERRORS = [
    ("SELECT pg_terminate_backend(pg_backend_pid())", True),
    (SAYS.format("disk_full"), True),
    (SAYS.format("too_many_connections"), True),
    (SAYS.format("cannot_connect_now"), True),
    (SAYS.format("crash_shutdown"), True),
    (SAYS.format("io_error"), True),
    (SAYS.format("unique_violation"), False),
    (SAYS.format("query_canceled"), False),
    ("SELECT 1 / 0", False),
    ("SELECT nothing", False),
]


@pytest.mark.parametrize(("statement", "away"), ERRORS)
async def test_an_error_tells_whether_to_ask_again(database_url: str, world: str, statement: str, away: bool) -> None:
    engine = open_engine(database_url, world)
    try:
        with pytest.raises(Exception) as caught:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        assert is_away(caught.value) is away
        assert (to_be_traced(caught.value) is None) is away
    finally:
        await engine.dispose()
