"""Pictures of what a stay costs as it grows: a curve of points, drawn as SVG or as a sketch for a terminal."""

from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.plan import Plan
from actors.tariffs.reckon import amount, charge_of, reckon
from actors.tariffs.stay import Stay, Versions
from actors.values import HOUR_US, SECOND_US, Micros

POINTS = 480
"""So many stays are priced to find out where the charge grows."""
STEPS, FINEST = 240, 4
"""With more steps than this in all, or more between two points, no eye can tell one from another."""
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 64, 36, 28
COLOURS = ("#1769aa", "#c2410c", "#15803d", "#7e22ce")
BLOCKS = " ▁▂▃▄▅▆▇█"


class Curve(NamedTuple):
    """How a charge grows: (after so long, the charge from just after then on), at entry first; `length_us` long."""

    name: str
    length_us: Micros
    steps: list[tuple[Micros, int]]

    @property
    def most_fen(self) -> int:
        """The last and greatest charge."""
        return self.steps[-1][1]

    def at(self, length: Micros) -> int:
        """The charge of a stay so long."""
        return self.steps[bisect_left(self.steps, (length, -1)) - 1][1] if length > 0 else 0


def curve(plan: Plan, days: Days, name: str, entry: Micros, length: Micros, vehicle: str) -> Curve:
    """How the charge of a plain stay grows from entry on."""
    return grown(name, length, lambda after: amount(plan, days, entry, entry + after, vehicle))


def curve_of(versions: Versions, days: Days, name: str, stay: Stay) -> Curve:
    """How the charge of any stay grows up to its exit: with its charging, passes, factor and later versions."""

    def fee(after: Micros) -> int:
        return charge_of(reckon(versions, msgspec.structs.replace(stay, exit_us=stay.entry_us + after), days))

    return grown(name, stay.exit_us - stay.entry_us, fee)


def grown(name: str, length: Micros, charge: Callable[[Micros], int]) -> Curve:
    """A curve of what a stay of each length costs, each step where it is to the second.

    A charge never falls, so halving finds each step. A price that grows all the time is drawn from even points.
    """
    found: dict[Micros, int] = {}

    def fee(after: Micros) -> int:
        if after not in found:
            found[after] = charge(after)
        return found[after]

    length = max(SECOND_US, length // SECOND_US * SECOND_US)
    marks = [length * n // POINTS // SECOND_US * SECOND_US for n in range(POINTS + 1)]
    risen = [(low, high) for low, high in pairwise(dict.fromkeys(marks)) if fee(low) != fee(high)]
    steps = [(0, 0)]
    if len(risen) > STEPS:
        steps += [(low, fee(high)) for low, high in risen]
    else:
        for low, high in risen:
            steps += _between(fee, low, high)
    return Curve(name, length, steps)


class Band(NamedTuple):
    """A time in which one period is in force; without a name, none is."""

    start: Micros
    end: Micros
    name: str


def bands(plan: Plan, days: Days, entry: Micros, length: Micros, vehicle: str) -> list[Band]:
    """Which periods are in force during a stay, side by side."""
    lane, found, at, stop = plan.lane(vehicle), list[Band](), entry, entry + length
    for edge, number, _ in lane.schedule.stretches(entry, days):
        name, end = lane.rules[number].name if number >= 0 else "", min(edge, stop)
        if found and found[-1].name == name:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Band(at, end, name))
        at = end
        if at >= stop:
            return found
    return found


def _between(fee: Callable[[Micros], int], low: Micros, high: Micros) -> list[tuple[Micros, int]]:
    """The steps between two moments: each the last second at which the charge before it holds."""
    steps: list[tuple[Micros, int]] = []
    while fee(low) != fee(high):
        near, far = low, high
        while far - near > SECOND_US:
            middle = (near + far) // 2 // SECOND_US * SECOND_US
            near, far = (middle, far) if fee(middle) == fee(low) else (near, middle)
        if len(steps) == FINEST:
            return [*steps, (near, fee(high))]
        steps.append((near, fee(far)))
        low = far
    return steps


def svg(curves: list[Curve], currency: str, title: str) -> str:
    """Curves over hours, as a picture of its own."""
    most = max([1, *(one.most_fen for one in curves)])
    hours = curves[0].length_us / HOUR_US
    wide, high = WIDTH - LEFT - 16, HEIGHT - BOTTOM - TOP
    parts = [text(LEFT, 18, title, "start", 14)]
    for n in range(5):
        y = TOP + high - high * n / 4
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 16}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{most * n / 400:,.2f}", "end"))
        parts.append(text(LEFT + wide * n / 4, HEIGHT - 14, f"{hours * n / 4:g} h", "middle"))
    for number, one in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        path = _steps(one, most, wide, high)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(WIDTH - 20, TOP + 14 + 16 * number, one.name, "end", 12, colour))
    parts.append(text(LEFT - 6, 18, currency, "end"))
    return picture(WIDTH, HEIGHT, parts)


def picture(width: int, height: int, parts: list[str]) -> str:
    """Parts as one SVG document."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>\n"])


def _steps(one: Curve, most: int, wide: float, high: float) -> str:
    """The path of a step function."""
    path = f"M{LEFT:.1f} {TOP + high:.1f}"
    for after, fen in one.steps:
        path += f"H{LEFT + wide * after / one.length_us:.1f}V{TOP + high - high * fen / most:.1f}"
    return f"{path}H{LEFT + wide:.1f}"


def text(x: float, y: float, words: str, anchor: str, size: int = 11, colour: str = "#444") -> str:
    """Words in a picture."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f"<text {place}>{escape(words)}</text>"


def sketch(one: Curve, rows: int = 8, columns: int = 72) -> str:
    """A curve in characters: amounts at the left, hours below."""
    most = max(1, one.most_fen)
    picked = [one.at(one.length_us * (n + 1) // columns) for n in range(columns)]
    lines = []
    for row in range(rows, 0, -1):
        eighths = [min(8, max(0, value * rows * 8 // most - (row - 1) * 8)) for value in picked]
        label = f"{most * row / rows / 100:>9,.2f} ┤" if row in (rows, rows // 2) else " " * 10 + "│"
        lines.append(label + "".join(BLOCKS[eighth] for eighth in eighths))
    hours = one.length_us / HOUR_US
    lines.append(f"{'0.00 └':>11}" + "─" * columns)
    lines.append(" " * 10 + f"0 h{hours / 2:>{columns // 2}g} h{hours:>{columns // 2 - 6}g} h")
    return "\n".join(lines)
