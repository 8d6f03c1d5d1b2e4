"""What a price costs to work out: quotes with lines and amounts alone, beside code as people write it.

Compared, in one interleaved run, by CPU time of one core, so that waiting for neighbours does not count, for the same
stays under a typical Chinese tariff (day and night, free minutes as a gate, capped per 24 hours): the engine with
lines, the engine's amount alone, a straightforward walk with datetime from unit to unit, and the naive oracle of the
tests. Stays begin at any second of a year; all four must agree.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.document import write_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.presets import DAY_NIGHT, PRESETS
from actors.tariffs.quote import quote
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay
from actors.values import DAY_US, SECOND_US
from benchmarks.report import Claim, Guard, Report, middle
from tests.actors.tariffs.oracle import Oracle

ZONE = ZoneInfo("Asia/Shanghai")
YEAR_US = 1_735_660_800 * SECOND_US
"""2025-01-01 in Shanghai."""

RATES = {"quote with lines": 50_000, "amount alone": 200_000}
"""What is priced → how often a second it should be."""
STRETCH, COMPILE_MS = 3.0, 1.0
NO_DAYS = Days()

Stays = list[tuple[int, int]]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures everything, checks that all agree, and holds the guards."""
    rounds, count = (5, 2_000) if quick else (15, 5_000)
    plan = Plan(DAY_NIGHT)
    rng = Random(1)
    starts = [YEAR_US + rng.randrange(300 * 86_400) * SECOND_US for _ in range(count)]
    lengths = {"one day": 1, "30 days": 30, "a year": 365}
    stays = {name: [(start, start + days * DAY_US) for start in starts] for name, days in lengths.items()}
    say("do all four agree?")
    _agree(plan, stays["one day"][: 20 if quick else 60])
    ways: dict[str, tuple[Stays, Callable[[Stays], None]]] = {
        "quote with lines, one day": (stays["one day"], partial(_quotes, plan)),
        "amount alone, one day": (stays["one day"], partial(_amounts, plan)),
        "quote with lines, 30 days": (stays["30 days"], partial(_quotes, plan)),
        "amount alone, 30 days": (stays["30 days"], partial(_amounts, plan)),
        "amount alone, a year": (stays["a year"], partial(_amounts, plan)),
        "datetime walk, one day": (stays["one day"][:200], _walks),
        "naive oracle, one day": (stays["one day"][:2], _oracles),
    }
    say(f"{rounds} rounds of {count:,} stays")
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (some, way) in ways.items():
            began = process_time()
            way(some)
            took[name].append((process_time() - began) / len(some) * 1e6)
    each = {name: middle(times) for name, times in took.items()}
    rows = [{"what": name, "µs each": us, "per second": 1e6 / us} for name, us in each.items()]
    compiled = {name: _compile_ms(tariff) for name, tariff in PRESETS.items()}
    slowest = max(compiled, key=lambda name: compiled[name])
    typical, worst = compiled["day-night"], compiled[slowest]
    notes = [f"making a tariff ready takes {typical:.2f} ms; the slowest preset, {slowest}, {worst:.2f} ms"]
    what, claims = __doc__.split("\n")[0], _claims(each, compiled[slowest])
    return Report("tariff", what, rows, notes, _broken(each), _guards(each, compiled[slowest]), claims=claims)


def _claims(each: dict[str, float], compile_ms: float) -> list[Claim]:
    """What the root README says: prices a second beside the same tariff as people write it."""
    walk = each["datetime walk, one day"]
    lines = [
        Claim(f"{kind} a second, one day, one core", f"{1e6 / us:,.0f}", f"≥ {target:,}", f"{walk / us:.1f}x datetime")
        for kind, target in RATES.items()
        for us in (each[f"{kind}, one day"],)
    ]
    stretch = max(each[f"{kind}, 30 days"] / each[f"{kind}, one day"] for kind in RATES)
    lines.append(Claim("price of 30 days, as often as one day's", f"{stretch:.1f}x", f"≤ {STRETCH:.0f}x"))
    lines.append(Claim("the slowest preset made ready", f"{compile_ms:.2f} ms", f"≤ {COMPILE_MS:.0f} ms"))
    return lines


def _broken(each: dict[str, float]) -> list[str]:
    """How much dearer a long stay is."""
    times = {kind: each[f"{kind}, 30 days"] / each[f"{kind}, one day"] for kind in RATES}
    return [f"{kind}: 30 days take {more:.1f} times as long as one" for kind, more in times.items() if more > STRETCH]


def _guards(each: dict[str, float], compile_ms: float) -> list[Guard]:
    rates = [Guard(f"{kind} a second", 1e6 / each[f"{kind}, one day"], target) for kind, target in RATES.items()]
    return [*rates, Guard("ms that make a tariff ready", compile_ms, COMPILE_MS, most=True)]


def _quotes(plan: Plan, stays: Stays) -> None:
    for entry, end in stays:
        quote(plan, Stay(entry_us=entry, exit_us=end), NO_DAYS)


def _amounts(plan: Plan, stays: Stays) -> None:
    for entry, end in stays:
        amount(plan, NO_DAYS, entry, end)


def _compile_ms(tariff: Any) -> float:
    times = []
    for _ in range(50):
        began = process_time()
        plan = Plan(tariff)
        plan.lane(tariff.classes[0] if tariff.classes else "small")
        times.append((process_time() - began) * 1e3)
    return middle(times)


def _oracles(stays: Stays) -> None:
    for stay in stays:
        _oracle(*stay)


def _oracle(entry: int, end: int) -> int:
    document = msgspec.json.decode(write_tariff(DAY_NIGHT))
    stay = {"entry": entry // SECOND_US, "exit": end // SECOND_US, "vehicle": "small"}
    return Oracle([(0, document)], {}, stay, 1).charge()


def _walks(stays: Stays) -> None:
    for stay in stays:
        datetime_walk(*stay)


def datetime_walk(entry_us: int, end_us: int) -> int:
    """The same tariff as people write it: datetimes, from unit to unit."""
    entry, end = (datetime.fromtimestamp(us / 1e6, ZONE).replace(tzinfo=None) for us in (entry_us, end_us))
    if end - entry <= timedelta(minutes=15):
        return 0
    total, cycle, at = 0, entry, entry
    while at < end:
        cycle_end = cycle + timedelta(hours=24)
        spent, night_spent = 0, 0
        while at < min(cycle_end, end):
            day = 8 <= at.hour < 20
            if day:
                change = at.replace(hour=20, minute=0, second=0)
                night_spent = 0
            else:
                change = at.replace(hour=8, minute=0, second=0)
                change += timedelta(days=at.hour >= 20)
            unit, price = (30, 250) if day else (60, 100)
            if not day:
                price = min(price, 800 - night_spent)
                night_spent += price
            spent += price
            at = min(at + timedelta(minutes=unit), change, cycle_end)
        total += min(spent, 5000)
        cycle = cycle_end
    return total


def _agree(plan: Plan, stays: Stays) -> None:
    for number, (entry, end) in enumerate(stays):
        made = quote(plan, Stay(entry_us=entry, exit_us=end), NO_DAYS)
        found = {made.charge_fen, sum(line.amount_fen for line in made.lines), amount(plan, NO_DAYS, entry, end)}
        found |= {datetime_walk(entry, end)} | ({_oracle(entry, end)} if number % 20 == 0 else set())
        assert len(found) == 1, (entry, end, found)
