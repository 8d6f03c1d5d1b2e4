"""What a session costs: its tariff, its vehicle's class, passes, waivers and coupons, as of one moment."""

from typing import NamedTuple

import msgspec

from actors.engine.turn import Turn
from actors.kinds.known import days_of, rules_of, versions_of
from actors.kinds.session.state import Remembered
from actors.messages.money import Off
from actors.messages.session_facts import Priced
from actors.plates import tariff_classes
from actors.tariffs.calendar import Days
from actors.tariffs.document import first_class
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError, from_validation
from actors.tariffs.quote import quote
from actors.tariffs.reckon import charge_of, reckon
from actors.tariffs.running import covers_until, first_entry, running
from actors.tariffs.stay import Stay, Versions
from actors.values import Micros

EVERYTHING_FEN = 1 << 40
REFUND = "refund"
"""What was given back is taken off the charge, or it would be owed again."""

_encode = msgspec.msgpack.Encoder().encode
_coupons = msgspec.msgpack.Decoder(list[Coupon])


class Price(NamedTuple):
    """What a stay costs as of `at_us`: the charge, what is taken off it, and the quote with its lines."""

    at_us: Micros
    charge_fen: int
    off: tuple[Off, ...]
    quote: bytes

    @property
    def fen(self) -> int:
        """Charge less what is taken off."""
        return self.charge_fen - sum(each.fen for each in self.off)


REENTRY = "reentry"
"""What the earlier stays cost that this one goes on with."""


class Asked(NamedTuple):
    """Everything a price is made of."""

    versions: Versions
    stay: Stay
    days: Days


def fee_until(asked: Asked, at_us: Micros) -> int:
    """What the stay costs as far as that moment."""
    return charge_of(reckon(asked.versions, msgspec.structs.replace(asked.stay, exit_us=at_us), asked.days))


