"""A line tells what may be asked again from what never can be."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from actors.engine.journal import Page, Stretch, Unknown
from storage.journal import PostgresJournal
from storage.line import OUR_FAULT
from tests.storage.conftest import Home

SOUND = Page(slot=5, seq=1, lease=1, flight=1, at=1_000, body=b"\x90")


@pytest.fixture
async def journal(home: Home) -> AsyncIterator[PostgresJournal]:
    journal = PostgresJournal(*home, name="cell-0")
    yield journal
    await journal.close()


@pytest.mark.parametrize("wrong", [{"flight": 1 << 63}, {"seq": -(1 << 63) - 1}, {"body": "text"}, {"at": None}])
async def test_what_can_never_be_stored_ends_the_process(journal: PostgresJournal, wrong: dict[str, Any]) -> None:
    """It is neither `Unknown`, which would be tried for ever, nor anything that a cell takes for an answer."""
    with pytest.raises(OUR_FAULT):
        await journal.append([SOUND._replace(slot=4), SOUND._replace(**wrong)])
    assert await journal.heads([4, 5]) == {}


async def test_a_wrong_question_ends_the_process(journal: PostgresJournal) -> None:
    with pytest.raises(asyncpg.DataError):
        await journal.read([Stretch(1 << 40, 0, 1)])
    with pytest.raises(asyncpg.InterfaceError):
        await journal._reads.say(lambda connection: connection.fetch("SELECT $1::int"))
    assert await journal.read([Stretch(7, 0, 1)]) == {}


async def test_a_closed_connection_is_nobodys_fault(journal: PostgresJournal) -> None:
    async def close_and_ask(connection: asyncpg.Connection) -> None:
        connection.terminate()
        await connection.fetch("SELECT 1")

    with pytest.raises(Unknown):
        await journal._reads.say(close_and_ask)
    assert await journal.read([Stretch(7, 0, 1)]) == {}
