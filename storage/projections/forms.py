"""What a projection is given and what it must be."""

from typing import Any, NamedTuple, Protocol

from sqlalchemy import ARRAY, ColumnElement, Table, Text, any_, literal
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

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Take these facts into the tables."""


def among(column: ColumnElement[Any], values: set[str]) -> ColumnElement[bool]:
    """Rows whose text is one of these, however many they are."""
    return column == any_(literal(sorted(values), ARRAY(Text)))
