"""A tariff made ready to price: one lane of integers for each vehicle class, made when the class is first asked for."""

from fractions import Fraction
from math import lcm
from typing import NamedTuple

from actors.tariffs.document import WEEKDAYS, Period, Stage, Tariff
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.schedule import NOTHING, Schedule, Window
from actors.tariffs.sense import check_sense
from actors.tariffs.units import FAR, micros, price_of, time_of_day, window
from actors.tariffs.zone import Zone, zone_named
from actors.values import DAY_US, HOUR_US


class Rung(NamedTuple):
    """One stage, in microseconds and scaled fen. A time costs as many units as there are whole ones in it and `more`:
    so the last one costs nothing where too little of it was used.
    """

    upto: int
    unit: int
    price: int
    more: int
    stage: int


class Rule(NamedTuple):
    """One period of one class: which stage clock it reads, its price ladders, its cap, whether its time counts."""

    number: int
    clock: int
    ladder: tuple[Rung, ...]
    cap: int
    counts: bool
    run_on: bool
    even: bool
    """All of its units cost the same, and none runs on past its edge."""
    flat: bool
    """It has one price, for each occurrence that is used."""
    arrived: tuple[Rung, ...]
    """The ladder for stays that began in this period."""
    began: tuple[Rung, ...]
    """The ladder for the very occurrence in which a stay began."""
    name: str
    shown: tuple[tuple[int, int], ...]
    """The unit and the price of each stage as the document has them."""


class Even(NamedTuple):
    """All that a period of an even lane has: the price of each unit, what `Rung` calls `more`, its cap or -1."""

    price: int
    unit: int
    more: int
    cap: int
    stage: int
    rule: Rule


class Grant(NamedTuple):
    """Free minutes of one class: how long, a gate or a deduction, and the days of arrival for which they are."""

    length: int
    gate: bool
    inclusive: bool
    charged: bool
    days: frozenset[str]


class Lane:
    """All that one class of vehicles pays, as integers: prices times `scale`, times in microseconds."""

    def __init__(self, tariff: Tariff, vehicle: str, zone: Zone, scale: int) -> None:
        self.vehicle = vehicle
        self.zone = zone
        self.scale = scale
        periods = _periods(tariff, vehicle)
        self.rules = {n: _rule(tariff, n, period, vehicle, self.scale) for n, period in periods.items()}
        """Rules by the number of their period, which is the same for all classes."""
        self.slots = len(tariff.periods) + 1
        self.tops = [_top(self.rules.get(n)) for n in range(self.slots)]
        self.top = max(self.tops, default=0)
        """Past this stage time no ladder changes any more."""
        self._caps(tariff)
        self.stage_runs_on = tariff.at_stage_end == "run_on"
        self.pools = tariff.at_period_end == "pool"
        forgets = self.top == 0 or tariff.stages_restart == "cycle"
        self.skips_spent = (self.hours_cut or self.day_cut) and forgets and not self.flat_rules
        """Time in which nothing more can be spent leaves no trace: in no stage, and in no flat price's occurrence."""
        self.elapsed = tariff.stage_clock == "elapsed"
        self.restart = tariff.stages_restart
        self.anew = self.restart == "occurrence"
        """Stages begin anew with each occurrence of their period."""
        self.by_arrival = any(rule.began is not rule.ladder for rule in self.rules.values())
        """Some stage is only for stays that began there."""
        self.visit, self.visit_turns = _visit(tariff, vehicle)
        self.factor = Fraction(tariff.factors.get(vehicle, "1"))
        self.least = price_of(tariff.least_fen, vehicle) or 0
        self.free = [
            Grant(
                micros(free.minutes),
                free.mode == "gate",
                free.inclusive,
                free.measure == "charged",
                frozenset(free.days),
            )
            for free in tariff.free
            if not free.classes or vehicle in free.classes
        ]
        self.schedule = self._schedule(tariff, periods)
        only = self.free[0] if len(self.free) == 1 else None
        self.conditional = len(self.free) > 1 or (only is not None and (bool(only.days) or only.charged))
        self.conditional |= tariff.charging is not None
        """The price depends on more than entry, exit and class, or free minutes on more than the length of the stay."""
        self.gate = only.length - (not only.inclusive) if only and only.gate else -1
        self.deducted = only.length if only and not only.gate else 0
        self.final = self.factor == 1 and not self.least and self.scale == 1 and tariff.rounding.to_fen == 1
        """What the walk finds is the charge: nothing is left to be done to the sum."""
        self.plain = not (self.pools or self.visit or self.visit_turns or self.conditional)
        """Only periods cost anything, and only the length of a stay says what of it is free."""
        self._evenly()

    def _evenly(self) -> None:
        """Whether the short walk (`even.py`) serves: chosen here once, so that no walk has to ask."""
        uncut = (self.hours and not self.hours_cut) or (self.day_at >= 0 and not self.day_cut)
        both = self.hours and self.day_at >= 0
        self.even = self.plain and all(rule.even for rule in self.rules.values()) and not (uncut or both)
        self.prices = {n: _even(rule, n in self.capped_rules) for n, rule in self.rules.items() if self.even}
        """By the number of a period; only of an even lane."""

    def _caps(self, tariff: Tariff) -> None:
        caps = {cap.window: cap for cap in tariff.caps if price_of(cap.amount_fen, self.vehicle) is not None}
        amounts = {at: (price_of(cap.amount_fen, self.vehicle) or 0) * self.scale for at, cap in caps.items()}
        self.visit_cap = amounts.get("visit", FAR * self.scale)
        self.hours_cap = amounts.get("hours", FAR * self.scale)
        self.day_cap = amounts.get("day", FAR * self.scale)
        # A window turns for every class, also for one without a cap of its own: stages may restart with it.
        windows = {cap.window: cap for cap in tariff.caps}
        hours, day = windows.get("hours"), windows.get("day")
        self.hours = hours.hours * HOUR_US if hours else 0
        self.hours_cut = hours is not None and hours.cuts_units
        self.day_at = time_of_day(day.at) if day else -1
        self.day_cut = day is not None and day.cuts_units
        self.windowed = bool(hours or day)
        none = FAR * self.scale
        self.flat_rules = tuple(n for n, rule in self.rules.items() if rule.flat)
        self.capped_rules = tuple(n for n, rule in self.rules.items() if rule.cap < none)
        self.hours_capped, self.day_capped = self.hours_cap < none, self.day_cap < none
        self.capped = bool(tariff.caps or self.capped_rules)

    def _edgeless(self, rule: Rule) -> bool:
        """Whether nothing happens where one occurrence of a period meets the next."""
        return rule.cap >= FAR * self.scale and (rule.run_on or all(rung.unit == 1 for rung in rule.ladder))

    def _schedule(self, tariff: Tariff, periods: dict[int, Period]) -> Schedule:
        windows = [
            Window(n, *window(hours), frozenset(period.days)) for n, period in periods.items() for hours in period.hours
        ]
        return Schedule(self.zone, windows, weekend_of(tariff), self._endless(windows))

    def _endless(self, windows: list[Window]) -> int:
        """The period that is always in force with edges that mean nothing, or none."""
        if not windows or windows[0][1:] != (0, DAY_US, frozenset()):
            return NOTHING
        told_apart = self.restart == "occurrence" or self.by_arrival
        return NOTHING if told_apart or not self._edgeless(self.rules[windows[0].rule]) else windows[0].rule


