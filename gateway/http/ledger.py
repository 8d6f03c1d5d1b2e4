"""The ledger over HTTP: lines, balances, the proof of its laws, and periods that staff close and open again."""

import re
from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.channel import NotePayout, PayoutKnown
from actors.messages.merchant import NoteSettlement, SettlementKnown
from actors.values import Ref
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import tell
from gateway.http.shown import Next
from gateway.http.shown_campaigns import Merchant
from storage.ledger.books import About, BalanceRow, LineRow
from storage.ledger.periods import PeriodRow
from storage.ledger.proof import Proof

LINE: Final = re.compile(r"\d{1,18}(-\d{1,18}){4}", re.ASCII)
PERIOD: Final = re.compile(r"[12]\d{3}(0[1-9]|1[0-2])", re.ASCII)

Name = Annotated[str, msgspec.Meta(max_length=200, description="Only of this one; empty: of all")]
Day = Annotated[date | None, msgspec.Meta(description="A business date")]


class WhichLines(Paged, frozen=True):
    """Which lines. `account` alone stands for all that begin with it and a colon, too (`income`: of every lot); `late`:
    only those that came after their period was closed, or only the others.
    """

    account: Name = ""
    operator: Name = ""
    lot: Name = ""
    session: Name = ""
    payment: Name = ""
    owner: Name = ""
    from_date: Day = None
    to_date: Day = None
    late: bool | None = None


class WhichBalances(Typed, frozen=True):
    """Of which lines; `whole`: accounts of one head (`cash`, `income`) as one."""

    account: Name = ""
    operator: Name = ""
    lot: Name = ""
    from_date: Day = None
    to_date: Day = None
    whole: bool = False


class WhichLaws(Typed, frozen=True):
    """`quiet`: also the laws that hold when nothing is under way between two actors or with a provider."""

    quiet: bool = False


class Lines(Shown, frozen=True):
    """One page of lines, newest first."""

    items: list[LineRow]
    next: Next


class Balances(Shown, frozen=True):
    """What the lines leave in each account (debit +), at these places of the journal (slot → page)."""

    items: list[BalanceRow]
    places: dict[str, int]


class Periods(Shown, frozen=True):
    """Months of business days, newest first."""

    items: list[PeriodRow]


class Why(Typed, frozen=True):
    """Why a period is closed or opened again; kept with who did it."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class NewPayout(Typed, frozen=True):
    """A provider's payout as the bank's statement and the provider's bill say: what came, and the fee that was kept."""

    channel: Literal["wechat", "alipay", "unionpay", "aggregate", "card", "city_card"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="The provider's own number of it")]
    fen: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    fee_fen: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    paid_us: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]


class Payout(Shown, frozen=True):
    """A payout that is booked."""

    channel: str
    id: str
    fen: int
    fee_fen: int


class NewSettlement(Typed, frozen=True):
    """Money in the bank, as its statement says: the merchant paid so much, or (negative) got what is owed to them."""

    merchant: Merchant
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="The statement's own number of it")]
    fen: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
    paid_us: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]


class Settlement(Shown, frozen=True):
    """A settlement that is booked."""

    merchant: str
    id: str
    fen: int


async def lines(house: House, call: Call[WhichLines, None]) -> Lines:
    """Lines, newest first."""
    query = call.query
    about = About(*(getattr(query, name) for name in About._fields))
    rows = await house.books.lines(about, key_after(query, LINE), query.limit + 1)
    return Lines(*page_of(rows, query.limit, lambda row: row.id))


async def balances(house: House, call: Call[WhichBalances, None]) -> Balances:
    """What each account holds."""
    asked = call.query
    about = About(asked.account, asked.operator, asked.lot, from_date=asked.from_date, to_date=asked.to_date)
    trial = await house.books.balances(about, asked.whole)
    return Balances(trial.rows, trial.places)


async def proof(house: House, call: Call[WhichLaws, None]) -> Proof:
    """Whether the ledger keeps its laws, now."""
    return await house.books.prove(call.query.quiet)


async def periods(house: House, call: Call[NoQuery, None]) -> Periods:
    """All periods that have lines or were ever closed."""
    return Periods(await house.periods.listed())


async def close(house: House, call: Call[NoQuery, Why]) -> PeriodRow:
    """A period that takes no line any more."""
    return await house.periods.close(_period(call.path["period"]), call.user.name, call.body.reason)


async def reopen(house: House, call: Call[NoQuery, Why]) -> PeriodRow:
    """A closed period that takes lines again."""
    return await house.periods.reopen(_period(call.path["period"]), call.user.name, call.body.reason)


async def payout(house: House, call: Call[NoQuery, NewPayout]) -> Payout:
    """A provider's money is in the bank; booked once for each of its numbers, and never more than was in transit. Of
    two at once the channel's actor takes what fits; money that is not a line yet is not there yet.
    """
    body = call.body
    taken_fen = await house.books.taken(body.channel)
    said = NotePayout(body.id, body.fen, body.fee_fen, body.paid_us, call.user.name, taken_fen)
    reply = await tell(house, Ref("channel", body.channel), said)
    assert isinstance(reply, PayoutKnown)
    return Payout(body.channel, reply.payout, reply.fen, reply.fee_fen)


async def settlement(house: House, call: Call[NoQuery, NewSettlement]) -> Settlement:
    """Booked once for each of its numbers; a merchant gets no more than is owed to them, of two at once what fits."""
    body = call.body
    booked_fen = await house.books.owed_by(body.merchant)
    said = NoteSettlement(body.id, body.fen, body.paid_us, call.user.name, booked_fen)
    reply = await tell(house, Ref("merchant", body.merchant), said)
    assert isinstance(reply, SettlementKnown)
    return Settlement(body.merchant, reply.settlement, reply.fen)


def _period(text: str) -> int:
    if not PERIOD.fullmatch(text):
        raise Problem("not_found", details={"period": text})
    return int(text)
