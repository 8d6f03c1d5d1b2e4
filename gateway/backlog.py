"""What waits at our own broker: frames that it has taken from sensors and that no gateway has acknowledged yet.

An overload waits there, before any clock of a gateway begins. The broker's monitoring tells how many wait for each
session; how old the oldest is follows from its place in the one stream of all messages.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import aiohttp
import msgspec

from actors.engine.gauges import figure
from gateway.broker import Monitor, monitor

EVERY_S: Final = 5.0
WORTH: Final = 100
"""Reading may cost the broker a hundredth of the time: with many devices' sessions its answer is long."""
WITHIN_S: Final = 5.0
STREAM: Final = "$MQTT_msgs"
ORDERS: Final = "$MQTT.msgs.yunparking-down"
"""What waits under these subjects are orders to devices that are away."""
FRAME_BYTES: Final = 1024
ROOM: Final = 0.8
"""Of the room that the broker takes of the disk: without any it would refuse single messages, and anybody's."""
MARKS_MOST: Final = 1_000

log = logging.getLogger("yunparking.gateway")


class BrokerGauges(msgspec.Struct, kw_only=True):
    """What waits at the broker that we started, as one gateway last saw it."""

    waiting_frames: Annotated[int, figure("Frames that our own broker keeps and has not sent to a gateway yet")] = 0
    unacknowledged_frames: Annotated[
        int, figure("Frames that our own broker has sent and that no gateway has acknowledged yet")
    ] = 0
    waiting_seconds: Annotated[
        float, figure("Age of the oldest frame at our own broker that no gateway has acknowledged")
    ] = 0.0
    full_ratio: Annotated[
        float, figure("How much waits at our own broker, of what may: at 1 sensors are kept out until it is a half")
    ] = 0.0
    sensors_up: Annotated[
        int, figure("Whether our own broker lets sensors in (1), or keeps them out since too much waits (0)")
    ] = 1
    unread_seconds: Annotated[float, figure("Time since these figures of our own broker were read")] = 0.0


class _Place(msgspec.Struct):
    stream_seq: int


class _Follows(msgspec.Struct):
    filter_subject: str = ""


class _Consumer(msgspec.Struct):
    name: str
    config: _Follows
    ack_floor: _Place
    num_pending: int
    num_ack_pending: int


class _State(msgspec.Struct):
    messages: int
    bytes: int
    first_seq: int
    first_ts: datetime
    last_seq: int
    last_ts: datetime


class _Stream(msgspec.Struct):
    name: str
    state: _State
    consumer_detail: list[_Consumer] = []


class _Limits(msgspec.Struct, frozen=True):
    max_storage: int = 0


class _Account(msgspec.Struct):
    stream_detail: list[_Stream] = []


class Told(msgspec.Struct):
    """What of the broker's answer (`/jsz`) is read."""

    now: datetime
    config: _Limits = _Limits()
    account_details: list[_Account] = []


