"""A lot's rules as reference data carries them (`rules/LOT`): its mode, its operator, and what may happen there."""

from typing import Annotated, Final, Literal, NamedTuple

import msgspec

RULES: Final = "rules/"
"""Before the id of a lot: its rules."""

SPECIAL_PLATES: Final = "special-plates"
"""Which classes of plates park free everywhere; without a version, those of `SpecialPlates`."""

Mode = Literal["watched", "sensor_pda", "sensor_patrol", "loop", "lock", "camera", "pile", "gate"]
Fallback = Literal["open", "hold", "seat"]

Fen = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=366 * 24 * 60)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Words = Annotated[tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...], msgspec.Meta(max_length=64)]


class May(NamedTuple):
    """Which sources may open a stay, end it, and say its plate."""

    open: frozenset[str]
    end: frozenset[str]
    plate: frozenset[str]


def _may(opens: str, ends: str, plates: str) -> May:
    return May(frozenset(opens.split()), frozenset(ends.split()), frozenset(plates.split()))


MODES: Final[dict[str, May]] = {
    "watched": _may("", "", ""),
    "sensor_pda": _may("sensor pda owner", "sensor pda", "pda owner staff"),
    "sensor_patrol": _may("sensor patrol owner", "sensor patrol pda", "patrol pda owner staff"),
    "loop": _may("loop sensor pda owner", "loop sensor pda", "pda owner staff"),
    "lock": _may("lock sensor owner", "lock sensor pda", "owner pda staff"),
    "camera": _may("camera pda", "camera pda", "camera pda owner staff"),
    "pile": _may("pile pda", "pile pda", "pile pda owner staff"),
    "gate": _may("lane seat", "lane seat", "lane owner seat staff"),
}
"""What a section's mode lets whom do; people of the back office (`staff`) may correct everywhere."""


class SpecialPlates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The classes of plates (`plates.plate_class`) that are never charged."""

    classes: tuple[str, ...] = ("military", "police", "emergency", "embassy", "learner")


FLEETS: Final = "fleets"
"""The rules by which departures of one model and firmware are believed."""


class FleetRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From how many departures in ten minutes on a fleet is suspected (`least`; 0: never), if that is so many `times`
    as many as usual; not before it was seen for `learn_minutes`.
    """

    least: int = 100
    times: float = 5.0
    learn_minutes: int = 60


class Gates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lot's lanes do by themselves."""

    wait_ms: Annotated[int, msgspec.Meta(ge=50, le=10_000)] = 800
    entry_fallback: Fallback = "open"
    exit_fallback: Fallback = "seat"
    refuse_black: bool = True
    refuse_arrears: bool = False
    refuse_when_full: bool = True
    quote_minutes: Minutes = 5
    exit_without_entry: Literal["least", "most", "desk"] = "desk"
    unknown_fen: Fen = 0
    """What `least` and `most` charge when the entry was lost."""
    emergency: Literal["keep", "owe", "free"] = "keep"
    """What becomes of the stays that were inside when all gates were forced open, once they work again: those that no
    camera saw leave go on (`keep`), or end when the gates were opened and are owed (`owe`); with `free` nobody pays."""


class Holds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be reserved in a lot: bays of these types by anybody, others only if their owners share them. A bay is
    kept `hold_minutes` from when its holder said that he comes, which is at most `ahead_minutes` from now.
    """

    bay_types: tuple[str, ...] = ()
    hold_minutes: int = 30
    ahead_minutes: int = 24 * 60
    deposits_fen: dict[str, int] = {}
    """Type of bay → what reserving one takes; it is paid within `pay_minutes`."""
    pay_minutes: int = 10
    cancel_minutes: int = 30
    """So long before he comes, a holder may cancel and have the deposit back."""


class LotRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How stays are opened, ended and paid in one lot. Without rules a lot is only watched: it has no stays."""

    mode: Mode = "watched"
    operator: Annotated[str, msgspec.Meta(max_length=64)] = ""
    street: bool = True
    groups: Words = ()
    areas: Words = ()
    """Its road and region, for event days."""
    capacity: Count = 0
    bill_minutes: Minutes = 5
    arrears_minutes: Minutes = 60
    reminder_days: Annotated[tuple[Days, ...], msgspec.Meta(max_length=20)] = (1, 3, 7)
    confidence_pct: Percent = 80
    camera_bays: Count = 8
    """How many bays one camera may watch here."""
    free_lists: Words = ("white", "special")
    special_by_hand: bool = True
    gates: Gates = msgspec.field(default_factory=Gates)
    holds: Holds = msgspec.field(default_factory=Holds)
    bay_units: int = 4
    """How much room a bay has: a car takes all of these, a motorcycle two."""
