"""The ledger's lines, from the facts that move money; what each wallet's actor says it has stands beside them."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.account import WalletMoved
from storage.ledger.booking import BOOKED, book
from storage.ledger.calendar import HOLD, calendar
from storage.ledger.dates import Calendar
from storage.projections.forms import Happened, columns_of, put
from storage.schema.books import ledger_lines, wallets

_LINE = tuple(column.name for column in ledger_lines.columns)
_WALLET = tuple(column.name for column in wallets.columns)


class LedgerLines:
    """One row a line. A fact's place in the journal is its entry's key, so that what is booked twice is booked once."""

    name = "ledger"
    tables: tuple[Table, ...] = (ledger_lines,)
    hears = tuple(BOOKED)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Lines whose place is taken are there already: an entry is never written anew."""
        await connection.execute(HOLD)
        rows = rows_of(happened, await calendar(connection))
        if rows:
            await connection.execute(put(ledger_lines, columns_of(_LINE, rows)).on_conflict_do_nothing())


class Wallets:
    """The last word of each account's actor on its balance."""

    name = "wallets"
    tables: tuple[Table, ...] = (wallets,)
    hears = (WalletMoved,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Of one account all facts are in one slot, in order: the last stands."""
        last: dict[str, tuple[Any, ...]] = {}
        for each in happened:
            fact = each.fact
            if isinstance(fact, WalletMoved):
                balances = (fact.balance_fen, fact.balance_gift_fen)
                last[each.ref.key] = (each.ref.key, *balances, each.slot, each.seq, each.nth)
        new = put(wallets, columns_of(_WALLET, [last[key] for key in sorted(last)]))
        set_ = {name: new.excluded[name] for name in _WALLET[1:]}
        await connection.execute(new.on_conflict_do_update(index_elements=["account"], set_=set_))


def rows_of(happened: list[Happened], dates: Calendar) -> list[tuple[Any, ...]]:
    """The rows of what these facts book, in the columns' order."""
    rows: list[tuple[Any, ...]] = []
    for slot, seq, nth, ref, at, fact in happened:
        entry = book(ref, at, fact)
        if entry is None:
            continue
        day, late_for = dates.booked(slot, seq, entry.operator, entry.occurred_us, at)
        about = (type(fact).__name__, entry.occurred_us, day, late_for, *entry[1:6])
        rows += [(slot, seq, nth, line, *each, *about) for line, each in enumerate(entry.lines)]
    return rows