class Pricing(Remembered):
    """A session that can say what it costs."""

    def price(self, turn: Turn, at_us: Micros, coupons: bytes = b"") -> Price:
        """What leaving then costs; TariffError if coupons make no sense."""
        at_us = self.counted(at_us)
        kept = tuple(each for each in self.off if each.kind == REFUND)
        if not self.tariff or self.void or self.fixed_fen >= 0:
            return Price(at_us, 0 if self.void else max(self.fixed_fen, 0), () if self.void else kept, b"")
        asked = self._asked(turn, at_us)
        fen, why = self._waiver(turn)
        offered = Offsets(coupons=self._used(coupons), waiver_fen=fen, waiver_reason=why)
        made = quote(asked.versions, asked.stay, asked.days, offered)
        bear: dict[tuple[str, str], str] = {(each.kind, each.id): each.merchant for each in offered.coupons}
        off = tuple(
            Off(each.kind, each.id, each.amount_fen, bear.get((each.kind, each.id), "")) for each in made.offsets
        )
        if earlier_fen := min(self._earlier(asked), made.due_fen):
            off = (*off, Off(REENTRY, "", earlier_fen))
        return Price(at_us, made.charge_fen, off + kept, _encode(made))

    def price_due(self, turn: Turn, at_us: Micros, coupons: bytes = b"") -> Price:
        """What leaving then costs whoever pays now; TariffError as above. A stay that is over has its price, which was
        shown: whatever changes the stay makes it anew, and other coupons do.
        """
        if self.exit_us is None or coupons:
            return self.price(turn, at_us, coupons)
        return Price(self.priced_at_us, self.charge_fen, self.off, self.quote)

    def counted(self, at_us: Micros) -> Micros:
        """The moment that counts when the vehicle leaves at `at_us`: after a payment, within what it covers, the
        payment's; not if a late word says that it had left before it paid.
        """
        if self.covers_until_us and self.priced_at_us <= at_us <= self.covers_until_us:
            return self.priced_at_us
        return max(at_us, self.entry_us)

    def covered_until(self, turn: Turn, at_us: Micros) -> Micros:
        """Until when a vehicle may leave that pays at that moment."""
        if not self.tariff:
            return at_us
        return covers_until(*self._asked(turn, at_us))

    def next_change(self, turn: Turn, at_us: Micros) -> tuple[Micros | None, int | None]:
        """Until when the charge of leaving at `at_us` holds, and what it is then."""
        if not self.tariff or self.void or (self.exit_us is not None and at_us >= self.exit_us):
            return None, None
        if at_us <= self.covers_until_us:
            later = self._asked(turn, self.covers_until_us + 1)
            return self.covers_until_us, running(*later).now_fen
        change = running(*self._asked(turn, at_us))
        return change.holds_until_us, change.then_fen

    def reprice(self, turn: Turn, price: Price, why: str) -> None:
        """Makes this the stay's price, if it is another."""
        if (price.charge_fen, price.off) == (self.charge_fen, self.off) and price.at_us == self.priced_at_us:
            return
        more = price.charge_fen - self.charge_fen
        said = (price.at_us, why, price.quote, self.operator, self.plate_class)
        self.learn(Priced(price.charge_fen, price.off, more, difference(self.off, price.off), *said), turn)

    def _asked(self, turn: Turn, at_us: Micros) -> Asked:
        rules = rules_of(turn, turn.me.place, self.entry_us)
        versions = versions_of(turn, self.tariff, self.tariff_version, at_us)
        days = days_of(turn, turn.me.place, *rules.areas)
        plan = versions.parts(self.entry_us)[0][1]
        stay = Stay(
            entry_us=first_entry(plan, list(self.visits), self.entry_us),
            exit_us=at_us,
            vehicle=self._vehicle(plan),
            passes=sorted(self.covers.values()),
            factor=self.factor,
            charging=[(start, end or at_us) for start, end in self.charging if start < (end or at_us)],
        )
        return Asked(versions, stay, days)

    def _earlier(self, asked: Asked) -> int:
        """What of the price belongs to earlier stays: who came back so soon goes on with the first one."""
        first_us = asked.stay.entry_us
        lefts = [left_us for entered_us, left_us in self.visits if entered_us >= first_us]
        return fee_until(asked, max(lefts)) if lefts else 0

    def _vehicle(self, plan: Plan) -> str:
        """The most special class that this tariff names for the plate; its first one, if it names none of them."""
        if (self.charger or self.charging) and plan.tariff.charging:
            return plan.tariff.charging.charging
        wanted = (*tariff_classes(self.plate_class), "other")
        return next((each for each in wanted if each in plan.classes), first_class(plan.tariff))

    def _waiver(self, turn: Turn) -> tuple[int, str]:
        """What is waived, and why: everything for a vehicle on a free list, or what staff said."""
        if self.list and self.list in rules_of(turn, turn.me.place, self.entry_us).free_lists:
            return EVERYTHING_FEN, f"{self.list}: {self.list_why}"
        return (EVERYTHING_FEN if self.waived_fen < 0 else self.waived_fen), self.waived_why

    def _used(self, coupons: bytes) -> list[Coupon]:
        """Coupons that were used stay used: a follow-up is the price of the whole stay with them."""
        used = {each.id: each for part in (*self.coupons, coupons) if part for each in coupons_in(part)}
        return list(used.values())


def coupons_in(body: bytes) -> list[Coupon]:
    """The terms of coupons as a message carries them; TariffError if they make none."""
    try:
        return _coupons.decode(body)
    except msgspec.MsgspecError as error:
        problem = from_validation(error, ())
        raise TariffError(problem._replace(where=f"coupons{problem.where}")) from None


def difference(before: tuple[Off, ...], after: tuple[Off, ...]) -> tuple[Off, ...]:
    """What is taken off more (or, negative, less) than before."""
    sums = {(each.kind, each.id, each.merchant): -each.fen for each in before}
    for each in after:
        what = (each.kind, each.id, each.merchant)
        sums[what] = sums.get(what, 0) + each.fen
    return tuple(Off(kind, id, fen, merchant) for (kind, id, merchant), fen in sums.items() if fen)
