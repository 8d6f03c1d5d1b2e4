"""The tariff document: one tariff's rules as typed, versioned, JSON-able data. The README says what each means."""

import copy
import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from actors.tariffs.problems import TariffError, from_validation

FORM = 1
"""The version of the document's form."""

Fen = Annotated[int, Meta(ge=0, le=10**12)]
"""Money in hundredths of the currency's unit, for every currency."""

Price = Fen | dict[str, Fen]
"""One price, or one per vehicle class, `*` for all others."""

Minutes = Annotated[float, Meta(ge=0, le=5_256_000)]
"""A length of time; fractions are allowed as far as they are whole seconds."""

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$|^24:00$")]
"""A time of day."""

Hours = Annotated[str, Meta(pattern=r"^[0-2]\d:[0-5]\d(:[0-5]\d)?-[0-2]\d:[0-5]\d(:[0-5]\d)?$")]
"""A window of the day, `08:00-20:00`, half open; an end at or before its start lies on the next day."""

Factor = Annotated[str, Meta(pattern=r"^\d{1,6}(\.\d{1,18})?$")]
"""A multiplier as an exact decimal, `1.5`."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Counting = Literal["started", "completed", "exact"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a tariff document: unknown fields are refused, defaults are left out when it is written."""


class Stage(Part, frozen=True, kw_only=True):
    """One rung of a price ladder: up to so many minutes of stage time, this price for each unit."""

    unit_minutes: Minutes
    price_fen: Price
    upto_minutes: Minutes | None = None
    arrival: Literal["any", "period", "occurrence"] = "any"
    """Only for stays that began in this period, or only in the very occurrence in which they began."""


class Period(Part, frozen=True, kw_only=True):
    """Times and vehicles for which one ladder of prices holds; of all periods, the first that matches is in force."""

    name: str
    hours: Annotated[list[Hours], Meta(max_length=24)] = msgspec.field(default_factory=lambda: ["00:00-24:00"])
    days: list[str] = []
    classes: list[str] = []
    stages: Annotated[list[Stage], Meta(max_length=50)] = []
    flat_fen: Price | None = None
    """Instead of stages: one price for each occurrence that is used at all."""
    cap_fen: Price | None = None
    """The most for one occurrence within one cap window."""
    counts: bool = True
    """Whether its time uses up stages."""
    units: Counting | None = None


class Cap(Part, frozen=True, kw_only=True):
    """The most that a window of time may cost: the visit, so many hours from entry, or a day from clock to clock."""

    amount_fen: Price
    window: Literal["visit", "hours", "day"]
    hours: Annotated[int, Meta(ge=1, le=8784)] = 24
    at: Clock = "00:00"
    cuts_units: bool = True
    """Whether a unit ends with the window; otherwise it runs on and belongs to the window in which it began."""


class Free(Part, frozen=True, kw_only=True):
    """Free minutes: the first entry that matches the class and the day of arrival is granted."""

    minutes: Minutes
    mode: Literal["gate", "deduct"] = "gate"
    inclusive: bool = True
    measure: Literal["stay", "charged"] = "stay"
    """What a gate measures: the whole stay, or only its time within periods."""
    days: list[str] = []
    classes: list[str] = []


class Turns(Part, frozen=True, kw_only=True):
    """A further price each time the clock passes an hour during the visit."""

    at: Clock
    price_fen: Price
    first: Literal["entry_day", "next_day"] = "entry_day"
    inclusive: bool = False


class Visit(Part, frozen=True, kw_only=True):
    """A price for the visit as such; periods, if there are any, come on top."""

    price_fen: Price
    turns: Turns | None = None


class Rounding(Part, frozen=True, kw_only=True):
    """How the sum becomes a charge: to which multiple, and which way."""

    to_fen: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    mode: Literal["half_up", "half_even", "up", "down"] = "half_up"


