"""What is said to a device, what becomes true of it, and its face."""

from typing import ClassVar

from actors.messages.forms import Command, Face, Fact, Order, Query, Reply, Request
from actors.values import Micros


class Installing(Order, frozen=True, gc=False):
    """What `InstallDevice` has said from the beginning."""

    kind: str
    bay: str
    heartbeat_us: Micros


class InstallDevice(Installing, frozen=True, gc=False, kw_only=True):
    """The register says: this device is of this kind, watches this bay and reports at least this often. `bays`: it
    watches several, and says by number (1 …) of which it speaks; an empty name is a number that is not bound.
    """

    bays: tuple[str, ...] = ()


class Uplinked(Command, frozen=True, gc=False):
    """One decoded radio frame. Absent readings are None; `serial` counts frames, `serial_top` is where it wraps
    back to 1 (0: never), so that lost frames can be counted. `clock_us` is the device's clock when that was too
    wrong to be `seen_us` (then the time of arrival is). `source` is what sort of device says so (sensor, loop, camera,
    pile, lock, lane); `plate` and `colour` are what a camera read, as sure as `confidence_pct`; `bay_index` says which
    of the bays that it watches (0: its only one). `radar` is what the other half of a double sensor says; `arm` is how
    a lock or barrier stands (`up`, `down`, `moving`), `ack` the id of an order that the device has carried out, or
    could not (`ack_why`). `event` is the device's own number of what it saw, `pictures` of it by their SHA-256.
    """

    seen_us: Micros
    received_us: Micros
    occupied: bool | None = None
    serial: int | None = None
    serial_top: int = 0
    boot: int = 0
    battery_pct: int | None = None
    battery_mv: int | None = None
    rssi_dbm: int | None = None
    temperature_c: float | None = None
    fault: bool = False
    started: bool = False
    simulated: bool = False
    snr_db: float | None = None
    clock_us: Micros | None = None
    source: str = "sensor"
    plate: str = ""
    colour: str = ""
    confidence_pct: int = 100
    bay_index: int = 0
    radar: bool | None = None
    firmware: str = ""
    arm: str = ""
    ack: str = ""
    ack_why: str = ""
    event: str = ""
    pictures: tuple[str, ...] = ()


class HeardLate(Reply, frozen=True, gc=False):
    """The frame was older than one already heard: taken and counted, its opinion not passed on."""


class CheckSilence(Command, frozen=True, gc=False):
    """Three heartbeats may have been missed: look (a wake)."""


class Instruct(Command, frozen=True, gc=False):
    """Have the device do this: `lower` or `raise` (a lock), `open` (a barrier), `show` (a screen, with `text`). It is
    told until it says that it has done it, or until then; the asker hears `Obeyed` or `Disobeyed`.
    """

    order: str
    until_us: Micros
    text: str = ""
    asker_kind: str = ""
    asker_key: str = ""


class DeviceTold(Command, frozen=True, gc=False):
    """The order has been published, or its time was over (`why`)."""

    id: str
    why: str = ""


class TellDevice(Request, frozen=True, gc=False):
    """Publish an order to the device; the device does an order of one id once, however often it hears it."""

    port: ClassVar[str] = "devices"
    answers: ClassVar[tuple[type[Command], ...]] = (DeviceTold,)
    device: str
    id: str
    order: str
    text: str
    until_us: Micros


class AckDue(Command, frozen=True, gc=False):
    """The device may not have heard an order: look (a wake)."""

    id: str


class Obeyed(Command, frozen=True, gc=False):
    """From a device: the order is carried out."""

    device: str
    order: str


class Disobeyed(Command, frozen=True, gc=False):
    """From a device: the order was not carried out: it could not (its own word), or said nothing (`silent`)."""

    device: str
    order: str
    why: str


class DeviceQuery(Query, frozen=True, gc=False):
    """Asks a device for its face."""


class DeviceInstalled(Fact, frozen=True, gc=False):
    """The device took its kind, bay and heartbeat period from this order of the register."""

    kind: str
    bay: str
    heartbeat_us: Micros
    at_us: Micros = 0
    order: int = 0
    bays: tuple[str, ...] = ()


class Instructed(Fact, frozen=True, gc=False):
    """The device is to carry out this order, of its own number, until then; who hears of it."""

    n: int
    order: str
    text: str
    until_us: Micros
    asker_kind: str
    asker_key: str


class ToldAgain(Fact, frozen=True, gc=False):
    """The device has not said that it heard the order: it is told once more."""

    n: int


class OrderEnded(Fact, frozen=True, gc=False):
    """The order is waited for no longer: it is carried out (`why` is empty), the device could not (its own word), said
    nothing (`silent`), or a later order took its place (`superseded`).
    """

    n: int
    why: str
    at_us: Micros


class Heard(Fact, frozen=True, gc=False):
    """A frame of the device arrived, believed to be seen then; `lost` frames were missed before it, `drift_us` is its
    clock minus ours.
    """

    seen_us: Micros
    received_us: Micros
    drift_us: Micros
    lost: int = 0
    serial: int | None = None
    boot: int = 0
    battery_pct: int | None = None
    battery_mv: int | None = None
    rssi_dbm: int | None = None
    temperature_c: float | None = None
    fault: bool = False
    simulated: bool = False
    firmware: str = ""
    arm: str = ""


class LateHeard(Fact, frozen=True, gc=False):
    """A frame arrived that is older than one already heard: counted, its opinion not passed on; `found`: it had been
    counted as lost.
    """

    seen_us: Micros
    received_us: Micros
    found: bool = False


class WentOffline(Fact, frozen=True, gc=False):
    """The device missed three heartbeats; it was last heard then."""

    last_seen_us: Micros


class CameBack(Fact, frozen=True, gc=False):
    """An offline device was heard again after this long."""

    silent_us: Micros


class DeviceFace(Face, frozen=True, gc=False):
    """A device as others see it; `offline_since_us` is None while it is online; `waiting` are orders that it has
    not carried out yet.
    """

    kind: str
    bay: str
    last_seen_us: Micros
    offline_since_us: Micros | None
    battery_pct: int | None
    rssi_dbm: int | None
    lost: int
    late: int
    frames: int
    drift_us: Micros
    fault: bool
    simulated: bool = False
    firmware: str = ""
    arm: str = ""
    waiting: tuple[str, ...] = ()


class DeviceAnswer(Reply, frozen=True, gc=False):
    """The device's face, as an answer."""

    face: DeviceFace