def classes_named(tariff: Tariff) -> frozenset[str]:
    """Every vehicle class that a tariff names anywhere: as its own, in a price, a factor, a period, free minutes."""
    prices: list[object] = [tariff.least_fen, *(cap.amount_fen for cap in tariff.caps)]
    for period in tariff.periods:
        prices += [period.flat_fen, period.cap_fen, *(stage.price_fen for stage in period.stages or [])]
    if tariff.visit:
        prices += [tariff.visit.price_fen, *([tariff.visit.turns.price_fen] if tariff.visit.turns else [])]
    named = {each for price in prices if isinstance(price, dict) for each in price} - {"*"}
    listed = [tariff.classes, tariff.factors, *(each.classes for each in tariff.periods)]
    listed += [each.classes for each in tariff.free]
    return frozenset(named.union(*listed))


class Plan:
    """A tariff that makes sense, ready to price stays; the same plan serves everybody."""

    def __init__(self, tariff: Tariff) -> None:
        check_sense(tariff)
        self.tariff = tariff
        self.zone = zone_named(tariff.zone)
        self.grace = micros(tariff.exit_grace_minutes)
        self.weekend = weekend_of(tariff)
        self.classes = classes_named(tariff)
        self.by_days = any(period.days for period in tariff.periods) or any(free.days for free in tariff.free)
        self.cuts_seconds = tariff.seconds == "cut"
        self.scale = _scale(tariff)
        """Prices are multiplied by this, so that pro rata prices of a microsecond are whole numbers."""
        self.alone = [(-FAR, self, False)]
        """The parts of a stay that no other version touches, see `Versions.parts`."""
        self.lanes: dict[str, Lane] = {}
        self._scaled: dict[int, Plan] = {}

    def scaled(self, scale: int) -> "Plan":
        """The same tariff with prices multiplied by another number, to share a stay with another version."""
        if scale == self.scale:
            return self
        plan = self._scaled.get(scale)
        if plan is None:
            plan = self._scaled[scale] = Plan(self.tariff)
            plan.scale = scale
        return plan

    def lane(self, vehicle: str) -> Lane:
        """The lane of a class; a class that the tariff does not have is a TariffError, never a free ride."""
        lane = self.lanes.get(vehicle)
        if lane is None:
            declared = self.tariff.classes
            if declared and vehicle not in declared:
                known = ", ".join(declared)
                raise TariffError(Problem("unknown_class", "vehicle", f"no class `{vehicle}`; there are {known}"))
            if len(self.lanes) >= 1000:
                self.lanes.clear()
            lane = self.lanes[vehicle] = Lane(self.tariff, vehicle, self.zone, self.scale)
        return lane


