"""The sessions that shares have at the broker: listened to, made before they are listened to, and ended when empty."""

from collections.abc import Callable
from dataclasses import dataclass

from actors.values import Micros
from gateway.ingress.counters import Counters
from gateway.ingress.intake import Limits
from gateway.ingress.ports import FrameStore, Post, Registry
from gateway.ingress.shares import Share
from gateway.ingress.subscriber import REST_S, Subscriber
from gateway.ingress.wire import Broker, Wire, end_session


@dataclass(frozen=True, slots=True)
class Sessions:
    """What every share's session of one gateway is made with; `world` keeps cities at one broker apart."""

    url: str
    world: str
    post: Post
    registry: Registry
    store: FrameStore
    limits: Limits
    now_us: Callable[[], Micros]
    rest_s: float = REST_S

    def client_id(self, share: Share) -> str:
        """The session's name: of the share and not of a process, so whoever takes the share goes on with it."""
        return _client_id(self.world, share)

    def listen(self, share: Share, counters: Counters) -> Subscriber:
        """What takes the frames of this share."""
        return Subscriber(
            self.url,
            self.client_id(share),
            share,
            self.post,
            self.registry,
            self.store,
            counters,
            self.limits,
            self.now_us,
            self.rest_s,
        )

    async def open(self, share: Share) -> None:
        """From here on the broker keeps the share's frames, though nobody listens yet."""
        await open_session(self.url, self.world, share)

    async def end(self, share: Share) -> None:
        """The broker forgets the session."""
        await end_session(Broker(self.url), self.client_id(share))

    def emptying(self, share: Counters) -> "Emptying":
        """Watches whether a retired share's session still owes anything."""
        return Emptying(share, self.limits.in_flight, 2 * self.rest_s)


async def open_session(url: str, world: str, share: Share) -> None:
    """From here on the broker keeps the share's frames, though nobody listens yet."""
    async with Wire(Broker(url), _client_id(world, share), share.filters, lambda *frame: None):
        return


def _client_id(world: str, share: Share) -> str:
    return f"yunparking-{world}-{share.session}"


class Emptying:
    """Tells when all that a session was given before now is acknowledged, though new frames go on coming.

    A connection that is not full for longer than the broker waits before it sends again has been sent everything; what
    has come by then is acknowledged in order.
    """

    def __init__(self, counters: Counters, most: int, calm_s: float) -> None:
        self._counters, self._most, self._calm_s = counters, most, calm_s
        self._calm: float | None = None
        self._connections = 0
        self._upto: int | None = None

    def over(self, now: float) -> bool:
        """Whether it owes nothing of before; to be asked again and again."""
        counters = self._counters
        if (
            not counters.connections
            or counters.connections != self._connections
            or counters.in_flight > self._most // 2
        ):
            self._calm, self._connections, self._upto = now, counters.connections, None
        if self._calm is None or now - self._calm < self._calm_s:
            return False
        if self._upto is None:
            self._upto = counters.acknowledged + counters.in_flight
        return counters.acknowledged >= self._upto or not counters.in_flight
