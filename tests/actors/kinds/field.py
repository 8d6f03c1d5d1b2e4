"""Devices in a small world that speak as they do over the air: JSON frames, read by their kinds."""

from actors.devices import kind_of
from actors.messages.device import InstallDevice
from actors.messages.forms import Reply
from actors.values import MINUTE_US, Ref
from tests.actors.devices.samples import TOPICS, read
from tests.actors.kinds.test_session import T0
from tests.actors.kinds.world import World


class Spoken:
    """One device of lot 7: it numbers its frames, and its clock is right."""

    def __init__(self, world: World, kind: str, bay: str = "", bays: tuple[str, ...] = ()) -> None:
        self.world = world
        self.topic = TOPICS[kind]
        found = kind_of(self.topic)
        assert found is not None
        self.ref = Ref("device", f"7/{found[1]['device']}")
        self.n = 0
        world.say(self.ref, InstallDevice(kind, bay, 0, bays=bays))

    def say(self, minute: float, **said: object) -> Reply | None:
        """One frame, heard at once."""
        self.n += 1
        at_us = T0 + int(minute * MINUTE_US)
        reading = read(self.topic, {"v": 1, "boot": 1, "n": self.n, "at": at_us, **said}, at_us)
        return self.world.say(self.ref, reading.uplink, at=at_us)