def weekend_of(tariff: Tariff) -> frozenset[int]:
    """The weekend's days as numbers, Monday is 0."""
    return frozenset(WEEKDAYS.index(name) for name in tariff.weekend)


def _periods(tariff: Tariff, vehicle: str) -> dict[int, Period]:
    """The periods of a class by number; with counted gaps, a free one below them that has their units."""
    own = {n: one for n, one in enumerate(tariff.periods) if not one.classes or vehicle in one.classes}
    if tariff.gaps == "count" and own:
        stages = [
            Stage(unit_minutes=stage.unit_minutes, upto_minutes=stage.upto_minutes, price_fen=0)
            for stage in tariff.periods[0].stages
        ]
        own[len(tariff.periods)] = Period(name="", stages=stages)
    return own


def _top(rule: Rule | None) -> int:
    """Past this stage time the ladders of a rule change no more."""
    return max((rung.upto for rung in rule.began if rung.upto < FAR), default=0) if rule else 0


def _scale(tariff: Tariff) -> int:
    """One number for all classes: a stay may change its class."""
    exact = [micros(stage.unit_minutes) for p in tariff.periods if _exact(tariff, p) for stage in p.stages]
    return lcm(DAY_US, *exact) if exact else 1


def _exact(tariff: Tariff, period: Period) -> bool:
    return (period.units or tariff.units) == "exact"


def _rule(tariff: Tariff, number: int, period: Period, vehicle: str, scale: int) -> Rule:
    clock = number if tariff.stages_restart in ("occurrence", "period") else 0
    cap = price_of(period.cap_fen, vehicle)
    if period.flat_fen is not None:
        # However long it is used, one.
        whole: tuple[Rung, ...] = (Rung(FAR, FAR, _price(period.flat_fen, vehicle, period.name) * scale, FAR - 1, 0),)
        ladder, arrived, began = whole, whole, whole
    else:
        ladder, arrived, began = (
            tuple(
                _rung(tariff, period, n, stage, vehicle, scale)
                for n, stage in enumerate(period.stages)
                if stage.arrival in allowed
            )
            for allowed in (("any",), ("any", "period"), ("any", "period", "occurrence"))
        )
        if len(began) == len(ladder):
            arrived = began = ladder
    run_on = tariff.at_period_end == "run_on" and period.flat_fen is None
    flat = period.flat_fen is not None
    even = began is ladder and ladder[0].upto >= FAR and not run_on and not flat
    most = (FAR if cap is None else cap) * scale
    shown = tuple((micros(s.unit_minutes), price_of(s.price_fen, vehicle) or 0) for s in period.stages)
    return Rule(number, clock, ladder, most, period.counts, run_on, even, flat, arrived, began, period.name, shown)


def _even(rule: Rule, capped: bool) -> Even:
    rung = rule.ladder[0]
    return Even(rung.price, rung.unit, rung.more, rule.cap if capped else -1, rung.stage, rule)


def _rung(tariff: Tariff, period: Period, number: int, stage: Stage, vehicle: str, scale: int) -> Rung:
    unit, price = micros(stage.unit_minutes), _price(stage.price_fen, vehicle, period.name)
    upto = FAR if stage.upto_minutes is None else micros(stage.upto_minutes)
    if _exact(tariff, period):
        return Rung(upto, 1, price * (scale // unit), 0, number)
    completed = (period.units or tariff.units) == "completed"
    need = unit if completed else max(1, micros(tariff.least_part_minutes))
    return Rung(upto, unit, price * scale, unit - need, number)


def _price(price: int | dict[str, int], vehicle: str, where: str) -> int:
    own = price_of(price, vehicle)
    if own is None:
        raise TariffError(Problem("no_price_for_class", where, f"there is no price for class `{vehicle}`"))
    return own


def _visit(tariff: Tariff, vehicle: str) -> tuple[int, tuple[int, int, bool, bool] | None]:
    """The price of the visit, and for turns: hour, price, whether from the next day on, whether inclusive."""
    if tariff.visit is None:
        return 0, None
    price, turns = _price(tariff.visit.price_fen, vehicle, "visit"), tariff.visit.turns
    if turns is None:
        return price, None
    each = _price(turns.price_fen, vehicle, "visit.turns")
    return price, (time_of_day(turns.at), each, turns.first == "next_day", turns.inclusive)
