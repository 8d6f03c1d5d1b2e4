"""A naive opinion of neutral rules: a walk from minute to minute over the rule as written, without our documents."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

Rule = dict[str, Any]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE, DAY = timedelta(minutes=1), 1440


class Place(NamedTuple):
    """Where a minute lies: its period and which occurrence of it, its cap cycle."""

    period: Rule | None
    occurrence: tuple[int, date] | None
    cycle: int


class Unit(NamedTuple):
    """A unit in use."""

    begun: int
    length: int
    whole: int
    price: Fraction
    place: Place
    scope: object


class NeutralOracle:
    """One stay under one rule; times are wall times on whole minutes."""

    def __init__(self, rule: Rule, entry: datetime, end: datetime, vehicle: str) -> None:
        self.rule, self.entry, self.vehicle = rule, entry, vehicle
        self.length = (end - entry) // MINUTE
        self.kind = rule["kind"]
        self.cap = rule.get("cap") or {"reset": "none", "amount": None}
        self.clocks: dict[object, int] = {}
        self.spent: dict[object, Fraction] = {}
        self.total = Fraction(0)
        self.unit: Unit | None = None

    def charge(self) -> int:
        """What the stay costs, rounded half up."""
        first = self.free()
        if first is None or first >= self.length:
            return 0
        if self.kind == "per_visit":
            self.total = self.price(self.rule["price"])
        else:
            for minute in range(first, self.length):
                self.live(minute)
            self.close(self.length)
        if self.total > 0:
            self.total = max(self.total, Fraction(self.rule.get("min_charge", 0)))
        self.total *= Fraction(str(self.rule.get("vehicle_multiplier", {}).get(self.vehicle, 1)))
        return int(self.total + Fraction(1, 2))

    def free(self) -> int | None:
        """The first minute that is charged; None: the whole stay is free."""
        free = self.rule.get("free")
        if not free:
            return 0
        if free.get("mode", "gate") == "deduct":
            return int(free["minutes"])
        inside = self.length < free["minutes"] or (self.length == free["minutes"] and free.get("inclusive", True))
        return None if inside else 0

    def price(self, amount: Any) -> Fraction:
        return Fraction(amount[self.vehicle] if isinstance(amount, dict) else amount)

    def place(self, minute: int) -> Place:
        now, cycle = self.entry + minute * MINUTE, 0
        if self.cap["reset"] == "24h_from_entry":
            cycle = minute // DAY
        elif self.cap["reset"] == "clock":
            cycle = (now - clock(self.cap.get("at", "00:00")) * MINUTE).toordinal()
        for number, period in enumerate(self.rule["periods"]):
            own = period.get("vehicle")
            if own and self.vehicle not in ([own] if isinstance(own, str) else own):
                continue
            start, end = clock(period["start"]), clock(period["end"])
            end += DAY if end <= start else 0
            for back in (0, 1):
                begun = now.date() - timedelta(days=back)
                if start <= now.hour * 60 + now.minute + back * DAY < end and self.on(period.get("days"), begun):
                    return Place(period, (number, begun), cycle)
        return Place(None, None, cycle)

    def on(self, days: Any, day: date) -> bool:
        holiday = day.isoformat() in self.rule.get("holidays", [])
        rest = holiday or day.weekday() > 4
        if days is None or isinstance(days, str):
            return days is None or rest == (days == "weekend")
        return {"sat", "sun"} <= set(days) if holiday else WEEK[day.weekday()] in days

    def live(self, minute: int) -> None:
        """Use one minute."""
        place = self.place(minute)
        if self.unit:
            moved = place.occurrence != self.unit.place.occurrence
            cuts = self.kind == "prorata" or self.rule.get("boundary", "split") == "split"
            over = minute - self.unit.begun >= self.unit.length or place.cycle != self.unit.place.cycle
            if over or (moved and cuts):
                self.close(minute)
        if self.unit is None and place.period is not None:
            self.unit = self.begin(minute, place, place.period)

    def begin(self, minute: int, place: Place, period: Rule) -> Unit:
        scopes = {"stay": 0, "cycle": ("cycle", place.cycle), "period": place.occurrence}
        scope = scopes[self.rule.get("first_scope", "stay")]
        used = self.clocks.get(scope, 0)
        tier = next(tier for tier in period["tiers"] if tier["upto"] is None or used < tier["upto"])
        if self.kind == "prorata":
            return Unit(minute, 1, 1, self.price(tier["price"]) / tier["unit"], place, scope)
        length = tier["unit"]
        if self.rule.get("tier_split", True) and tier["upto"] is not None and not period.get("no_tier_clock"):
            length = min(length, tier["upto"] - used)
        return Unit(minute, length, tier["unit"], self.price(tier["price"]), place, scope)

    def close(self, minute: int) -> None:
        """The unit in use is over: is it charged, and what do the caps leave of it?"""
        unit, self.unit = self.unit, None
        if unit is None:
            return
        used, period = minute - unit.begun, unit.place.period
        assert period is not None
        if not period.get("no_tier_clock"):
            self.clocks[unit.scope] = self.clocks.get(unit.scope, 0) + used
        if self.kind == "unit" and (
            used < self.rule.get("min_span", 0) or (self.rule.get("round") == "down" and used < unit.whole)
        ):
            return
        windows: list[tuple[object, Any]] = [("visit", self.rule.get("visit_cap"))]
        windows.append(((unit.place.occurrence, unit.place.cycle), period.get("cap")))
        windows.append((("cycle", 0 if self.cap["reset"] == "visit" else unit.place.cycle), self.cap["amount"]))
        left = [self.price(most) - self.spent.get(key, 0) for key, most in windows if most is not None]
        amount = max(Fraction(0), min([unit.price, *left]))
        for key, _ in windows:
            self.spent[key] = self.spent.get(key, Fraction(0)) + amount
        self.total += amount


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
