"""The audit: who changed what, written in the transaction of the change."""

from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.values import Micros, uuid7
from storage.schema.records import audit


class Change(NamedTuple):
    """One change: `created bay/66222`, as it was and as it is."""

    verb: str
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


async def write_audit(connection: AsyncConnection, who: str, at: Micros, changes: list[Change]) -> None:
    """One row for each change."""
    rows = [{"id": uuid7(at), "at": at, "who": who, **change._asdict()} for change in changes]
    if rows:
        await connection.execute(insert(audit), rows)
