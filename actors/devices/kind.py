"""What a device kind is: one object that knows its topics, who may publish there, and how to read a frame.

A kind is pure: no I/O, no clock, no state. Its `decode` is total: whatever bytes arrive, it returns a
`Reading` or raises `Undecodable`, and nothing else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import msgspec

from actors.messages.device import Uplinked
from actors.values import DAY_US, Micros

PAYLOAD_MOST = 8192
"""The longest payload in bytes that any kind's frames need."""

DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")
"""What a device may be called: it stands in topics, keys and file names."""

CLOCK_FLOOR_US: Micros = 1_420_070_400_000_000
"""2015-01-01: a device clock before this was never set."""

DOWN = "yunparking-down"
"""Orders to a device are published on `yunparking-down/<device>`: no filter of ours brings them back."""

NUMBER_MOST = 2**53 - 1
"""The largest number that every JSON library keeps exact."""

Decoded = TypeVar("Decoded")


class Undecodable(Exception):
    """A frame that cannot be read: a stable machine word and a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class Numbered(NamedTuple):
    """The identity of a frame that its device numbered: `n` grows by one each frame, `boot` each restart."""

    boot: int
    n: int


class Keyed(NamedTuple):
    """The identity of a frame without a growing number: the same key within minutes is the same frame."""

    key: str


class Reading(NamedTuple):
    """One frame, read: which device, which frame of it, and what it says."""

    device: str
    source: Numbered | Keyed
    uplink: Uplinked


Decode = Callable[[Mapping[str, str], bytes, Micros], Reading]
"""(named parts of the topic, payload, when we received it) → reading, or `Undecodable`."""


@dataclass(frozen=True)
class Writer:
    """Who may publish a kind's frames: a class of credentials, and the topic filter that it is confined to.

    In `filter`, `%u` stands for the user name; a class whose filter has none is a trusted system.
    """

    name: str
    filter: str

    @property
    def own(self) -> bool:
        """Whether each user of this class may write only below its own name."""
        return "%u" in self.filter


@dataclass(frozen=True)
class DeviceKind:
    """One kind of device, declared: everything that the rest of the house needs to know about it.

    `topics` are templates such as `a/{device}/up`; `subscription` is the filter that brings them, and may be
    wider, so that frames on wrong topics are seen; `heartbeat_us` is the longest time between two frames of a
    healthy device; a change must last `debounce_us` to be believed (new devices start with both). `ordered_by` is
    the part of the topic whose frames keep their order: whoever divides the topics keeps those together. Whether
    one may watch `many_bays`, by number, whether it `obeys` orders on its own topic (`DOWN`), and whether what it says
    is worth nothing later (`at_once`).
    """

    name: str
    topics: tuple[str, ...]
    subscription: str
    writer: Writer
    heartbeat_us: Micros
    debounce_us: Micros
    decode: Decode = field(repr=False)
    doc: str = field(repr=False)
    ordered_by: str = "device"
    many_bays: bool = False
    obeys: bool = False
    at_once: bool = False
    patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", tuple(re.compile(_pattern(topic)) for topic in self.topics))

    def parts(self, topic: str) -> dict[str, str] | None:
        """The named parts of a topic of this kind, or None if it is not one."""
        for pattern in self.patterns:
            if match := pattern.fullmatch(topic):
                return match.groupdict()
        return None


def _pattern(topic: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/+#]+)", re.escape(topic))


def typed(decoder: msgspec.json.Decoder[Decoded], payload: bytes) -> Decoded:
    """The payload as the decoder's type, or `Undecodable` with what is wrong in it."""
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise Undecodable("wrong_field", str(error)) from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Undecodable("not_json", str(error)) from None


def device_id(text: str) -> str:
    """The text, if a device may be called so."""
    if DEVICE_ID.fullmatch(text) is None:
        raise Undecodable("bad_device_id", "a device id has 1 to 64 letters, digits, '.', '_', ':' or '-'")
    return text


def believed(clock_us: Micros | None, received_us: Micros) -> tuple[Micros, Micros | None]:
    """(when the frame was seen, the device's clock if that could not be believed).

    A clock before 2015 was never set, and one a day ahead of ours would make every later frame look old: then
    the time of arrival counts.
    """
    if clock_us is None:
        return received_us, None
    if CLOCK_FLOOR_US <= clock_us <= received_us + DAY_US:
        return clock_us, None
    return received_us, clock_us
