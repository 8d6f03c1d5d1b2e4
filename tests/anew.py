"""All derived tables folded anew from page 1, in a world beside the live one, and compared whole with the live ones."""

from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import open_engine
from storage.migrations import drop_world
from storage.projections import PROJECTIONS, Projector
from storage.projections.projector import PAGES_A_ROUND, Decode
from storage.schema.notices import notices
from storage.session import connect
from tests.city.waiting import eventually

DERIVED: tuple[Table, ...] = (*(table for each in PROJECTIONS for table in each.tables), notices)
"""What projections write; `notices` is the projector's and the senders'."""

READ = ("journal", "slots", "lots", "city", "reference", "closings", "contacts")
"""What the projector reads beside its own tables: of these there is only the live world's."""

OF_SENDERS = frozenset({"state", "tries", "owner", "held_until", "sent_us", "said", "error"})
"""What became of a notice is no fact: senders write it beside what the projector has added."""

WITHOUT = {"lot_counts": "n <> 0"}
"""Whether a state that no bay shows any more has a row with 0, or never had one, depends on where rounds ended."""

SHOWN_MOST = 10
"""So many of the rows that differ are shown, of each table."""

_UNEQUALLY_FAR = """
    SELECT count(*) FROM projected AS anew LEFT JOIN {live}.projected AS live USING (projection, slot)
    WHERE anew.seq <> coalesce(live.seq, 0)
"""


async def comes_out_the_same(url: str, live: str, decode: Decode) -> None:
    """The tables of this world are, row by row, what its journal says. Nothing of the live world is written to, and it
    may go on meanwhile: tables are compared when both sides have taken the same pages.
    """
    anew = f"{live}_anew"
    await _world_beside(url, live, anew)
    engine = open_engine(url, anew, "anew", pool=1)
    projector, found = Projector(engine, decode, PROJECTIONS), list[str]()

    async def compared() -> bool:
        with patch("storage.projections.projector.PAGES_A_SLOT", PAGES_A_ROUND):
            await projector.catch_up()  # in as few rounds as can be, where the live one took many
        async with engine.begin() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))  # both at one moment
            if (await connection.execute(text(_UNEQUALLY_FAR.format(live=live)))).scalar():
                return False
            found[:] = [line for table in DERIVED for line in await _differing(connection, table, live)]
            return True

    try:
        await eventually(compared, "the live tables are as far as the journal")
    finally:
        await engine.dispose()
        await drop_world(url, anew)
    assert not found, "\n".join(["projections from page 1 are not the live ones", *found])


async def _world_beside(url: str, live: str, anew: str) -> None:
    """A world whose derived tables are its own and empty; all that they are made of is the live world's."""
    connection = await connect(url, live, "anew")
    try:
        await connection.execute(f"DROP SCHEMA IF EXISTS {anew} CASCADE; CREATE SCHEMA {anew}")
        await connection.execute("; ".join(_statements(live, anew)))
    finally:
        await connection.close()


def _statements(live: str, anew: str) -> Iterator[str]:
    """Without the indexes that only lists need. All places begin at 0 and are written here, and the planner knows
    how many: a projector that has to add them takes as long for that as for all the rest.
    """
    yield f"CREATE UNLOGGED TABLE {anew}.projected AS SELECT projection, slot, 0::bigint AS seq FROM {live}.projected"
    yield f"ALTER TABLE {anew}.projected ADD PRIMARY KEY (projection, slot)"
    yield f"ANALYZE {anew}.projected"
    for table in DERIVED:
        key = ", ".join(column.name for column in table.primary_key)
        like = f"LIKE {live}.{table.name} INCLUDING DEFAULTS, PRIMARY KEY ({key})"
        yield f"CREATE UNLOGGED TABLE {anew}.{table.name} ({like})"
    for name in READ:
        yield f"CREATE VIEW {anew}.{name} AS SELECT * FROM {live}.{name}"


async def _differing(connection: AsyncConnection, table: Table, live: str) -> list[str]:
    """Which rows only one of the two has, however often; nothing where they are the same."""
    names = [column.name for column in table.columns if table is not notices or column.name not in OF_SENDERS]
    own = f"SELECT {', '.join(names)} FROM {{}}{table.name} WHERE {WITHOUT.get(table.name, 'true')}"
    mine, theirs = own.format(""), own.format(f"{live}.")
    query = f"""
        (SELECT 'live' AS only, * FROM ({theirs} EXCEPT ALL {mine}) AS more)
        UNION ALL (SELECT 'from page 1', * FROM ({mine} EXCEPT ALL {theirs}) AS less)
    """
    rows = (await connection.execute(text(query))).all()
    shown = [_line(names, row) for row in sorted(rows, key=_by_its_values)]
    more = [f"  and {len(shown) - SHOWN_MOST} more"] if len(shown) > SHOWN_MOST else []
    return [f"{table.name}: {len(rows)} rows differ", *shown[:SHOWN_MOST], *more] if rows else []


def _by_its_values(row: Sequence[Any]) -> str:
    """A row as it is and as it should be stand beside each other."""
    return repr(row[1:])


def _line(names: Sequence[str], row: Sequence[Any]) -> str:
    said = ", ".join(f"{name}={value!r}" for name, value in zip(names, row[1:], strict=True))
    return f"  only {row[0]}: {said}"
