"""What tariffs, prices and calendars look like in answers; money in hundredths, instants in microseconds."""

from typing import Annotated, Literal, Self

import msgspec

from actors.tariffs.calendar import Calendar
from actors.tariffs.document import Tariff
from actors.tariffs.occupancy import Steering
from actors.tariffs.problems import Problem as Senseless
from actors.tariffs.quote import Quote
from actors.values import Micros
from gateway.http.forms import Shown
from gateway.http.shown import Next

Standing = Literal["in_force", "coming", "past", "replaced"]
"""`replaced`: another version takes effect at the same time, so this one never holds."""

Fen = int


class Told(Shown, frozen=True):
    """The same lines in Chinese and in English."""

    zh: list[str]
    en: list[str]


class VersionShown(Shown, frozen=True):
    """A version of a tariff: from when it holds, until when (null: no end in sight), who published it when and why."""

    version: int
    standing: Standing
    effective_us: Micros
    until_us: Micros | None
    at: Micros
    who: str
    note: str


class TariffShown(Shown, frozen=True):
    """A tariff as a line of the list: `version` is in force now (null: none yet), `newest` the last one published."""

    id: str
    name: dict[str, str]
    currency: str
    zone: str
    newest: int
    version: int | None
    next_us: Annotated[Micros | None, msgspec.Meta(description="When the version in force changes next")]
    lots: Annotated[int, msgspec.Meta(description="How many lots have it now")]


class Tariffs(Shown, frozen=True):
    """One page of tariffs."""

    items: list[TariffShown]
    next: Next


class Versions(Shown, frozen=True):
    """One page of a tariff's versions, newest first."""

    items: list[VersionShown]
    next: Next


class VersionWhole(Shown, frozen=True):
    """A version with its document and the same in words."""

    id: str
    version: VersionShown
    document: Tariff
    words: Told


class Assignment(Shown, frozen=True):
    """Which tariff a lot has from a time on; an empty one: nothing is charged there."""

    lot: str
    tariff: str
    standing: Standing
    effective_us: Micros
    at: Micros
    who: str


class Assignments(Shown, frozen=True):
    """Which tariffs lots have, or have had."""

    items: list[Assignment]
    next: Next


class Holding(Shown, frozen=True):
    """What holds for a stay that begins at this moment in this lot: it keeps this version, whatever comes later."""

    lot: str
    at_us: Micros
    tariff: str
    version: int
    effective_us: Micros
    assigned_us: Micros
    document: Tariff
    factor: Annotated[str, msgspec.Meta(description="By what it is multiplied, where the price follows occupancy")] = (
        "1"
    )


class FactorStep(Shown, frozen=True):
    """One step of a price that follows occupancy: announced at `at`, for stays that begin from `effective_us` on."""

    factor: str
    effective_us: Micros
    standing: Standing
    at: Micros
    who: str
    note: str


class OccupancyPrice(Shown, frozen=True):
    """How a lot's price follows occupancy (null: it does not; version 0: nobody ever said), how full the lot is in
    percent (null: nobody knows), the factor of stays that begin now, and every step, newest first.
    """

    lot: str
    version: int
    steering: Steering | None
    percent: int | None
    factor: str
    steps: list[FactorStep]


class Offer(Shown, frozen=True):
    """A tariff to begin with."""

    id: str
    document: Tariff
    words: Told


class Offers(Shown, frozen=True):
    """All of them."""

    items: list[Offer]


class ProblemShown(Shown, frozen=True):
    """One thing that makes no sense: a stable code, where in the document, and a sentence in both languages."""

    code: str
    where: str
    sentence: str
    sentence_zh: str

    @classmethod
    def of(cls, problem: Senseless) -> Self:
        """As it is shown."""
        return cls(problem.code, problem.where, problem.sentence, problem.said("zh"))


class Checked(Shown, frozen=True):
    """Whether a document makes sense: the same in words, and as a file; or what is wrong with it."""

    problems: list[ProblemShown]
    words: Told | None
    document: Tariff | None


class ChangeShown(Shown, frozen=True):
    """A running fee: it holds when leaving up to `holds_until_us`, then it is `then_fen`; null: it does not change."""

    now_fen: Fen
    holds_until_us: Micros | None
    then_fen: Fen | None


class Priced(Shown, frozen=True):
    """A stay priced: by which version of which tariff (empty: a document that came along), its lines, and in words."""

    tariff: str
    version: int
    quote: Quote
    words: Told
    change: ChangeShown


class CurveShown(Shown, frozen=True):
    """How the charge grows: (after so long, the charge from just after then on), at entry first."""

    name: dict[str, str]
    steps: list[tuple[Micros, Fen]]


class BandShown(Shown, frozen=True):
    """A time in which one period is in force, by its name in both languages; no name: parking is free."""

    from_us: Micros
    to_us: Micros
    name: dict[str, str]


class Curves(Shown, frozen=True):
    """Charges over the length of a stay, and the periods that lie under the first of them."""

    currency: str
    zone: str
    length_us: Micros
    curves: list[CurveShown]
    bands: list[BandShown]
    unknown_years: Annotated[list[int], msgspec.Meta(description="Years without holidays in the calendar")]


class OutcomeShown(Shown, frozen=True):
    """One worked example: what was expected, what came out, the lines behind it."""

    entry: str
    exit: str
    vehicle: str
    what: str
    policy: str
    expected_fen: Fen
    got_fen: Fen
    right: bool
    words: Told


class TariffTried(Shown, frozen=True):
    """One tariff of a file with all its examples, and what of it could not be read."""

    id: str
    city: str
    currency: str
    document: Tariff | None
    outcomes: list[OutcomeShown]
    problems: list[ProblemShown]


class ExamplesTried(Shown, frozen=True):
    """A whole file of worked examples, priced."""

    right: int
    wrong: int
    unread: int
    tariffs: list[TariffTried]


class TallyShown(Shown, frozen=True):
    """Stays of one kind: how many, what each tariff brings, for how many the second is dearer, cheaper, the same."""

    stays: int
    a_fen: Fen
    b_fen: Fen
    dearer: int
    cheaper: int
    same: int


class Compared(Shown, frozen=True):
    """Two tariffs over the same stays: all of them, by vehicle class, and by hour of entry (24 of them)."""

    currency: str
    zone: str
    all: TallyShown
    by_class: dict[str, TallyShown]
    by_hour: list[TallyShown]


class ImportedTariff(Shown, frozen=True):
    """One tariff of a foreign file, under all its names there."""

    names: list[str]
    document: Tariff
    words: Told


class UnreadTariff(Shown, frozen=True):
    """Something of a foreign file that our documents cannot say, and why."""

    name: str
    problems: list[ProblemShown]


class Imported(Shown, frozen=True):
    """A foreign file: how many of its tariffs were read, the different ones, and those that were not."""

    read: int
    tariffs: list[ImportedTariff]
    unread: list[UnreadTariff]


class CalendarShown(Shown, frozen=True):
    """The city's calendar; version 0: none was published yet, so every year is unknown."""

    version: int
    calendar: Calendar
    at: Micros
    who: str
    note: str


class CalendarFound(Shown, frozen=True):
    """A calendar as a source knows it, and the years that it does not know."""

    calendar: Calendar
    missing: list[int]
