"""Pictures of what a stay costs as it grows: a curve of points, drawn as SVG or as a sketch for a terminal."""

from typing import NamedTuple
from xml.sax.saxutils import escape

from actors.tariffs.calendar import Days
from actors.tariffs.plan import Plan
from actors.tariffs.reckon import amount
from actors.values import HOUR_US, Micros

POINTS = 480
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 64, 36, 28
COLOURS = ("#1769aa", "#c2410c", "#15803d", "#7e22ce")
BLOCKS = " ▁▂▃▄▅▆▇█"


class Curve(NamedTuple):
    """The charge when leaving at evenly spaced moments: `step_us` apart, the first at entry."""

    name: str
    step_us: Micros
    fen: list[int]


def curve(
    plan: Plan, days: Days, name: str, entry: Micros, length: Micros, vehicle: str, points: int = POINTS
) -> Curve:
    """How the charge of a stay grows from entry on."""
    step = max(1, length // points)
    return Curve(name, step, [amount(plan, days, entry, entry + n * step, vehicle) for n in range(points + 1)])


def svg(curves: list[Curve], currency: str, title: str) -> str:
    """Curves over hours, as a picture of its own."""
    most = max([1, *(max(one.fen) for one in curves)])
    hours = curves[0].step_us * (len(curves[0].fen) - 1) / HOUR_US
    wide, high = WIDTH - LEFT - 16, HEIGHT - BOTTOM - TOP
    parts = [text(LEFT, 18, title, "start", 14)]
    for n in range(5):
        y = TOP + high - high * n / 4
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 16}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{most * n / 400:,.2f}", "end"))
        parts.append(text(LEFT + wide * n / 4, HEIGHT - 14, f"{hours * n / 4:g} h", "middle"))
    for number, one in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        path = _steps(one.fen, most, wide, high)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(WIDTH - 20, TOP + 14 + 16 * number, one.name, "end", 12, colour))
    parts.append(text(LEFT - 6, 18, currency, "end"))
    return picture(WIDTH, HEIGHT, parts)


def picture(width: int, height: int, parts: list[str]) -> str:
    """Parts as one SVG document."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>\n"])


def _steps(fen: list[int], most: int, wide: float, high: float) -> str:
    """The path of a step function: a price holds until the next point."""
    path = f"M{LEFT:.1f} {TOP + high - high * fen[0] / most:.1f}"
    for n, value in enumerate(fen[1:], 1):
        if value != fen[n - 1] or n == len(fen) - 1:
            path += f"H{LEFT + wide * n / (len(fen) - 1):.1f}V{TOP + high - high * value / most:.1f}"
    return path


def text(x: float, y: float, words: str, anchor: str, size: int = 11, colour: str = "#444") -> str:
    """Words in a picture."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f"<text {place}>{escape(words)}</text>"


def sketch(one: Curve, rows: int = 8, columns: int = 72) -> str:
    """A curve in characters: amounts at the left, hours below."""
    most = max(1, *one.fen)
    picked = [one.fen[n * (len(one.fen) - 1) // (columns - 1)] for n in range(columns)]
    lines = []
    for row in range(rows, 0, -1):
        eighths = [min(8, max(0, value * rows * 8 // most - (row - 1) * 8)) for value in picked]
        label = f"{most * row / rows / 100:>9,.2f} ┤" if row in (rows, rows // 2) else " " * 10 + "│"
        lines.append(label + "".join(BLOCKS[eighth] for eighth in eighths))
    hours = one.step_us * (len(one.fen) - 1) / HOUR_US
    lines.append(f"{'0.00 └':>11}" + "─" * columns)
    lines.append(" " * 10 + f"0 h{hours / 2:>{columns // 2}g} h{hours:>{columns // 2 - 6}g} h")
    return "\n".join(lines)
