"""How a list is read: pages by key, rows as structs."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.rows import Row

S = TypeVar("S", bound=Row)


async def rows(connection: AsyncConnection, query: Select[Any], shape: type[S]) -> list[S]:
    """All rows of a query in this shape."""
    found = await connection.execute(query)
    return [msgspec.convert(row, shape, from_attributes=True) for row in found]


def page(query: Select[Any], key: ColumnElement[Any], after: str | None, limit: int) -> Select[Any]:
    """The next `limit` rows in order of this unique key."""
    query = query.order_by(key).limit(limit)
    return query if after is None else query.where(key > after)


def only(query: Select[Any], **wanted: tuple[ColumnElement[Any], object]) -> Select[Any]:
    """Rows that equal every (column, value) whose value is neither empty nor None."""
    for column, value in wanted.values():
        if value not in ("", None):
            query = query.where(column == value)
    return query


def total(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sum of a column over all rows that were found, 0 over none; PostgreSQL's own would be no 64-bit number."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def naming(query: Select[Any], part: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """Rows of which one column contains this part, in capitals or not; an empty part is in all."""
    if not part:
        return query
    return query.where(or_(*(column.icontains(part, autoescape=True) for column in columns)))
