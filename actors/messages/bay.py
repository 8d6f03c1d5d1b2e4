"""What is said to a bay, what becomes true of it, and its face."""

from actors.messages.forms import Command, Face, Fact, Order, Query, Reply
from actors.values import HOUR_US, Micros


class InstallBay(Order, frozen=True, gc=False):
    """The register says: this bay exists, with this number and type, and changes after this debounce; a device's
    opinion counts for `dispute_us` beside newer ones of the bay's other devices.
    """

    number: str
    bay_type: str
    debounce_us: Micros = 0
    dispute_us: Micros = HOUR_US


class Sighted(Command, frozen=True, gc=False):
    """A device's opinion: is the bay taken, seen when (device's clock), received when (ours); `lost` of the device's
    frames were missed just before this one.
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
    """Somebody says that the vehicle has left; `remote`: without having been there."""

    exit_us: Micros
    source: str
    device: str
    person: str = ""
    remote: bool = False


class AdoptSession(Command, frozen=True, gc=False):
    """From a session: its vehicle stands here."""

    session: str
    at_us: Micros


class ForgetSession(Command, frozen=True, gc=False):
    """From a session: its vehicle does not stand here (it was void, or stands in another bay)."""

    session: str


class SessionAt(Reply, frozen=True, gc=False):
    """The stay that a report went to, and whether the report began it."""

    session: str
    opened: bool = False


class StayBegan(Fact, frozen=True, gc=False):
    """A parking session of this bay is open."""

    session: str
    at_us: Micros
    source: str


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
    """A bay as others see it: `state` is one of unknown, free, occupied, verify, stale, faulty; taken or free since
    `since_us`, shown so since `changed_us`; `late` sightings came too late, `lost` frames were missed since `since_us`.
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


class BayAnswer(Reply, frozen=True, gc=False):
    """The bay's face, as an answer."""

    face: BayFace
