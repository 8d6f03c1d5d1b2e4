"""A lot's rules as reference data carries them (`rules/LOT`): its mode, its operator, and what may happen there."""

from typing import Final, Literal, NamedTuple

import msgspec

RULES: Final = "rules/"
"""Before the id of a lot: its rules."""

SPECIAL_PLATES: Final = "special-plates"
"""Which classes of plates park free everywhere; without a version, those of `SpecialPlates`."""

Mode = Literal["watched", "sensor_pda", "sensor_patrol", "loop", "lock", "camera", "pile", "gate"]
Fallback = Literal["open", "hold", "seat"]


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

    wait_ms: int = 800
    entry_fallback: Fallback = "open"
    exit_fallback: Fallback = "seat"
    refuse_black: bool = True
    refuse_arrears: bool = False
    refuse_when_full: bool = True
    quote_minutes: int = 5
    exit_without_entry: Literal["least", "most", "desk"] = "desk"
    unknown_fen: int = 0
    """What `least` and `most` charge when the entry was lost."""


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
    operator: str = ""
    street: bool = True
    groups: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    """Its road and region, for event days."""
    capacity: int = 0
    bill_minutes: int = 5
    arrears_minutes: int = 60
    reminder_days: tuple[int, ...] = (1, 3, 7)
    confidence_pct: int = 80
    camera_bays: int = 8
    """How many bays one camera may watch here."""
    free_lists: tuple[str, ...] = ("white", "special")
    special_by_hand: bool = True
    gates: Gates = msgspec.field(default_factory=Gates)
    holds: Holds = msgspec.field(default_factory=Holds)
    bay_units: int = 4
    """How much room a bay has: a car takes all of these, a motorcycle two."""
