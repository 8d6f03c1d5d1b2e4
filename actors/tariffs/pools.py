"""Pooled units: the time of a period is added up over the whole stay, and its started unit is rounded up once."""

from actors.tariffs.calendar import Days
from actors.tariffs.caps import Memory
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Lane, Rule
from actors.tariffs.walk import ladder_of


def pooled(lane: Lane, days: Days, memory: Memory, spans: list[tuple[int, int]], lines: list[Bought] | None) -> None:
    """Price the time of each period over all spans; the visit's cap is the only one that pools know."""
    used, reach = time_used(lane, days, spans)
    for number, time in used.items():
        _buy(lane, lane.rules[number], memory, time, reach[number], lines)


def time_used(
    lane: Lane, days: Days, spans: list[tuple[int, int]]
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """For each period in the order of first use: the time spent in it, and from when to when."""
    used: dict[int, int] = {}
    reach: dict[int, tuple[int, int]] = {}
    for start, stop in spans:
        at = start
        for edge, number, _ in lane.schedule.stretches(start, days):
            end = min(edge, stop)
            if number >= 0 and end > at:
                used[number] = used.get(number, 0) + end - at
                reach[number] = (reach.get(number, (at, 0))[0], end)
            at = end
            if at >= stop:
                break
    return used, reach


def _buy(lane: Lane, rule: Rule, memory: Memory, time: int, reach: tuple[int, int], lines: list[Bought] | None) -> None:
    clock, left = 0, time
    for rung in ladder_of(rule, memory):
        room = rung.upto - clock
        if room <= 0 or left <= 0:
            continue
        if lane.stage_runs_on:
            room = -(-room // rung.unit) * rung.unit
        span = min(room, left)
        count = (span + rung.more) // rung.unit
        gross = count * rung.price
        amount, limit = memory.take(lane, rule, gross)
        memory.total += amount
        if lines is not None:
            lines.append(Bought("pool", *reach, rule, rung.stage, count, rung.unit, rung.price, gross, amount, limit))
        left -= span
        clock += span
