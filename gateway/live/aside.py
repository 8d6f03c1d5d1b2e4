"""What needs a person: frames and messages that were set aside, devices nobody registered, payments in trouble."""

from actors.values import MINUTE_US, Micros
from gateway.live.alarms import Alarm, alarm
from storage.history import Aside

QUIET_US: Micros = 10 * MINUTE_US
"""An alarm of frames is over when none such came for so long."""


def alarms(aside: Aside) -> dict[str, Alarm]:
    """The alarms that follow from what was set aside."""
    found = [alarm(p.at, "message_parked", p.ref, _lot(p.ref), error=p.error) for p in aside.messages]
    found += [alarm(p.first_us, "frame_parked", p.subject, None, frames=p.frames) for p in aside.frames]
    found += [alarm(p.at, "payment_trouble", p.id, None, error=p.trouble) for p in aside.payments]
    if aside.unknown_us:
        found.append(alarm(aside.unknown_us, "unknown_devices", "city", None, frames=aside.unknown))
    return dict(found)


def _lot(ref: str) -> str:
    """The lot in which an actor lives: `20042` of `bay:20042/66222`."""
    return ref.partition(":")[2].partition("/")[0]
