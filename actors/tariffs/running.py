"""Fees while they grow: when the next change comes and to what, what a payment covers, what is due afterwards."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.lines import Bought
from actors.tariffs.offsets import Offsets, take_off
from actors.tariffs.plan import Plan
from actors.tariffs.quote import Quote, quote
from actors.tariffs.reckon import charge_of, reckon
from actors.tariffs.stay import Span, Stay, Versions
from actors.tariffs.units import micros
from actors.values import DAY_US, SECOND_US, Micros

HORIZON_US = 40 * DAY_US
"""A fee that does not change for so long is said not to change."""


class Change(NamedTuple):
    """The next change of a running fee: it holds when leaving up to and at `holds_until_us`, then it is `then_fen`."""

    now_fen: int
    holds_until_us: Micros | None
    then_fen: int | None


def running(versions: Versions, stay: Stay, days: Days, offsets: Offsets | None = None) -> Change:
    """The fee when leaving at the stay's exit, and its next change; with `offsets`, of what is due.

    Neither ever falls, so one moment decides: where it holds and one microsecond later it does not. That is mostly
    the end of the unit that was bought last; else it is searched for.
    """
    low = max(stay.exit_us, stay.entry_us)
    lines: list[Bought] = []

    def fee(at: Micros, lines: list[Bought] | None = None) -> int:
        until = msgspec.structs.replace(stay, exit_us=at)
        charge = charge_of(reckon(versions, until, days, lines))
        return charge if offsets is None else take_off(versions, until, days, charge, offsets)[2]

    now = fee(low, lines)
    edge = lines[-1].start + lines[-1].units * lines[-1].unit if lines else 0
    if edge >= low and fee(edge) == now:
        if (then := fee(edge + 1)) != now:
            return Change(now, edge, then)
        low = edge + 1
    if fee(low + HORIZON_US) == now:
        return Change(now, None, None)
    holds = _last_at(now, low, fee)
    return Change(now, holds, fee(holds + 1))


def _last_at(now: int, low: Micros, fee: Callable[[Micros], int]) -> Micros:
    """The last moment at which the fee is still so much; it is at `low`, and is not for ever."""
    step = SECOND_US
    while fee(low + step) == now:
        low += step
        step *= 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if fee(middle) == now:
            low = middle
        else:
            high = middle
    return low


def covers_until(versions: Versions, stay: Stay, days: Days) -> Micros:
    """Until when a car may leave that pays the fee at the stay's exit: the unit's end, at least the grace."""
    plan = versions.parts(stay.entry_us)[0][1]
    holds = running(versions, stay, days).holds_until_us
    graced = stay.exit_us + plan.grace
    return graced + HORIZON_US if holds is None else max(graced, holds)


def follow_up(versions: Versions, stay: Stay, days: Days, paid_fen: int, paid_at_us: Micros) -> Quote:
    """What a stay that was paid at some moment owes when it ends: nothing within what that covers, else the rest.

    The whole stay is priced again: no fresh free minutes, no fresh first hour.
    """
    paid = msgspec.structs.replace(stay, exit_us=paid_at_us)
    if stay.exit_us <= covers_until(versions, paid, days):
        stay = paid
    return quote(versions, stay, days, Offsets(paid_fen=paid_fen))


def first_entry(plan: Plan, before: list[Span], entry_us: Micros) -> Micros:
    """The entry that counts: of earlier visits, those that ended so shortly before the next began are one with it."""
    least = micros(plan.tariff.reentry_minutes)
    for entered, left in sorted(before, reverse=True):
        if not 0 <= entry_us - left <= least or not least:
            break
        entry_us = entered
    return entry_us
