"""What a visit costs as such: once, and once more each time the clock passes the turning hour."""

from msgspec.structs import replace

from actors.tariffs.caps import Memory
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Lane


def visited(lane: Lane, memory: Memory, entry: int, end: int, lines: list[Bought] | None) -> None:
    """Charge the visit and its turns, as far as the visit's own cap leaves room."""
    _charge(lane, memory, Bought("visit", entry, end, None, -1, 1, 0, lane.visit, lane.visit, 0, ""), lines)
    if lane.visit_turns and (times := turns(lane, entry, end)):
        price = lane.visit_turns[1]
        _charge(lane, memory, Bought("turn", entry, end, None, -1, times, 0, price, times * price, 0, ""), lines)


def turns(lane: Lane, entry: int, end: int) -> int:
    """How many times the clock passes the turning hour after entry and before, or at, the end."""
    assert lane.visit_turns is not None
    at, _, next_day, inclusive = lane.visit_turns
    zone = lane.zone
    first, last = zone.day_of(entry), zone.day_of(end)
    first += next_day or zone.clock(first, at) <= entry
    reached = zone.clock(last, at)
    last -= not (reached < end or (inclusive and reached == end))
    return max(0, last - first + 1)


def _charge(lane: Lane, memory: Memory, line: Bought, lines: list[Bought] | None) -> None:
    gross = line.gross * lane.scale
    amount = min(gross, lane.visit_cap - memory.total)
    memory.total += amount
    if lines is not None:
        limit = "visit" if amount < gross else ""
        lines.append(replace(line, price=line.price * lane.scale, gross=gross, amount=amount, limit=limit))
