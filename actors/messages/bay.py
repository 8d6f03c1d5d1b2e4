"""What is said to a bay, what becomes true of it, and its face."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Order, Query, Reply
from actors.values import HOUR_US, Micros


class InstallBay(Order, frozen=True, gc=False):
    """The register says: this bay exists, with this number and type, and changes after this debounce; a device's
    opinion counts for `dispute_us` beside newer ones of the bay's other devices; `charger`: cars can be charged in it.
    """

    number: str
    bay_type: str
    debounce_us: Micros = 0
    dispute_us: Micros = HOUR_US
    charger: bool = False


class Sighted(Command, frozen=True, gc=False):
    """A device's opinion: is the bay taken, seen when (device's clock), received when (ours); `lost` of the device's
    frames were missed just before this one. `contradicted`: the other half of the device says the opposite.
    `model` is the device's kind and firmware (`yun-json:2.1`), the fleet that it belongs to.
    """

    device: str
    occupied: bool
    seen_us: Micros
    received_us: Micros
    confidence_pct: int = 100
    lost: int = 0
    source: str = "sensor"
    plate: str = ""
    colour: str = ""
    contradicted: bool = False
    model: str = ""


class DeviceHealth(Command, frozen=True, gc=False):
    """How one of the bay's devices is: `ok`, `silent` (offline), `fault` (it reports a fault itself) or `gone` (it
    watches this bay no longer).
    """

    device: str
    health: str
    since_us: Micros


class DebounceOver(Command, frozen=True, gc=False):
    """The debounce time of a suspected change is over (a wake)."""


class ReportPlate(Command, frozen=True, gc=False):
    """Somebody (a collector, a patrol car, an owner, the back office) says which vehicle stands here: the plate goes to
    the open stay, or opens one (as of when the bay was taken) if there is none and the lot's mode lets the source.
    """

    plate: str
    colour: str
    source: str
    device: str
    confidence_pct: int
    at_us: Micros
    person: str = ""
    no_plate: bool = False


class ReportExit(Command, frozen=True, gc=False):
    """Somebody says that the vehicle has left; `remote`: without having been there. `plate`: which of several."""

    exit_us: Micros
    source: str
    device: str
    person: str = ""
    remote: bool = False
    plate: str = ""


class LetOut(Command, frozen=True, gc=False):
    """From a session: nothing is owed, its vehicle may go; a bay with a lock lowers it."""

    session: str


class AdoptSession(Command, frozen=True, gc=False):
    """From a session: its vehicle stands here."""

    session: str
    at_us: Micros


class ForgetSession(Command, frozen=True, gc=False):
    """From a session: its vehicle does not stand here (it was void, or stands in another bay)."""

    session: str


class StayNoted(Command, frozen=True, gc=False):
    """From the bay's session: whose it is now, and what is to be known of that vehicle."""

    session: str
    entry_us: Micros
    plate: str
    colour: str
    list: str
    owes: int
    owes_fen: int


class SessionAt(Reply, frozen=True, gc=False):
    """The stay that a report went to, and whether the report began it."""

    session: str
    opened: bool = False


class StayBegan(Fact, frozen=True, gc=False):
    """A parking session of this bay is open."""

    session: str
    at_us: Micros
    source: str


class StayJoined(Fact, frozen=True, gc=False):
    """Another motorcycle's parking session is open beside those that are."""

    session: str
    at_us: Micros
    source: str


class StaySeen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The open stay of a bay: since when, whose, on which list, and what that vehicle owes elsewhere."""

    session: str
    entry_us: Micros
    plate: str = ""
    colour: str = ""
    list: str = ""
    owes: int = 0
    owes_fen: int = 0


class StayMarked(Fact, frozen=True, gc=False):
    """What is to be known of the bay's stay is now this."""

    stay: StaySeen


class StayOver(Fact, frozen=True, gc=False):
    """The bay's parking session is open no longer, or not here."""

    session: str
    at_us: Micros
    source: str


class BayQuery(Query, frozen=True, gc=False):
    """Asks a bay for its face."""


class BayInstalled(Fact, frozen=True, gc=False):
    """The bay took its number, type and times from this order of the register."""

    number: str
    bay_type: str
    debounce_us: Micros
    dispute_us: Micros = HOUR_US
    order: int = 0
    charger: bool = False


