"""What a projection is given and what it must be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import asyncpg
import msgspec
from sqlalchemy import ARRAY, ColumnElement, Table, TableValuedAlias, Text, any_, func, literal, select, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.forms import Fact
from actors.values import Micros, Ref


class Happened(NamedTuple):
    """One fact where it stands in the journal: (slot, seq, nth of its page) is its id for ever."""

    slot: int
    seq: int
    nth: int
    ref: Ref
    at: Micros
    fact: Fact


class Projection(Protocol):
    """A fold of facts into tables that only it writes.

    Facts of one slot come in order and once; between slots there is no order, so rows fed by several slots must
    come out the same in any.
    """

    @property
    def name(self) -> str:
        """Its name in `projected`."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that are its own."""

    @property
    def hears(self) -> tuple[type[Fact], ...]:
        """The facts that it is told of."""

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Take these facts into the tables."""


def among(column: ColumnElement[Any], values: set[str]) -> ColumnElement[bool]:
    """Rows whose text is one of these, however many they are."""
    return column == any_(literal(sorted(values), ARRAY(Text)))


def table_of(name: str, /, **columns: tuple[Any, Iterable[Any]]) -> TableValuedAlias:
    """Columns of values (each with its type) as a table of this name."""
    arrays = (literal(list(values), ARRAY(kind)) for kind, values in columns.values())
    return func.unnest(*arrays).table_valued(*columns).render_derived(name)


def put(table: Table, columns: Mapping[str, Sequence[Any]]) -> Insert:
    """An INSERT of these columns of values: one statement of so many arrays, however many the rows."""
    new = table_of("new", **{name: (table.c[name].type, values) for name, values in columns.items()})
    return insert(table).from_select(list(columns), select(*new.c))


def columns_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Rows (at least one) as columns of these names."""
    return dict(zip(names, zip(*rows, strict=True), strict=True))


async def add(connection: AsyncConnection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Adds rows none of which is there already, by COPY: cheaper than arrays to write and to take in."""
    line = (await connection.get_raw_connection()).driver_connection
    assert isinstance(line, asyncpg.Connection)
    if not line.is_in_transaction():
        await connection.execute(text("SELECT 1"))  # the transaction begins with the first statement
    await line.copy_records_to_table(table.name, columns=names, records=rows)


async def write(connection: AsyncConnection, table: Table, key: list[str], rows: Collection[msgspec.Struct]) -> None:
    """These rows as they are now, known or new; in order, so that two writers do not block each other."""
    names = [column.name for column in table.columns]
    values = sorted((msgspec.structs.astuple(row) for row in rows), key=lambda row: row[: len(key)])
    new = put(table, columns_of(names, values))
    set_ = {name: new.excluded[name] for name in names[len(key) :]}
    await connection.execute(new.on_conflict_do_update(index_elements=key, set_=set_))
