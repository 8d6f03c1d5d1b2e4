"""What is said to a bay, what becomes true of it, and its face."""

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class InstallBay(Command, frozen=True, gc=False):
    """The register says: this bay exists, with this number and type, and changes after this debounce."""

    number: str
    bay_type: str
    debounce_us: Micros = 0


class Sighted(Command, frozen=True, gc=False):
    """A device's opinion: is the bay taken, seen when (device's clock), received when (ours)."""

    device: str
    occupied: bool
    seen_us: Micros
    received_us: Micros
    confidence_pct: int = 100


class DeviceHealth(Command, frozen=True, gc=False):
    """How one of the bay's devices is: `ok`, `silent` (offline) or `fault` (it reports a fault itself)."""

    device: str
    health: str
    since_us: Micros


class Settle(Command, frozen=True, gc=False):
    """The debounce time of a suspected change is over (a wake)."""


class BayQuery(Query, frozen=True, gc=False):
    """Asks a bay for its face."""


class BayInstalled(Fact, frozen=True, gc=False):
    """The bay took its number, type and debounce from the register."""

    number: str
    bay_type: str
    debounce_us: Micros


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


class Dismissed(Fact, frozen=True, gc=False):
    """A suspected change went back before its debounce had passed: nothing changed."""

    since_us: Micros


class Taken(Fact, frozen=True, gc=False):
    """A vehicle stands in the bay since then, as this device saw and we received it."""

    since_us: Micros
    device: str
    seen_us: Micros
    received_us: Micros


class Freed(Fact, frozen=True, gc=False):
    """The bay is free since then; `stay_us` is how long it had been taken (0 if that is not known)."""

    since_us: Micros
    device: str
    seen_us: Micros
    received_us: Micros
    stay_us: Micros


class Disputed(Fact, frozen=True, gc=False):
    """Two healthy devices contradict each other: the bay is to be verified."""

    device: str
    other: str
    since_us: Micros


class Agreed(Fact, frozen=True, gc=False):
    """The bay's devices agree again."""

    since_us: Micros


class HealthNoted(Fact, frozen=True, gc=False):
    """One of the bay's devices changed its health (`ok`, `silent`, `fault`)."""

    device: str
    health: str
    since_us: Micros


class LateSighting(Fact, frozen=True, gc=False):
    """A sighting older than what the bay already knew: counted, not believed."""

    device: str
    occupied: bool
    seen_us: Micros


class BayFace(Face, frozen=True, gc=False):
    """A bay as others see it: `state` is one of unknown, free, occupied, verify, stale, faulty."""

    number: str
    bay_type: str
    state: str
    since_us: Micros
    changed_us: Micros
    device: str
    occupied: bool | None
    late: int


class BayAnswer(Reply, frozen=True, gc=False):
    """The bay's face, as an answer."""

    face: BayFace