class Backlog:
    """Reads the broker's figures now and then and remembers them; `monitor` says where, None: it is not our own.
    `most`: how many frames may wait there, of a kilobyte each.
    """

    def __init__(self, monitor: Callable[[], Monitor | None], clock: Callable[[], float], most: int) -> None:
        self._monitor, self._clock, self._most = monitor, clock, most
        self._seen: BrokerGauges | None = None
        self._read = 0.0
        self._ages = _Ages()

    async def run(self) -> None:
        """Until cancelled; while the broker is away its figures grow old, and say so."""
        while True:
            began = self._clock()
            try:
                await self.look()
            except Exception as error:  # whatever the broker says: it must not end a gateway
                log.warning("what waits at the broker could not be read: %r", error)
            await asyncio.sleep(max(EVERY_S, WORTH * (self._clock() - began)))

    async def look(self) -> None:
        """Reads them anew."""
        monitor = self._monitor()
        if monitor is None:
            self._seen = None
            return
        patience = aiohttp.ClientTimeout(WITHIN_S)
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.get(f"{monitor.url}/jsz?consumers=true&config=true", raise_for_status=True) as response,
        ):
            self.take(msgspec.json.decode(await response.read(), type=Told), monitor.keeps_out)

    def take(self, told: Told, keeps_out: bool = False) -> None:
        """The broker has told this; whether it keeps sensors out."""
        streams = [each for account in told.account_details for each in account.stream_detail if each.name == STREAM]
        seen = BrokerGauges(sensors_up=int(not keeps_out))
        for stream in streams:
            frames = [each for each in stream.consumer_detail if not each.config.filter_subject.startswith(ORDERS)]
            seen.waiting_frames += sum(each.num_pending for each in frames)
            seen.unacknowledged_frames += sum(each.num_ack_pending for each in frames)
            seen.full_ratio = self._full(seen.waiting_frames + seen.unacknowledged_frames, stream.state, told.config)
            seen.waiting_seconds = self._ages.oldest_s(told.now.timestamp(), stream.state, frames)
        self._seen, self._read = seen, self._clock()

    def _full(self, owed: int, state: _State, limits: _Limits) -> float:
        """How much of what may wait does: frames, or the room that they take; orders to devices are neither."""
        bytes_owed = owed * state.bytes / max(1, state.messages)
        bytes_most: float = self._most * FRAME_BYTES
        if limits.max_storage > 0:
            bytes_most = min(bytes_most, ROOM * limits.max_storage)
        return max(owed / self._most, bytes_owed / bytes_most)

    def gauges(self) -> BrokerGauges | None:
        """What was seen last, and how long ago that was; None: nothing is known of this broker."""
        if self._seen is not None:
            self._seen.unread_seconds = max(0.0, self._clock() - self._read)
        return self._seen


def backlog_of(folder: Path, url: str, most: int) -> Backlog:
    """What waits at the broker of this folder; nothing is known of it if it is not the one of this URL."""
    return Backlog(lambda: monitor(folder, url), time.monotonic, most)


class _Ages:
    """When a message of the stream was stored: exactly so for its first and its last, between marks in proportion.

    The first one is the oldest frame, unless orders wait before it for devices that are away.
    """

    def __init__(self) -> None:
        self._marks: list[tuple[int, float]] = []
        self._clear: dict[str, int] = {}

    def oldest_s(self, now: float, state: _State, frames: list[_Consumer]) -> float:
        """The age of the oldest message that one of these owes."""
        self._mark(state)
        owing = [each for each in frames if each.num_pending or each.num_ack_pending]
        # Who owes nothing now owes later only what comes from here on; what it acknowledged last may be long ago.
        clear = {each.name: state.last_seq for each in frames}
        clear.update({each.name: self._clear.get(each.name, 0) for each in owing})
        self._clear = clear
        if not owing or not state.messages:
            return 0.0
        acknowledged = min(max(each.ack_floor.stream_seq, clear[each.name]) for each in owing)
        return max(0.0, now - self._stored(acknowledged + 1))

    def _mark(self, state: _State) -> None:
        if self._marks and state.last_seq < self._marks[-1][0]:  # another stream: the broker began anew
            self._marks, self._clear = [], {}
        if not state.messages:
            self._marks = []
            return
        later = [mark for mark in self._marks if mark[0] > state.first_seq]
        self._marks = [(state.first_seq, state.first_ts.timestamp()), *later]
        if state.last_seq > self._marks[-1][0]:
            self._marks.append((state.last_seq, state.last_ts.timestamp()))
        if len(self._marks) > MARKS_MOST:
            del self._marks[1:-1:2]

    def _stored(self, seq: int) -> float:
        after = bisect_left(self._marks, (seq, 0.0))
        if after == 0 or after == len(self._marks):
            return self._marks[min(after, len(self._marks) - 1)][1]
        (low, early), (high, late) = self._marks[after - 1 : after + 1]
        return early + (late - early) * (seq - low) / (high - low)
