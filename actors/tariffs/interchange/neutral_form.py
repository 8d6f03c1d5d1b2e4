"""The neutral form, typed: tariffs with worked examples, for exchange. The README says what each key means."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Money = Annotated[int, Meta(ge=0, le=10**12)]
Whole = Annotated[float, Meta(ge=0, le=10**12, multiple_of=1)]
"""A price that a program wrote as `500.0`."""

Amount = Money | Whole | dict[str, Money | Whole]
Minutes = Annotated[float, Meta(ge=0, le=5_256_000)]
Text = Annotated[str, Meta(pattern=r"^\d\d?:\d\d(:\d\d)?$")]


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a neutral rule: a key that the form does not have is an error."""


class Tier(Key, frozen=True, kw_only=True):
    """So many charged minutes at this price per unit."""

    unit: Minutes
    price: Amount
    upto: Minutes | None = None


class NeutralPeriod(Key, frozen=True, kw_only=True):
    """Hours, days and vehicles with their tiers; the first that matches is in force."""

    tiers: list[Tier]
    name: str = ""
    start: Text = "00:00"
    end: Text = "24:00"
    days: str | list[str] | None = None
    vehicle: str | list[str] | None = None
    cap: Amount | None = None
    no_tier_clock: bool = False


class NeutralFree(Key, frozen=True, kw_only=True):
    """Free minutes."""

    minutes: Minutes
    mode: Literal["gate", "deduct"] = "gate"
    inclusive: bool = True


class NeutralCap(Key, frozen=True, kw_only=True):
    """The most for one cap cycle."""

    amount: Amount
    reset: Literal["24h_from_entry", "clock", "visit"]
    at: Text = "00:00"


class Rule(Key, frozen=True, kw_only=True):
    """A whole neutral rule."""

    kind: Literal["unit", "prorata", "per_visit", "turning"] = "unit"
    tz: str | None = None
    periods: list[NeutralPeriod] | None = None
    first_scope: Literal["stay", "cycle", "period"] = "stay"
    tier_clock: Literal["charged", "elapsed"] = "charged"
    tier_split: bool = True
    boundary: Literal["split", "straddle_prev"] = "split"
    round: Literal["up", "down"] = "up"
    min_span: Minutes | None = None
    free: NeutralFree | None = None
    cap: NeutralCap | None = None
    visit_cap: Amount | None = None
    min_charge: Amount | None = None
    vehicle_multiplier: dict[str, float] | None = None
    holidays: list[str] | None = None
    max_stay_min: Minutes | None = None
    price: Amount | None = None
    turn_at: Text | None = None
    turn_price: Amount | None = None
    turn_from: Literal["entry", "next_day"] = "entry"
    turn_inclusive: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change during a tariff's life: `first`, `second` … are the prices of its tiers, other keys those of a rule."""

    effective: str
    before: dict[str, Any]
    after: dict[str, Any]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One worked example: a stay and what it costs in hundredths, or what under each of several policies."""

    entry: str
    exit: str
    expected_cents: float | dict[str, Any]
    vehicle: str | None = None


class CouponExample(msgspec.Struct, frozen=True, kw_only=True):
    """What a time coupon takes off a stay."""

    entry: str
    exit: str
    coupon_hours: float
    discount_cents: int
    fee_cents: int | None = None
    vehicle: str | None = None


class NeutralTariff(msgspec.Struct, frozen=True, kw_only=True):
    """One tariff of a file: its rule, and its worked examples, each of which is read by itself."""

    id: str
    rule: dict[str, Any]
    currency: str = "CNY"
    city: str = ""
    examples: list[Any] = []
    coupon_examples: list[Any] = []
    tariff_change: Change | None = None
    exit_grace_after_payment_minutes: Minutes = 0


class NeutralFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of tariffs in the neutral form, each of which is read by itself."""

    tariffs: list[Any]


PARTS = (Rule, NeutralPeriod, Tier, NeutralFree, NeutralCap)
KEYS = sorted({name for part in PARTS for name in part.__struct_fields__})
