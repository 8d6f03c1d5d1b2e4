"""The ledger as people read it: lines by what they are about, newest first, and what they leave in each account."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, case, cast, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.channel import PaidOut
from actors.messages.forms import Fact
from actors.messages.merchant import MerchantSettled
from actors.values import Micros
from storage.ledger import accounts
from storage.ledger.periods import places
from storage.ledger.proof import Proof, prove
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.books import ledger_lines as lines


class LineRow(Row, frozen=True):
    """A line: debit + or credit − of so many fen, made of which fact; `id` is its place in the journal, `entry` that of
    its entry. `late_for` is the closed period that it came too late for.
    """

    id: str
    entry: str
    account: str
    fen: int
    fact: str
    occurred_us: Micros
    business_date: date
    late_for: int | None
    operator: str
    lot: str
    session: str
    payment: str
    owner: str


class BalanceRow(Row, frozen=True):
    """What an account was debited and credited, and what that leaves (debit +)."""

    account: str
    debit_fen: int
    credit_fen: int
    balance_fen: int


class Trial(NamedTuple):
    """All accounts' balances, at these places of the journal (slot → page)."""

    places: dict[str, int]
    rows: list[BalanceRow]


class About(NamedTuple):
    """Which lines; empty: all. `account` alone stands for all that begin with it and a colon, too."""

    account: str = ""
    operator: str = ""
    lot: str = ""
    session: str = ""
    payment: str = ""
    owner: str = ""
    from_date: date | None = None
    to_date: date | None = None
    late: bool | None = None


_KEY = (lines.c.occurred_us, lines.c.slot, lines.c.seq, lines.c.nth, lines.c.line)
_DASH = literal("-", Text)
_ENTRY = cast(lines.c.slot, Text) + _DASH + cast(lines.c.seq, Text) + _DASH + cast(lines.c.nth, Text)
_LINES = select(
    (cast(lines.c.occurred_us, Text) + _DASH + _ENTRY + _DASH + cast(lines.c.line, Text)).label("id"),
    _ENTRY.label("entry"),
    *list(lines.columns)[4:],
)


class Books:
    """Read-only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lines(self, about: About, after: str | None = None, limit: int = 100) -> list[LineRow]:
        """Newest first, after the id of the last one seen; ValueError for an `after` that is no id of a line."""
        query = _about(_LINES, about)
        if after is not None:
            query = query.where(tuple_(*_KEY) < tuple_(*(int(part) for part in after.split("-"))))
        query = query.order_by(*(column.desc() for column in _KEY)).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, LineRow)

    async def balances(self, about: About, whole: bool = False) -> Trial:
        """What these lines leave in each account; `whole`: accounts of one head (`cash`, `income`) as one."""
        account = func.split_part(lines.c.account, ":", 1) if whole else lines.c.account
        query: Select[Any] = select(
            account.label("account"),
            _sum(case((lines.c.fen > 0, lines.c.fen), else_=0)).label("debit_fen"),
            _sum(case((lines.c.fen < 0, -lines.c.fen), else_=0)).label("credit_fen"),
            _sum(lines.c.fen).label("balance_fen"),
        )
        query = _about(query.group_by(account).order_by(account), about)
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            return Trial(await places(connection), await rows(connection, query, BalanceRow))

    async def taken(self, channel: str) -> int:
        """What this channel has taken for us in all, refunds deducted and payouts not, as far as it is booked."""
        return await self._but(accounts.transit(channel), PaidOut)

    async def owed_by(self, merchant: str) -> int:
        """What this merchant came to owe us in all (negative: we them), before settlements, as far as it is booked."""
        return await self._but(accounts.merchant(merchant), MerchantSettled)

    async def _but(self, account: str, fact: type[Fact]) -> int:
        """What an account holds, but for the lines of one fact."""
        query = select(func.coalesce(_sum(lines.c.fen), 0))
        query = query.where(lines.c.account == account, lines.c.fact != fact.__name__)
        async with self._engine.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def prove(self, quiet: bool = False) -> Proof:
        """Whether the ledger keeps its laws; `not_level` while a table is being made again."""
        return await prove(self._engine, quiet)


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.sum(column), BigInteger)


def _about(query: Select[Any], about: About) -> Select[Any]:
    names = ("operator", "lot", "session", "payment", "owner")
    query = only(query, **{name: (lines.c[name], getattr(about, name)) for name in names})
    if about.account:
        below = lines.c.account.startswith(f"{about.account}:", autoescape=True)
        query = query.where(or_(lines.c.account == about.account, below))
    if about.from_date is not None:
        query = query.where(lines.c.business_date >= about.from_date)
    if about.to_date is not None:
        query = query.where(lines.c.business_date <= about.to_date)
    if about.late is not None:
        query = query.where(lines.c.late_for.is_not(None) if about.late else lines.c.late_for.is_(None))
    return query
