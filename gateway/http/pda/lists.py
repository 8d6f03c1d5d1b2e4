"""What tables tell of work on the street: today's money, shifts (attendance), free and abnormal stays, cash."""

import re
from typing import Annotated, Final

import msgspec

from actors.values import DAY_US, Micros
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.people import SumShown
from gateway.http.pda.rules import Instant, today_us
from gateway.http.pda.street import mine
from gateway.http.shown import Next
from storage.crew import HandOverRow, OrderRow, ShiftRow, SumRow

PLACE: Final = re.compile(r"\d{1,18} \S{1,200}", re.ASCII)
"""A shift's place in its list: when it was opened, and its id."""
HANDED: Final = re.compile(r"\d{1,18}( \d{1,18}){3}", re.ASCII)
SPAN_DAYS: Final = 31
ORDERS_MOST: Final = 500
LATEST: Final = 1 << 53


class TakenToday(Shown, frozen=True):
    """What a collector took today (since `from_us`): in each shift by channel, and in all."""

    from_us: Micros
    shifts: dict[str, list[SumShown]]
    channels: list[SumShown]
    n: int
    fen: int


class ShiftList(Shown, frozen=True):
    """Shifts, oldest first."""

    items: list[ShiftRow]
    next: Next


class WhichShifts(Paged, frozen=True):
    """Whose shifts, opened from then until then; without a beginning, today's."""

    collector: Annotated[str, msgspec.Meta(max_length=64)] = ""
    from_us: Instant | None = None
    to_us: Instant | None = None


class ListedStays(Shown, frozen=True):
    """Stays with the reason for which they are here, newest first."""

    items: list[OrderRow]


class HandOvers(Shown, frozen=True):
    """Cash that was handed over, newest first."""

    items: list[HandOverRow]
    next: Next


class SinceDays(Typed, frozen=True):
    """So many days back."""

    days: Annotated[int, msgspec.Meta(ge=1, le=SPAN_DAYS)] = 1


async def today(house: House, call: Call[NoQuery, None]) -> TakenToday:
    """The bearer's own money of today."""
    return await taken_today(house, call.user.user)


async def taken_today(house: House, collector: str) -> TakenToday:
    """What a collector took today; the channels' sums are those of the shifts."""
    from_us = await today_us(house)
    rows = await house.crew.takings(collector, from_us, LATEST)
    shifts: dict[str, list[SumShown]] = {}
    for row in rows:
        shifts.setdefault(row.shift, []).append(SumShown(row.channel, row.n, row.fen))
    names = sorted({row.channel for row in rows})
    channels = [_sum(name, [row for row in rows if row.channel == name]) for name in names]
    n, fen = sum(each.n for each in channels), sum(each.fen for each in channels)
    return TakenToday(from_us, shifts, channels, n, fen)


def _sum(channel: str, rows: list[SumRow]) -> SumShown:
    return SumShown(channel, sum(row.n for row in rows), sum(row.fen for row in rows))


async def own_shifts(house: House, call: Call[Paged, None]) -> ShiftList:
    """The bearer's own shifts of today."""
    from_us = await today_us(house)
    return await _shifts(house, call.query, call.user.user, from_us, LATEST)


async def attendance(house: House, call: Call[WhichShifts, None]) -> ShiftList:
    """Everybody's shifts: who came where and when, and when they left."""
    asked = call.query
    from_us = await today_us(house) if asked.from_us is None else asked.from_us
    to_us = LATEST if asked.to_us is None else asked.to_us
    return await _shifts(house, asked, asked.collector, from_us, to_us)


async def _shifts(house: House, asked: Paged, collector: str, from_us: Micros, to_us: Micros) -> ShiftList:
    at, _, id = (key_after(asked, PLACE) or "").partition(" ")
    rows = await house.crew.shifts(from_us, to_us, collector, (int(at), id) if at else None, asked.limit + 1)
    return ShiftList(*page_of(rows, asked.limit, lambda row: f"{row.opened_us} {row.id}"))


async def free(house: House, call: Call[SinceDays, None]) -> ListedStays:
    """Stays on the bearer's sections that cost nothing, and why."""
    since_us = house.lookout.clock() - call.query.days * DAY_US
    return ListedStays(await house.crew.free(await mine(house, call), since_us, ORDERS_MOST))


async def abnormal(house: House, call: Call[NoQuery, None]) -> ListedStays:
    """Stays on the bearer's sections that need a person, and why."""
    return ListedStays(await house.crew.abnormal(await mine(house, call), ORDERS_MOST))


async def handed_over(house: House, call: Call[Paged, None]) -> HandOvers:
    """Cash that collectors handed over."""
    key = (key_after(call.query, HANDED) or "").split()
    before = (int(key[0]), int(key[1]), int(key[2]), int(key[3])) if key else None
    rows = await house.crew.hand_overs(before, call.query.limit + 1)
    return HandOvers(*page_of(rows, call.query.limit, lambda row: f"{row.at_us} {row.slot} {row.seq} {row.nth}"))
