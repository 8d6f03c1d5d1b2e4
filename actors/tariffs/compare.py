"""Two tariffs over the same stays: how many, what they bring, who pays more and less, by class and hour."""

from collections.abc import Iterable

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.picture import COLOURS, picture, text
from actors.tariffs.plan import Plan
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay
from actors.values import HOUR_US


class Tally(msgspec.Struct):
    """Stays of one kind: how many, what each tariff brings, for how many the second is dearer, cheaper, the same."""

    stays: int = 0
    a_fen: int = 0
    b_fen: int = 0
    dearer: int = 0
    cheaper: int = 0
    same: int = 0

    def add(self, a: int, b: int) -> None:
        """Count one stay."""
        self.stays += 1
        self.a_fen += a
        self.b_fen += b
        self.dearer += b > a
        self.cheaper += b < a
        self.same += a == b


class Comparison(msgspec.Struct):
    """All stays, and the same by vehicle class and by local hour of entry."""

    all: Tally
    by_class: dict[str, Tally]
    by_hour: dict[int, Tally]


def compare(a: Plan, b: Plan, stays: Iterable[Stay], days: Days) -> Comparison:
    """Price every stay under both tariffs."""
    found = Comparison(Tally(), {}, {hour: Tally() for hour in range(24)})
    for stay in stays:
        one, other = (amount(plan, days, stay.entry_us, stay.exit_us, stay.vehicle) for plan in (a, b))
        hour = (stay.entry_us + a.zone.offset(stay.entry_us)) // HOUR_US % 24
        for tally in (found.all, found.by_class.setdefault(stay.vehicle, Tally()), found.by_hour[hour]):
            tally.add(one, other)
    return found


def chart(found: Comparison, names: tuple[str, str], currency: str) -> str:
    """What each tariff brings by hour of entry, as an SVG of pairs of bars."""
    most = max([1, *(max(tally.a_fen, tally.b_fen) for tally in found.by_hour.values())])
    parts = [text(56 + 320 * n, 18, f"{name} ({currency})", "start", 14, COLOURS[n]) for n, name in enumerate(names)]
    parts += [text(52, 280 - 240 * n / 4, f"{most * n / 400:,.0f}", "end") for n in range(5)]
    for hour, tally in found.by_hour.items():
        for number, fen in enumerate((tally.a_fen, tally.b_fen)):
            high = 240 * fen / most
            place = f'x="{60 + hour * 27 + number * 11}" y="{280 - high:.1f}" width="10" height="{high:.1f}"'
            parts.append(f'<rect {place} fill="{COLOURS[number]}"/>')
        parts.append(text(70 + hour * 27, 296, f"{hour}", "middle"))
    return picture(720, 312, parts)
