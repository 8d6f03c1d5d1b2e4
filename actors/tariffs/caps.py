"""Caps: windows of time that may cost so much and no more; several at once, each counts what was really charged."""

from actors.tariffs.plan import Lane, Rule
from actors.tariffs.units import FAR


class Memory:
    """What a stay has used so far: stage clocks, money spent in each cap window, where those windows end."""

    __slots__ = (
        "arrived", "arrived_since", "clocks", "cut", "day_end", "day_spent", "flats", "hours_end", "hours_spent",
        "origin", "since", "spent", "start", "total", "window_end",
    )  # fmt: skip

    def __init__(self, lane: Lane, start: int, rules: int = 0) -> None:
        rules = rules or lane.slots
        self.total = self.hours_spent = self.day_spent = 0
        self.start = self.origin = start
        self.clocks = [0] * rules
        self.spent = [0] * rules
        self.since: list[int | None] = [None] * rules
        """Which occurrence of each period was entered last."""
        self.flats: dict[int, int | None] = {}
        """Of which occurrence of a period its flat price was paid last."""
        self.arrived = self.arrived_since = -1
        """The period in force when the stay began, and which occurrence of it; only kept where stages ask."""
        self.hours_end = self.day_end = self.window_end = self.cut = FAR
        if lane.hours or lane.day_at >= 0:
            self.aim(lane, start)

    def aim(self, lane: Lane, at: int) -> None:
        """Find out where the windows in which an instant lies end: the first end, and the first that cuts units."""
        hours_end = day_end = FAR
        if lane.hours:
            hours_end = at + lane.hours - (at - self.start) % lane.hours
        if lane.day_at >= 0:
            day_end = lane.zone.next_clock(at, lane.day_at)
        self.hours_end, self.day_end = hours_end, day_end
        self.window_end = hours_end if hours_end < day_end else day_end
        self.cut = FAR
        if lane.hours_cut:
            self.cut = hours_end
        if lane.day_cut and day_end < self.cut:
            self.cut = day_end

    def renew(self, lane: Lane, at: int) -> None:
        """A window has ended: what is spent in it starts again, and so do stages that last as long as it."""
        if at >= self.hours_end:
            self.hours_spent = 0
        if at >= self.day_end:
            self.day_spent = 0
        self.spent = [0] * len(self.spent)
        if lane.restart == "cycle":
            self.clocks[0] = 0
            self.origin = self._turned(lane, at)
        self.aim(lane, at)

    def change(self, lane: Lane, at: int) -> None:
        """Another class or another version goes on with what has been used so far."""
        if at >= self.window_end:
            self.renew(lane, at)
        else:
            self.aim(lane, at)

    def _turned(self, lane: Lane, at: int) -> int:
        """Where the window in which an instant lies began; stages can restart with one kind of window only."""
        if lane.hours:
            return at - (at - self.start) % lane.hours
        begun = self.day_end
        while (later := lane.zone.next_clock(begun, lane.day_at)) <= at:
            begun = later
        return begun

    def enter(self, lane: Lane, rule: Rule, since: int) -> None:
        """Another occurrence of a period begins."""
        number = rule.number
        self.since[number] = since
        self.spent[number] = 0
        if lane.anew:
            self.clocks[number] = 0

    def idle(self, lane: Lane, at: int) -> int:
        """Where money is next spent: a window that is used up costs nothing until its end, where units start anew."""
        if lane.hours_cut and self.hours_spent >= lane.hours_cap and at < self.hours_end:
            return self.hours_end
        if lane.day_cut and self.day_spent >= lane.day_cap and at < self.day_end:
            return self.day_end
        return at

    def shift(self, length: int) -> None:
        """Everything is so much later; what has been used is as before."""
        self.since = [begun and begun + length for begun in self.since]
        if self.flats:
            self.flats = {number: begun and begun + length for number, begun in self.flats.items()}
        self.origin += length
        self.hours_end += length
        self.day_end += length
        self.window_end += length
        self.cut += length

    def take(self, lane: Lane, rule: Rule, gross: int) -> tuple[int, str]:
        """What of a price the caps leave, and the name of the cap that left the least of it."""
        number = rule.number
        amount, limit = gross, ""
        if (left := rule.cap - self.spent[number]) < amount:
            amount, limit = left, "period"
        if lane.hours_capped and (left := lane.hours_cap - self.hours_spent) < amount:
            amount, limit = left, "hours"
        if lane.day_capped and (left := lane.day_cap - self.day_spent) < amount:
            amount, limit = left, "day"
        if (left := lane.visit_cap - self.total) < amount:
            amount, limit = left, "visit"
        if amount <= 0:
            return 0, limit
        self.spent[number] += amount
        self.hours_spent += amount
        self.day_spent += amount
        return amount, limit
