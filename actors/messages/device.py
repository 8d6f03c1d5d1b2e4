"""What is said to a device, what becomes true of it, and its face."""

from actors.messages.forms import Command, Face, Fact, Order, Query, Reply
from actors.values import Micros


class InstallDevice(Order, frozen=True, gc=False):
    """The register says: this device is of this kind, watches this bay and reports at least this often."""

    kind: str
    bay: str
    heartbeat_us: Micros


class Uplinked(Command, frozen=True, gc=False):
    """One decoded radio frame. Absent readings are None; `serial` counts frames, `serial_top` is where it wraps
    back to 1 (0: never), so that lost frames can be counted. `clock_us` is the device's clock when that was too
    wrong to be `seen_us` (then the time of arrival is). `source` is what sort of device says so (sensor, loop, camera,
    pile, lock, lane); `plate` and `colour` are what a camera read, as sure as `confidence_pct`; `bay_index` says which
    of the bays that it watches.
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


class HeardLate(Reply, frozen=True, gc=False):
    """The frame was older than one already heard: taken and counted, its opinion not passed on."""


class CheckSilence(Command, frozen=True, gc=False):
    """Three heartbeats may have been missed: look (a wake)."""


class DeviceQuery(Query, frozen=True, gc=False):
    """Asks a device for its face."""


class DeviceInstalled(Fact, frozen=True, gc=False):
    """The device took its kind, bay and heartbeat period from this order of the register."""

    kind: str
    bay: str
    heartbeat_us: Micros
    at_us: Micros = 0
    order: int = 0


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
    """A device as others see it; `offline_since_us` is None while it is online."""

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


class DeviceAnswer(Reply, frozen=True, gc=False):
    """The device's face, as an answer."""

    face: DeviceFace