class Opined(Fact, frozen=True, gc=False):
    """A device now holds this opinion of the bay (kept to fuse it with others')."""

    device: str
    occupied: bool
    seen_us: Micros


class Suspected(Fact, frozen=True, gc=False):
    """A change was seen and waits for its debounce to pass."""

    occupied: bool
    since_us: Micros
    device: str
    seen_us: Micros
    received_us: Micros
    source: str = "sensor"
    model: str = ""


class Dismissed(Fact, frozen=True, gc=False):
    """A suspected change went back before its debounce had passed: nothing changed."""

    since_us: Micros


class Taken(Fact, frozen=True, gc=False):
    """A vehicle stands in the bay since then, as this device saw and we received it; `lost` frames were missed since
    the change before, so it may have come earlier; `first`: nothing was known of the bay before.
    """

    since_us: Micros
    device: str
    seen_us: Micros
    received_us: Micros
    lost: int = 0
    first: bool = False
    source: str = "sensor"


class Freed(Fact, frozen=True, gc=False):
    """The bay is free since then; `stay_us` is how long it had been taken (0 if that is not known); `lost` frames were
    missed during the stay, which is kept and marked by them; `first`: nothing was known of the bay before.
    """

    since_us: Micros
    device: str
    seen_us: Micros
    received_us: Micros
    stay_us: Micros
    lost: int = 0
    first: bool = False
    source: str = "sensor"


class DepartureAsked(Fact, frozen=True, gc=False):
    """A device says that the stay is over, and its fleet is asked whether it is to be believed."""

    session: str
    model: str
    exit_us: Micros
    source: str
    device: str
    lost: int = 0


class DepartureWaits(Fact, frozen=True, gc=False):
    """The departure is not believed: the stay goes on until a person has decided."""

    session: str
    exit_us: Micros


class DepartureUndone(Fact, frozen=True, gc=False):
    """A person says that the vehicle never left."""

    session: str
    person: str
    at_us: Micros


class LockKnown(Fact, frozen=True, gc=False):
    """This device is the bay's lock."""

    device: str


class BayKept(Fact, frozen=True, gc=False):
    """Whether the bay is reserved, and whether its holding wants to know what happens here."""

    reserved: bool
    guarded: bool


class LockMoved(Fact, frozen=True, gc=False):
    """The bay's lock has carried out an order (`raise`, `lower`), or has not (`why`)."""

    device: str
    order: str
    why: str


class Missed(Fact, frozen=True, gc=False):
    """This many frames of a device were lost before the one seen then: what the bay did meanwhile is not known."""

    device: str
    lost: int
    seen_us: Micros


class Shown(Fact, frozen=True, gc=False):
    """What others see of the bay: this state, since then (our clock)."""

    state: str
    at_us: Micros


class Disputed(Fact, frozen=True, gc=False):
    """Two healthy devices contradict each other: the bay is to be verified."""

    device: str
    other: str
    since_us: Micros


class Agreed(Fact, frozen=True, gc=False):
    """The bay's devices agree again."""

    since_us: Micros


class HealthNoted(Fact, frozen=True, gc=False):
    """One of the bay's devices changed its health (`ok`, `silent`, `fault`, `gone`)."""

    device: str
    health: str
    since_us: Micros


class LateSighting(Fact, frozen=True, gc=False):
    """A sighting older than what the bay already knew: counted, not believed."""

    device: str
    occupied: bool
    seen_us: Micros


class BayFace(Face, frozen=True, gc=False):
    """A bay as others see it, with its open stay and those of motorcycles beside it: `state` is one of unknown, free,
    occupied, reserved, verify, stale, faulty; taken or free since `since_us`, shown so since `changed_us`; `late`
    sightings came too late, `lost` frames were missed since `since_us`.
    """

    number: str
    bay_type: str
    state: str
    since_us: Micros
    changed_us: Micros
    device: str
    occupied: bool | None
    late: int
    lost: int = 0
    session: str = ""
    stay: StaySeen | None = None
    beside: tuple[StaySeen, ...] = ()


class BayAnswer(Reply, frozen=True, gc=False):
    """The bay's face, as an answer."""

    face: BayFace
