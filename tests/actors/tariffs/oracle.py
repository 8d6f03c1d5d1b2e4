"""A second, deliberately naive opinion of what a stay costs: it walks tick by tick over plain JSON, as the words say.

It shares no code with the engine. A tick is a length of which every number of the case is a multiple, a second at the
finest; at each tick it asks anew which period is in force, in which cap windows the tick lies, and whether the unit
that is being used ends.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.actors.tariffs.oracle_words import clock, hand, price, seconds

Document = dict[str, Any]
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY_S = 86_400


class Oracle:
    """One stay under one tariff, or under several versions of it; all times in whole seconds since 1970."""

    def __init__(
        self, versions: list[tuple[int, Document]], calendar: Document, stay: dict[str, Any], tick: int
    ) -> None:
        self.versions = versions
        self.calendar = calendar
        self.tick = tick
        self.vehicle = stay["vehicle"]
        self.entry, self.exit = stay["entry"], max(stay["entry"], stay["exit"])
        self.arrived = self.entry
        self.first = [document for since, document in versions if since <= stay["entry"]][-1]
        if self.first.get("seconds") == "cut":
            self.entry, self.exit = self.entry // 60 * 60, self.exit // 60 * 60
        self.passes, self.plugged = stay.get("passes", []), stay.get("charging", [])
        self.zone = self.first.get("zone", "Asia/Shanghai")
        self.paid: dict[Any, Fraction] = {}
        self.clocks: dict[Any, int] = {}
        self.pools: dict[str, int] = {}
        self.total = Fraction(0)
        self.unit: dict[str, Any] | None = None
        self.flats: set[Any] = set()

    def charge(self) -> int:
        """What the stay costs, in fen: a pass never makes it dearer."""
        if not self.passes:
            return self.priced()
        stay = {"vehicle": self.vehicle, "entry": self.arrived, "exit": self.exit, "charging": self.plugged}
        return min(self.priced(), Oracle(self.versions, self.calendar, stay, self.tick).priced())

    def priced(self) -> int:
        """What it costs if its passes are used."""
        ticks = [t for t in range(self.entry, self.exit, self.tick) if not self.covered(t)]
        if not ticks:
            return 0
        self.anchor = ticks[0]
        self.arrival = self.in_force(self.first, self.vehicle, self.anchor)
        ticks = self.after_free(ticks)
        if ticks:
            self.visit(ticks[-1] + self.tick)
            for number, t in enumerate(ticks):
                self.live(t, number == 0 or ticks[number - 1] != t - self.tick)
            self.finish_unit(ticks[-1] + self.tick)
            self.price_pools()
        return self.finished()

    # --- time ----------------------------------------------------------------------------------------------

    def covered(self, t: int) -> bool:
        return any(start <= t < stop for start, stop in self.passes)

    def version(self, t: int) -> Document:
        """The version that prices what begins at t."""
        if self.first.get("on_change", "entry") == "entry":
            return self.first
        return [document for since, document in self.versions if since <= t or document is self.first][-1]

    def class_at(self, t: int) -> str:
        charging = self.first.get("charging")
        if not charging or self.vehicle not in (charging["charging"], charging["idle"]):
            return str(self.vehicle)
        grace = seconds(charging.get("grace_minutes", 0))
        arriving = t < self.arrived + seconds(charging.get("plug_in_minutes", 0))
        plugged = arriving or any(start <= t < stop + grace for start, stop in self.plugged)
        return str(charging["charging"] if plugged else charging["idle"])

    def windows(self, document: Document, t: int) -> tuple[int, int]:
        """The numbers of the cap windows in which t lies: hours from entry, days from clock to clock."""
        hours = day = 0
        for cap in document.get("caps", []):
            if cap["window"] == "hours":
                hours = (t - self.anchor) // (cap.get("hours", 24) * 3600)
            if cap["window"] == "day":
                day = (hand(self.zone, t) - timedelta(seconds=clock(cap.get("at", "00:00")))).toordinal()
        return hours, day

    def in_force(self, document: Document, vehicle: str, t: int) -> dict[str, Any] | None:
        """The first period that matches, with the identity of its occurrence; None where parking is free."""
        now = hand(self.zone, t)
        second = now.hour * 3600 + now.minute * 60 + now.second
        for period in document.get("periods", []):
            if period.get("classes") and vehicle not in period["classes"]:
                continue
            for number, hours in enumerate(period.get("hours", ["00:00-24:00"])):
                start, end = (clock(text) for text in hours.split("-"))
                for back in (0, 1):
                    since, until = start - back * DAY_S, (end if end > start else end + DAY_S) - back * DAY_S
                    begun = now.date() - timedelta(days=back)
                    if since <= second < until and self.day_matches(period.get("days", []), begun, document):
                        return {**period, "occurrence": (period["name"], number, begun)}
        if document.get("gaps") == "count" and document.get("periods"):
            own = [p for p in document["periods"] if not p.get("classes") or vehicle in p["classes"]]
            if own:
                stages = [{**stage, "price_fen": 0} for stage in own[0]["stages"]]
                return {"name": "", "stages": stages, "occurrence": ("", 0, now.date())}
        return None

    def day_matches(self, names: list[str], day: date, document: Document) -> bool:
        if not names:
            return True
        text, weekend = day.isoformat(), set(document.get("weekend", ["sat", "sun"]))
        if any(f"event:{e['name']}" in names and text in e["dates"] for e in self.calendar.get("events", [])):
            return True
        kind = self.calendar.get("days", {}).get(text)
        if kind is None:
            weekday = WEEK[day.weekday()]
            return weekday in names or ("rest" if weekday in weekend else "working") in names
        if kind == "makeup":
            return "makeup" in names or "working" in names or set(WEEK) - weekend <= set(names)
        return kind in names or "holiday" in names or "rest" in names or (bool(weekend) and weekend <= set(names))

    # --- units ---------------------------------------------------------------------------------------------

    def live(self, t: int, jumped: bool) -> None:
        """Use one tick of time."""
        vehicle = self.class_at(t)
        document = self.version(t)
        period = self.in_force(document, vehicle, t)
        if self.first.get("at_period_end") == "pool":
            if period:
                self.pools[period["name"]] = self.pools.get(period["name"], 0) + self.tick
            return
        if self.unit and (jumped or self.ended(t, document, vehicle, period)):
            self.finish_unit(t)
        if self.unit is None and period is not None:
            self.begin_unit(t, document, vehicle, period)
        if self.unit:
            self.unit["used"] += self.tick

    def ended(self, t: int, document: Document, vehicle: str, period: dict[str, Any] | None) -> bool:
        """Whether the unit in use ends before t: by length, stage, cap window, period, class or version."""
        unit = self.unit
        assert unit
        if unit["used"] >= unit["length"] or unit["vehicle"] != vehicle:
            return True
        if document is not unit["document"] and document.get("on_change") != "unit":
            return True
        own = unit["document"]
        cuts = {cap["window"]: cap.get("cuts_units", True) for cap in own.get("caps", [])}
        hours, day = self.windows(own, t)
        turned = (hours != unit["windows"][0] and cuts.get("hours")) or (day != unit["windows"][1] and cuts.get("day"))
        if turned and not unit["flat"]:
            return True
        changed = period is None or period["occurrence"] != unit["period"]["occurrence"]
        return changed and (own.get("at_period_end", "cut") == "cut" or unit["flat"] or unit["exact"])

    def begin_unit(self, t: int, document: Document, vehicle: str, period: dict[str, Any]) -> None:
        scope, windows = self.scope(document, period, t), self.windows(document, t)
        bought = self.clocks.get(scope, 0)
        if document.get("stage_clock") == "elapsed":
            bought = t - (self.cycle_begin(document, t) if scope != "stay" else self.anchor)
        counting = period.get("units") or document.get("units", "started")
        unit = {
            "document": document, "vehicle": vehicle, "period": period, "windows": windows, "scope": scope,
            "start": t, "used": 0, "counting": counting, "flat": False, "exact": False,
        }  # fmt: skip
        if period.get("flat_fen") is not None:
            paid = period["occurrence"] in self.flats
            self.flats.add(period["occurrence"])
            self.unit = {**unit, "flat": True, "length": 10**9, "counting": "started"}
            self.unit["price"] = 0 if paid else price(period["flat_fen"], vehicle)
            return
        stage = self.stage(period, bought)
        length = seconds(stage["unit_minutes"])
        value = Fraction(price(stage["price_fen"], vehicle))
        if counting == "exact":
            self.unit = {**unit, "exact": True, "length": self.tick, "price": value * self.tick / length}
            return
        whole = length
        if "upto_minutes" in stage and period.get("counts", True) and document.get("at_stage_end", "cut") == "cut":
            length = min(length, seconds(stage["upto_minutes"]) - bought)
        self.unit = {**unit, "length": length, "whole": whole, "price": value}

    def stage(self, period: dict[str, Any], bought: int) -> dict[str, Any]:
        for stage in period["stages"]:
            arrival = stage.get("arrival", "any")
            if arrival != "any":
                began = self.arrival["occurrence"] if self.arrival else None
                if began is None or began[0] != period["name"]:
                    continue
                if arrival == "occurrence" and began != period["occurrence"]:
                    continue
            if "upto_minutes" not in stage or bought < seconds(stage["upto_minutes"]):
                return dict(stage)
        raise AssertionError("a ladder has no end")

    def scope(self, document: Document, period: dict[str, Any], t: int) -> Any:
        restart = document.get("stages_restart", "stay")
        return {
            "stay": "stay",
            "cycle": ("cycle", self.windows(document, t)),
            "occurrence": ("occurrence", period["occurrence"]),
            "period": ("period", period["name"]),
        }[restart]

    def cycle_begin(self, document: Document, t: int) -> int:
        begin = t
        while begin > self.anchor and self.windows(document, begin - self.tick) == self.windows(document, t):
            begin -= self.tick
        return begin

    def finish_unit(self, t: int) -> None:
        """The unit in use has ended: is it charged, what do the caps leave of it, which stage time does it use up?"""
        unit, self.unit = self.unit, None
        if unit is None:
            return
        if unit["period"].get("counts", True):
            self.clocks[unit["scope"]] = self.clocks.get(unit["scope"], 0) + min(unit["used"], unit["length"])
        document = unit["document"]
        if unit["counting"] == "completed" and unit["used"] < unit["whole"]:
            return
        if (
            unit["counting"] == "started"
            and not unit["flat"]
            and unit["used"] < seconds(document.get("least_part_minutes", 0))
        ):
            return
        self.pay(document, unit["vehicle"], unit["period"], unit["windows"], Fraction(unit["price"]))

    def pay(self, document: Document, vehicle: str, period: dict[str, Any], windows: Any, value: Fraction) -> None:
        room = [value]
        keys: list[Any] = []
        if "cap_fen" in period and price(period["cap_fen"], vehicle) is not None:
            room.append(price(period["cap_fen"], vehicle) - self.paid.get((period["occurrence"], windows), 0))
        keys.append((period["occurrence"], windows))
        for cap in document.get("caps", []):
            key = {"visit": "visit", "hours": ("hours", windows[0]), "day": ("day", windows[1])}[cap["window"]]
            if price(cap["amount_fen"], vehicle) is not None:
                room.append(price(cap["amount_fen"], vehicle) - self.paid.get(key, 0))
            keys.append(key)
        left = max(Fraction(0), min(room))
        for key in keys:
            self.paid[key] = self.paid.get(key, Fraction(0)) + left
        self.total += left

    # --- the whole -----------------------------------------------------------------------------------------

    def after_free(self, ticks: list[int]) -> list[int]:
        day = hand(self.zone, self.anchor).date()
        for free in self.first.get("free", []):
            if free.get("classes") and self.vehicle not in free["classes"]:
                continue
            if not self.day_matches(free.get("days", []), day, self.first):
                continue
            length = seconds(free["minutes"])
            if free.get("mode", "gate") == "deduct":
                return ticks[length // self.tick :]
            counted = ticks
            if free.get("measure", "stay") == "charged":
                counted = [t for t in ticks if self.in_force(self.first, self.vehicle, t)]
            stayed = len(counted) * self.tick
            return [] if stayed < length or (stayed == length and free.get("inclusive", True)) else ticks
        return ticks

    def visit(self, end: int) -> None:
        visit = self.first.get("visit")
        if not visit:
            return
        owed = Fraction(price(visit["price_fen"], self.vehicle))
        if turns := visit.get("turns"):
            at = clock(turns["at"])
            first = hand(self.zone, self.anchor).date()
            t = self.anchor + self.tick
            while t <= end:
                before, now = (hand(self.zone, x) - timedelta(seconds=at) for x in (t - self.tick, t))
                passed = before.date() != now.date() and (t < end or turns.get("inclusive", False))
                if passed and (hand(self.zone, t).date() > first or turns.get("first", "entry_day") == "entry_day"):
                    owed += price(turns["price_fen"], self.vehicle)
                t += self.tick
        for cap in self.first.get("caps", []):
            if cap["window"] == "visit" and price(cap["amount_fen"], self.vehicle) is not None:
                owed = min(owed, Fraction(price(cap["amount_fen"], self.vehicle)))
        self.total += owed
        self.paid["visit"] = owed

    def price_pools(self) -> None:
        for period in self.first.get("periods", []):
            left, bought = self.pools.get(period["name"], 0), 0
            occurrence = self.arrival["occurrence"] if self.arrival else None
            named = {
                **period,
                "occurrence": occurrence if occurrence and occurrence[0] == period["name"] else ("x", 0, 0),
            }
            while left > 0:
                stage = self.stage(named, bought)
                length = whole = seconds(stage["unit_minutes"])
                counting = period.get("units") or self.first.get("units", "started")
                cuts = counting == "exact" or self.first.get("at_stage_end", "cut") == "cut"
                if "upto_minutes" in stage and cuts:
                    length = min(length, seconds(stage["upto_minutes"]) - bought)
                used = min(left, length)
                value = Fraction(price(stage["price_fen"], self.vehicle))
                if counting == "exact":
                    self.pay(self.first, self.vehicle, named, (0, 0), value * used / whole)
                elif used >= (whole if counting == "completed" else seconds(self.first.get("least_part_minutes", 0))):
                    self.pay(self.first, self.vehicle, named, (0, 0), value)
                left -= used
                bought += length

    def finished(self) -> int:
        total = self.total
        least = self.first.get("least_fen")
        least = None if least is None else price(least, self.vehicle)
        if total > 0 and least is not None:
            total = max(total, Fraction(least))
        total *= Fraction(self.first.get("factors", {}).get(self.vehicle, "1"))
        rounding = self.first.get("rounding", {})
        step, mode = rounding.get("to_fen", 1), rounding.get("mode", "half_up")
        parts = total / step
        down = parts.numerator // parts.denominator
        rest = parts - down
        half = Fraction(1, 2)
        if mode == "up":
            down += rest > 0
        elif mode == "half_up":
            down += rest >= half
        elif mode == "half_even":
            down += rest > half or (rest == half and down % 2)
        return int(down * step)
