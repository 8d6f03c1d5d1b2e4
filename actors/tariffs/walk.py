"""The walk over a stay: from edge to edge, never from minute to minute; what lies between two edges is arithmetic."""

from actors.tariffs.calendar import Days
from actors.tariffs.caps import Memory
from actors.tariffs.leap import Leap
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Lane, Rule, Rung
from actors.tariffs.units import FAR


def walk(  # noqa: C901  # one loop in one place: it runs for every stretch of every price
    lane: Lane,
    days: Days,
    memory: Memory,
    start: int,
    stop: int,
    end: int,
    lines: list[Bought] | None,
    leap: Leap | None,
) -> int:
    """Price from `start` on: no unit begins at or after `stop`, none is used past `end`; where the last one ends."""
    at = start
    while at < stop:
        for edge, number, begun in lane.schedule.stretches(at, days):
            if number >= 0 and memory.since[number] != begun:
                memory.enter(lane, lane.rules[number], begun)
            if leap is not None and (at == start or not lane.windowed) and at < edge:
                jump = leap.over(memory, number, at, stop, lines)
                if jump:
                    at += jump
                    break
            if number < 0:
                at = _pass(at, edge, stop, lines)
            else:
                rule = lane.rules[number]
                reach = edge if edge < stop else stop
                if rule.even and reach <= memory.cut and reach <= memory.window_end and stop == end:
                    pay(lane, rule, rule.ladder[0], memory, at, reach, lines)  # the usual: nothing ends in between
                    at = reach
                else:
                    at = buy(lane, rule, memory, at, edge, stop, end, lines)
                if at < edge and at < stop:  # a cap window ends before the stretch does
                    at, leaped = cross(lane, rule, memory, at, edge, stop, end, lines, leap)
                    if leaped:
                        break
            if lines is None and lane.skips_spent:
                at = memory.idle(lane, at)
            if at >= stop:
                break
    return at


def _pass(at: int, edge: int, stop: int, lines: list[Bought] | None) -> int:
    """Go through time for which no period holds."""
    if at >= edge:
        return at
    if lines is not None:
        lines.append(Bought("gap", at, min(edge, stop), None, -1, 0, 0, 0, 0, 0, ""))
    return edge


def cross(
    lane: Lane,
    rule: Rule,
    memory: Memory,
    at: int,
    edge: int,
    stop: int,
    end: int,
    lines: list[Bought] | None,
    leap: Leap | None,
) -> tuple[int, bool]:
    """Buy what one stretch of a period costs, cap window by cap window; whether the walk has leaped out of it."""
    while at < edge and at < stop:
        if at >= memory.window_end:
            memory.renew(lane, at)
            if leap is not None and (jump := leap.over(memory, rule.number, at, stop, lines)):
                return at + jump, True
        at = buy(lane, rule, memory, at, edge, stop, end, lines)
    return at, False


def buy(  # noqa: C901  # one loop in one place: it runs for every line of every price
    lane: Lane, rule: Rule, memory: Memory, at: int, edge: int, stop: int, end: int, lines: list[Bought] | None
) -> int:
    """Buy units until the stretch, the cap window or the stay ends, span by span: in a span all units are alike."""
    if rule.flat:
        return once(lane, rule, memory, at, edge if edge < end else end, lines)
    clocks, turn = memory.clocks, memory.window_end
    ladder = ladder_of(rule, memory) if lane.by_arrival else rule.ladder
    while at < edge and at < stop and at < turn:
        clock = at - memory.origin if lane.elapsed else clocks[rule.clock]
        for rung in ladder:
            if clock < rung.upto:
                break
        upto, unit, _, _, _ = rung
        until = at - (at - edge) // unit * unit if rule.run_on else edge
        if upto < FAR and rule.counts:
            reach = upto - clock
            if lane.stage_runs_on:
                reach = -(-reach // unit) * unit
            if at + reach < until:
                until = at + reach
        if memory.cut < until:
            until = memory.cut
        if turn < until:
            until = min(until, at - (at - turn) // unit * unit)
        if stop < until:
            until = stop if stop >= end else min(until, at - (at - stop) // unit * unit)
        pay(lane, rule, rung, memory, at, end if end < until else until, lines)
        at = until
    return at


def once(lane: Lane, rule: Rule, memory: Memory, at: int, until: int, lines: list[Bought] | None) -> int:
    """Use a flat price: it is paid once for an occurrence, whatever cuts that: a cap window, a pass, another period."""
    if until <= at:
        return at
    if at >= memory.window_end:  # what came before was flat too, and went on past the end of its cap window
        memory.renew(lane, at)
    begun = memory.since[rule.number]
    if memory.flats.get(rule.number, FAR) != begun:
        memory.flats[rule.number] = begun
        pay(lane, rule, rule.ladder[0], memory, at, until, lines)
        return until
    if lines is not None:
        lines.append(Bought("flat", at, until, rule, 0, 0, 0, rule.ladder[0].price, 0, 0, ""))
    if rule.counts:
        memory.clocks[rule.clock] += until - at
    return until


def pay(lane: Lane, rule: Rule, rung: Rung, memory: Memory, at: int, used: int, lines: list[Bought] | None) -> None:
    """Buy the units of one span, as far as the caps let them cost anything."""
    _, unit, price, more, stage = rung
    count = (used - at + more) // unit
    gross = amount = count * price
    limit = ""
    if gross and lane.capped:
        amount, limit = memory.take(lane, rule, gross)
    memory.total += amount
    if lines is not None:
        if rule.flat:
            lines.append(Bought("flat", at, used, rule, stage, count, 0, price, gross, amount, limit))
        else:
            lines.append(Bought("units", at, used, rule, stage, count, unit, price, gross, amount, limit))
    if rule.counts:
        memory.clocks[rule.clock] += used - at


def ladder_of(rule: Rule, memory: Memory) -> tuple[Rung, ...]:
    """The ladder of a period for this stay: some stages are only for stays that began there."""
    if memory.arrived != rule.number:
        return rule.ladder
    return rule.began if memory.since[rule.number] == memory.arrived_since else rule.arrived
