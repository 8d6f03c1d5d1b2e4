"""What a tariff document may not say although its form allows it: each refusal has a reason and a stable code."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from itertools import pairwise

from actors.tariffs.calendar import EVENT, GROUPS
from actors.tariffs.document import WEEKDAYS, Period, Stage, Tariff
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.reach import MOST_WINDOWS, least_above_cap, out_of_reach, unpriced
from actors.tariffs.units import classes_of, window
from actors.tariffs.zone import zone_named

DAY_NAMES = (*WEEKDAYS, *GROUPS)


def check_sense(tariff: Tariff) -> None:
    """Raise TariffError with everything that makes no sense."""
    problems = [problem for check in CHECKS for problem in check(tariff)]
    if problems:
        raise TariffError(*problems)
    zone_named(tariff.zone)


def _says_something(tariff: Tariff) -> Iterator[Problem]:
    if not tariff.periods and tariff.visit is None:
        yield Problem("no_prices", "periods", "there is no price; a free tariff is a visit at price 0")
    if not tariff.name:
        yield Problem("no_name", "name", "a tariff needs a name")


def _names(tariff: Tariff) -> Iterator[Problem]:
    names = [period.name for period in tariff.periods]
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Problem(
                "name_twice", f"periods[{n}].name", f"there are two periods `{name}`; lines could not be told"
            )


def _day_names(tariff: Tariff) -> Iterator[Problem]:
    listed = [(f"periods[{n}].days", period.days) for n, period in enumerate(tariff.periods)]
    listed += [(f"free[{n}].days", free.days) for n, free in enumerate(tariff.free)]
    for where, days in listed:
        for day in days:
            if day not in DAY_NAMES and not (day.startswith(EVENT) and day != EVENT):
                near = get_close_matches(day, DAY_NAMES, n=1, cutoff=0.5)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                yield Problem("unknown_day", where, f"`{day}` is no day that a calendar knows{hint}")
    if len(set(tariff.weekend)) == 7:
        yield Problem("week_of_weekends", "weekend", "a week needs a working day")


def _hours(tariff: Tariff) -> Iterator[Problem]:
    for n, period in enumerate(tariff.periods):
        where = f"periods[{n}].hours"
        if not period.hours:
            yield Problem("no_hours", where, "a period without hours is never in force")
        bounds = sorted(window(hours) for hours in period.hours)
        wrapped = [*bounds, *((start + 86_400_000_000, 0) for start, _ in bounds[:1])]
        for (_, end), (start, _) in zip(bounds, wrapped[1:], strict=False):
            if start < end:
                yield Problem("hours_overlap", where, "windows of one period overlap, also from one day to the next")


def _windows(tariff: Tariff) -> Iterator[Problem]:
    windows = sum(len(period.hours) for period in tariff.periods)
    if windows > MOST_WINDOWS:
        sentence = f"{windows} windows of a day are more than anybody could survey; {MOST_WINDOWS} are allowed"
        yield Problem("too_many_windows", "periods", sentence)


def _clocks(tariff: Tariff) -> Iterator[Problem]:
    for n, period in enumerate(tariff.periods):
        for hours in period.hours:
            for clock in hours.split("-"):
                hour, minute, *second = map(int, clock.split(":"))
                if hour > 24 or minute > 59 or sum(second) > 59 or (hour == 24 and (minute or sum(second))):
                    yield Problem("no_such_time", f"periods[{n}].hours", f"`{clock}` is no time of day")
            if hours.startswith("24:"):
                yield Problem(
                    "no_such_time", f"periods[{n}].hours", "`24:00` is where a day ends: a window begins at 00:00"
                )
    ats = [(f"caps[{n}].at", cap.at) for n, cap in enumerate(tariff.caps)]
    if tariff.visit and tariff.visit.turns:
        ats.append(("visit.turns.at", tariff.visit.turns.at))
    yield from (
        Problem("no_such_time", where, "`24:00` is where a day ends: write midnight as 00:00")
        for where, at in ats
        if at == "24:00"
    )


def _ladders(tariff: Tariff) -> Iterator[Problem]:
    for n, period in enumerate(tariff.periods):
        where = f"periods[{n}]"
        if period.flat_fen is not None:
            if period.stages:
                yield Problem("flat_and_stages", where, "a flat price has no stages; nobody could tell which counts")
            continue
        if not period.stages:
            yield Problem("no_stages", where, "a period needs stages or a flat price")
        found: list[Problem] = []
        for allowed in (("any",), ("any", "period"), ("any", "period", "occurrence")):
            ladder = [stage for stage in period.stages if stage.arrival in allowed]
            found += _ladder(ladder, f"{where}.stages", bool(period.stages))
        yield from dict.fromkeys(found)  # what is wrong with several of them is said once


def _ladder(ladder: list[Stage], where: str, given: bool) -> Iterator[Problem]:
    ends = [stage.upto_minutes for stage in ladder]
    if given and (not ends or ends[-1] is not None):
        yield Problem("ladder_ends", where, "the last stage, for all stays, must be open: leave its upto_minutes out")
    if any(end is None for end in ends[:-1]):
        yield Problem("stage_behind_open", where, "a stage behind one without end can never be reached")
    known = [end for end in ends if end is not None]
    if any(low >= high for low, high in pairwise(known)) or 0 in known:
        yield Problem("stages_out_of_order", where, "each stage must end later than the one before it")


def _lengths(tariff: Tariff) -> Iterator[Problem]:
    lengths = [("least_part_minutes", tariff.least_part_minutes), ("exit_grace_minutes", tariff.exit_grace_minutes)]
    lengths += [("reentry_minutes", tariff.reentry_minutes), ("max_stay_minutes", tariff.max_stay_minutes or 0)]
    lengths += [(f"free[{n}].minutes", free.minutes) for n, free in enumerate(tariff.free)]
    if charging := tariff.charging:
        lengths += [(f"charging.{name}", getattr(charging, name)) for name in ("grace_minutes", "plug_in_minutes")]
    for n, period in enumerate(tariff.periods):
        for k, stage in enumerate(period.stages):
            where = f"periods[{n}].stages[{k}]"
            lengths += [
                (f"{where}.unit_minutes", stage.unit_minutes),
                (f"{where}.upto_minutes", stage.upto_minutes or 0),
            ]
            if stage.unit_minutes == 0:
                yield Problem("no_unit", f"{where}.unit_minutes", "a unit needs a length")
            elif stage.unit_minutes < tariff.least_part_minutes:
                yield Problem("least_part_too_long", where, "a unit shorter than the least part would never be charged")
    for where, minutes in lengths:
        if abs(minutes * 60 - round(minutes * 60)) > 1e-6:
            yield Problem("below_a_second", where, "lengths of time are whole seconds")


def _classes(tariff: Tariff) -> Iterator[Problem]:
    declared = set(tariff.classes)
    if not declared:
        return
    named = set(tariff.factors) | {name for free in tariff.free for name in free.classes}
    named |= classes_of(tariff.least_fen, *(cap.amount_fen for cap in tariff.caps))
    for period in tariff.periods:
        named |= set(period.classes) | classes_of(
            period.flat_fen, period.cap_fen, *(s.price_fen for s in period.stages)
        )
    if tariff.visit:
        named |= classes_of(tariff.visit.price_fen, tariff.visit.turns.price_fen if tariff.visit.turns else None)
    if tariff.charging:
        named |= {tariff.charging.charging, tariff.charging.idle}
    for name in sorted(named - declared):
        yield Problem("unknown_class", "classes", f"class `{name}` is used but not declared")


def _caps(tariff: Tariff) -> Iterator[Problem]:
    windows = [cap.window for cap in tariff.caps]
    for n, kind in enumerate(windows):
        if kind in windows[:n]:
            yield Problem("cap_twice", f"caps[{n}]", f"there are two caps per {kind}; nobody could tell which holds")
    cycles = {"hours", "day"} & set(windows)
    if tariff.stages_restart == "cycle" and len(cycles) != 1:
        reason = "no cap has a window that ends" if not cycles else "two caps have windows that end"
        yield Problem("cycle_unclear", "stages_restart", f"stages restart with a cap's window, but {reason}")


def _counting(tariff: Tariff) -> Iterator[Problem]:
    if tariff.units != "started" and tariff.least_part_minutes:
        yield Problem("least_part_unused", "least_part_minutes", f"{tariff.units} units have no started part to judge")
    if tariff.stage_clock == "elapsed":
        if tariff.stages_restart in ("occurrence", "period"):
            yield Problem("elapsed_unclear", "stage_clock", "elapsed time counts from entry or from a cap's window on")
        if not all(period.counts for period in tariff.periods):
            yield Problem("elapsed_counts", "stage_clock", "elapsed time counts in every period")
    for n, free in enumerate(tariff.free):
        if free.mode == "deduct" and free.measure == "charged":
            yield Problem(
                "deduct_charged", f"free[{n}]", "a deduction comes off the start; write it as a stage at price 0"
            )


def _gaps(tariff: Tariff) -> Iterator[Problem]:
    if tariff.gaps == "count":
        shapes = {tuple((s.unit_minutes, s.upto_minutes) for s in p.stages) for p in tariff.periods}
        picks = any(stage.arrival != "any" for period in tariff.periods for stage in period.stages)
        if len(shapes) != 1 or () in shapes or picks:
            yield Problem(
                "gaps_unclear",
                "gaps",
                "free time can count in units only if all periods have the same stages, for all stays",
            )


def _pools(tariff: Tariff) -> Iterator[Problem]:
    if tariff.at_period_end != "pool":
        return
    reasons: list[tuple[bool, str, str, str]] = [
        (
            tariff.stages_restart != "period",
            "stages_restart",
            "pool_stages",
            "each pool has stages of its own: `period`",
        ),
        (
            any(cap.window != "visit" for cap in tariff.caps),
            "caps",
            "pool_cap",
            "a pool spans days: only a visit's cap fits",
        ),
        (
            any(p.cap_fen is not None for p in tariff.periods),
            "periods",
            "pool_cap",
            "a pool spans occurrences: no cap each",
        ),
        (
            any(p.flat_fen is not None for p in tariff.periods),
            "periods",
            "pool_flat",
            "a flat price is no pool of units",
        ),
        (not all(p.counts for p in tariff.periods), "periods", "pool_counts", "a pool counts its own time"),
        (tariff.stage_clock == "elapsed", "stage_clock", "pool_elapsed", "a pool counts its own time"),
        (
            any(_picks_occurrence(p) for p in tariff.periods),
            "periods",
            "pool_arrival",
            "a pool has no single occurrence",
        ),
        (tariff.on_change != "entry", "on_change", "pool_change", "a pool cannot change its price half way"),
        (tariff.charging is not None, "charging", "pool_charging", "a pool cannot change its class half way"),
        (tariff.gaps == "count", "gaps", "pool_gaps", "a pool knows no gaps"),
    ]
    yield from (Problem(code, where, sentence) for wrong, where, code, sentence in reasons if wrong)


def _picks_occurrence(period: Period) -> bool:
    return any(stage.arrival == "occurrence" for stage in period.stages)


CHECKS: Iterable[Callable[[Tariff], Iterator[Problem]]] = (
    _says_something, _names, _day_names, _clocks, _windows, _hours, _ladders, _lengths, _classes, _caps, _counting,
    _gaps, _pools, out_of_reach, unpriced, least_above_cap,
)  # fmt: skip
