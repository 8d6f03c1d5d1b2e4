"""What is taken off a charge, in one order: minutes, percent, amount and full coupons, the waiver, what was paid.

Passes come before all of these: the time that they cover is not priced at all. A coupon that would take off nothing is
not used up.
"""

from fractions import Fraction
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from actors.tariffs.calendar import Days
from actors.tariffs.document import Factor, Fen, Minutes, Part
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.reckon import charge_of, reckon
from actors.tariffs.stay import Stay, Versions
from actors.tariffs.units import micros, rounded

ORDER = ("minutes", "percent", "amount", "full")


class Coupon(Part, frozen=True, kw_only=True):
    """One coupon: minutes off the end of the stay, a rate that is still to be paid, an amount off, or everything."""

    id: str
    kind: Literal["minutes", "percent", "amount", "full"]
    minutes: Minutes = 0
    rate: Factor = "1"
    amount_fen: Fen = 0
    most_fen: Fen | None = None
    """It takes off no more than this."""
    stackable: bool = True
    merchant: str = ""
    """Who bears what it takes off; empty: whoever charges."""


class Offsets(Part, frozen=True, kw_only=True):
    """Everything that may be taken off one charge, but passes, which belong to the stay."""

    coupons: Annotated[list[Coupon], Meta(max_length=20)] = []
    waiver_fen: Fen = 0
    waiver_reason: str = ""
    paid_fen: Fen = 0


class Taken(msgspec.Struct, frozen=True, gc=False):
    """One thing that was taken off, and how much."""

    kind: Literal["minutes", "percent", "amount", "full", "waiver", "paid"]
    id: str
    amount_fen: int


class Unused(msgspec.Struct, frozen=True, gc=False):
    """A coupon that was left: `not_stackable` beside a better one, or `nothing_left` for it to take off."""

    id: str
    reason: Literal["not_stackable", "nothing_left"]


def take_off(
    versions: Versions, stay: Stay, days: Days, charge: int, offsets: Offsets
) -> tuple[list[Taken], list[Unused], int]:
    """What each offset takes off a charge, which coupons are left unused, and what is due."""
    names = [coupon.id for coupon in offsets.coupons]
    if len(set(names)) != len(names):
        raise TariffError(Problem("coupon_twice", "coupons", "one coupon is used once"))
    for n, coupon in enumerate(offsets.coupons):
        if Fraction(coupon.rate) > 1:
            sentence = "a coupon leaves a part of the price to pay, at most 1"
            raise TariffError(Problem("rate_above_one", f"coupons[{n}].rate", sentence))
    best: tuple[list[Taken], list[Unused], int] | None = None
    for together in _hands(offsets.coupons):
        taken, due = _spend(versions, stay, days, charge, together)
        if best is None or due < best[2]:
            best = (taken, _left(offsets.coupons, together, taken), due)
    taken, unused, due = best or ([], [], charge)
    for kind, name, amount in (
        ("waiver", offsets.waiver_reason, offsets.waiver_fen),
        ("paid", "", offsets.paid_fen),
    ):
        if off := min(due, amount):
            taken = [*taken, Taken(kind, name, off)]  # type: ignore[arg-type]
            due -= off
    return taken, unused, due


def _hands(coupons: list[Coupon]) -> list[list[Coupon]]:
    """The sets of coupons that may be used together: all that stack, or one that does not."""
    stacking = [coupon for coupon in coupons if coupon.stackable]
    return [hand for hand in (stacking, *([coupon] for coupon in coupons if not coupon.stackable)) if hand]


def _spend(versions: Versions, stay: Stay, days: Days, charge: int, coupons: list[Coupon]) -> tuple[list[Taken], int]:
    taken, due, shorter, without = [], charge, 0, charge
    for coupon in sorted(coupons, key=lambda one: ORDER.index(one.kind)):
        if coupon.kind == "minutes":
            shorter += micros(coupon.minutes)
            before, without = without, charge_of(reckon(versions, stay, days, shorter_by=shorter))
            worth = before - without
        elif coupon.kind == "percent":
            worth = due - rounded(due * Fraction(coupon.rate), 1, "half_up")
        else:
            worth = coupon.amount_fen if coupon.kind == "amount" else due
        off = max(0, min(due, worth, due if coupon.most_fen is None else coupon.most_fen))
        if off:
            taken.append(Taken(coupon.kind, coupon.id, off))
            due -= off
    return taken, due


def _left(coupons: list[Coupon], together: list[Coupon], taken: list[Taken]) -> list[Unused]:
    used = {one.id for one in taken}
    chosen = {coupon.id for coupon in together}
    return [
        Unused(coupon.id, "nothing_left" if coupon.id in chosen else "not_stackable")
        for coupon in coupons
        if coupon.id not in used
    ]