class Charging(Part, frozen=True, kw_only=True):
    """At a bay with a charger: the class while charging (and some minutes after), and the class otherwise; who has just
    come has `plug_in_minutes` until it counts.
    """

    charging: str
    idle: str
    grace_minutes: Minutes = 0
    plug_in_minutes: Minutes = 0


class Tariff(Part, frozen=True, kw_only=True):
    """One tariff, whole: everything needed to price a stay, but for the calendar of its city."""

    form: Literal[1] = 1
    name: dict[str, str]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    zone: str = "Asia/Shanghai"
    classes: list[str] = []
    periods: Annotated[list[Period], Meta(max_length=100)] = []
    visit: Visit | None = None
    units: Counting = "started"
    least_part_minutes: Minutes = 0
    at_period_end: Literal["cut", "run_on", "pool"] = "cut"
    at_stage_end: Literal["cut", "run_on"] = "cut"
    stages_restart: Literal["stay", "cycle", "occurrence", "period"] = "stay"
    stage_clock: Literal["bought", "elapsed"] = "bought"
    gaps: Literal["skip", "count"] = "skip"
    seconds: Literal["exact", "cut"] = "exact"
    free: list[Free] = []
    caps: list[Cap] = []
    least_fen: Price | None = None
    factors: dict[str, Factor] = {}
    rounding: Rounding = Rounding()
    weekend: list[Weekday] = msgspec.field(default_factory=lambda: ["sat", "sun"])
    max_stay_minutes: Minutes | None = None
    reentry_minutes: Minutes = 0
    exit_grace_minutes: Minutes = 0
    on_change: Literal["entry", "unit", "cut"] = "entry"
    charging: Charging | None = None


def first_class(tariff: Tariff) -> str:
    """The class that is asked about when nobody says which."""
    return tariff.classes[0] if tariff.classes else "small"


PARTS = (Tariff, Period, Stage, Cap, Free, Turns, Visit, Rounding, Charging)
FIELDS = sorted({name for part in PARTS for name in part.__struct_fields__})

Read = TypeVar("Read")


def read_tariff(source: bytes | str | object) -> Tariff:
    """A document from JSON text or decoded JSON; what is wrong with its form is a TariffError."""
    return read_as(Tariff, source, FIELDS)


def read_as(kind: type[Read], source: bytes | str | object, known: list[str]) -> Read:
    """Any typed value from JSON text or decoded JSON, with errors of ours."""
    try:
        if isinstance(source, bytes | str):
            return msgspec.json.decode(source, type=kind)
        return msgspec.convert(source, kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        problem = from_validation(error, known)
        if "[...]" in problem.where:
            problem = problem._replace(where=_with_key(kind, source, problem.where))
        raise TariffError(problem) from None


def _with_key(kind: type[Read], source: bytes | str | object, where: str) -> str:
    """A path into a mapping with the key that is wrong: the one with which alone it still is."""
    whole = msgspec.json.decode(source) if isinstance(source, bytes | str) else source
    before, _, after = where.partition("[...]")
    names = [int(name) if name.isdigit() else name for name in re.split(r"[.\[\]]+", before) if name]
    for key in _at(whole, names):
        alone = copy.deepcopy(whole)
        mapping = _at(alone, names)
        mapping_of_one = {key: mapping[key]}
        mapping.clear()
        mapping.update(mapping_of_one)
        try:
            msgspec.convert(alone, kind)
        except msgspec.ValidationError as error:
            if f"{before}[...]{after}" in str(error):
                return f"{before}.{key}{after}"
    return where


def _at(whole: Any, names: list[int | str]) -> Any:
    for name in names:
        whole = whole[name]
    return whole


def write_tariff(tariff: Tariff) -> bytes:
    """The document as JSON for a file: one order, two spaces, defaults left out but for the form."""
    return msgspec.json.format(msgspec.json.encode({"form": tariff.form, **msgspec.to_builtins(tariff)}), indent=2)
