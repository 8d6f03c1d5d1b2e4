"""What passes are sold: rules as reference data carries them (`pass-rules/RULE`)."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from actors.values import Micros

PASS_RULES: Final = "pass-rules/"  # noqa: S105
"""Before the id of a rule."""

Fen = Annotated[int, Meta(ge=0, le=10**9)]
Rate = Annotated[str, Meta(pattern=r"^(0(\.\d{1,4})?|1)$")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Count = Annotated[int, Meta(ge=1, le=120)]


class Discount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who buys so many periods or more at once pays this part of the price."""

    periods: Count
    rate: Rate


class PassRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of pass. `price_fen` is for one period, by class of vehicle (`plates.tariff_classes`); `*` is for all
    that are not named: without it they get no pass. `lots` and `groups` are its scope, `seats` is how many of its
    plates are covered inside at once. `withdrawn`: it is sold no more.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    price_fen: Annotated[dict[str, Fen], Meta(min_length=1, max_length=20)]
    lots: Annotated[tuple[Name, ...], Meta(max_length=2000)] = ()
    groups: Annotated[tuple[Name, ...], Meta(max_length=200)] = ()
    period: Literal["day", "month", "year"] = "month"
    periods: Annotated[tuple[Count, ...], Meta(min_length=1, max_length=50)] = (1, 3, 6, 12)
    discounts: Annotated[tuple[Discount, ...], Meta(max_length=20)] = ()
    online: bool = True
    sold_from_us: Annotated[Micros, Meta(ge=0)] = 0
    sold_until_us: Annotated[Micros, Meta(ge=0)] = 0
    """0: for good."""
    seats: Count = 1
    plates: Count = 1
    refund: Literal["none", "unused"] = "unused"
    refund_fee_fen: Fen = 0
    remind_days: Annotated[int, Meta(ge=0, le=60)] = 3
    offer_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30
    operator: Annotated[str, Meta(max_length=64)] = ""
    zone: Annotated[str, Meta(max_length=64)] = "Asia/Shanghai"
    withdrawn: bool = False
