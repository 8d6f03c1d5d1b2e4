"""The live line: who may follow what, one frame per client per tick, and nobody slower because of somebody else."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from actors.engine.gauges import figure
from actors.values import SECOND_US, Micros
from gateway.live import wire
from gateway.live.concerning import TOUCHED
from gateway.live.feed import Feed, Position
from gateway.live.private import Private
from gateway.live.rights import Verify, refusal
from gateway.live.screen import CLOSE_S, Screen
from gateway.live.topics import Piece
from gateway.live.views import Beats, Call, Joined

BEAT_S = 1.0

log = logging.getLogger(__name__)


class LiveSettings(msgspec.Struct, frozen=True):
    """Where the line listens, how many clients it takes, and which web origins may open it (None: any)."""

    host: str = "127.0.0.1"
    port: int = 8081
    max_clients: int = 2_000
    origins: tuple[str, ...] | None = None
    limits: wire.Limits = wire.Limits()


class LiveGauges(msgspec.Struct, kw_only=True):
    """The screens of this gateway."""

    clients: Annotated[int, figure("Live screens connected now")] = 0
    stuck_clients: Annotated[int, figure("Live screens that do not read what they get")] = 0
    frames_total: Annotated[int, figure("Frames written to screens, beats not counted")] = 0
    skipped_frames_total: Annotated[int, figure("Frames left out for screens that did not read")] = 0
    sent_bytes_total: Annotated[int, figure("Bytes of the frames written to screens")] = 0
    joins_total: Annotated[int, figure("Topics that screens were brought to where the stream is")] = 0
    unheard_seconds: Annotated[float, figure("Time since the views last answered this gateway")] = 0.0


class LiveServer:
    """Every screen's connection of this gateway; `feed` is its one stream of topics, `away` names what is away."""

    def __init__(
        self,
        call: Call,
        verify: Verify,
        clock: Callable[[], Micros],
        beats: Beats,
        settings: LiveSettings,
        private: Private | None = None,
        away: Callable[[], list[str]] = list,
    ) -> None:
        self._private, self._away = private, away
        if private is not None:
            private.publish = self._publish
        self.feed = Feed(call, clock, self._publish, self._lost)
        self._verify, self._clock, self._beats, self._settings = verify, clock, beats, settings
        self._screens: set[Screen] = set()
        self._partings: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._gauges = LiveGauges()

    async def start(self) -> int:
        """Open the door; the port on which it listens."""
        origins = self._settings.origins
        self._server = await serve(
            self._attend,
            self._settings.host,
            self._settings.port,
            process_request=self._admit,
            origins=None if origins is None else [None, *map(Origin, origins)],
            compression=None,
            max_size=self._settings.limits.frame_bytes,
            max_queue=8,
            close_timeout=CLOSE_S,
            server_header=None,
            logger=logging.getLogger(f"{__name__}.websockets"),
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def run(self) -> None:
        """Follow the views and beat, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.feed.run())
            tasks.create_task(self._beat_on())
            if self._private is not None:
                tasks.create_task(self._private.run())

    async def stop(self) -> None:
        """Close the door and every connection (1001)."""
        for screen in self._screens:
            if not screen.room():
                screen.connection.transport.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def gauges(self) -> LiveGauges:
        """Clients now, and what was sent to them so far."""
        self._gauges.clients = len(self._screens)
        self._gauges.stuck_clients = sum(not screen.room() for screen in self._screens)
        self._gauges.unheard_seconds = self.feed.unheard_us() / SECOND_US
        return self._gauges

    async def _beat_on(self) -> None:
        async for _ in self._beats(BEAT_S):
            self.beat()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._server is not None and len(self._server.connections) >= self._settings.max_clients:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many clients\n")
        return None

    async def _attend(self, connection: ServerConnection) -> None:
        screen = Screen(connection, self._settings.limits)
        try:
            async with asyncio.timeout(self._settings.limits.hello_ms / 1000):
                first = await connection.recv()
            self._hear(screen, first)
            self._screens.add(screen)
            self._settle(screen)
            async for message in connection:
                self._hear(screen, message)
                self._settle(screen)
        except TimeoutError:
            await self._part(screen, wire.Bad(wire.TOO_SLOW, "hello_late"))
        except wire.Bad as bad:
            await self._part(screen, bad)
        except ConnectionClosed:
            log.debug("a client left: %s", connection.id)
        finally:
            self._screens.discard(screen)
            if screen.joining is not None:
                screen.joining.cancel()

    async def _part(self, screen: Screen, bad: wire.Bad) -> None:
        screen.live = frozenset()
        screen.owed.clear()
        screen.say([wire.error(bad.code, SENTENCES.get(bad.code, "The line is closed."))])
        await screen.close(bad.close, bad.code)

    def _hear(self, screen: Screen, message: bytes | str) -> None:
        if not screen.allows(self._clock()):
            raise wire.Bad(wire.TOO_MUCH, "too_fast")
        asked = wire.said(message, self._settings.limits)
        screen.say([answer for one in asked for answer in self._answers(screen, one)])

    def _answers(self, screen: Screen, asked: wire.Asked) -> list[bytes]:
        match asked:
            case wire.Hello():
                return self._greet(screen, asked)
            case _ if screen.claims is None:
                raise wire.Bad(wire.NOT_SIGNED_IN, "hello_first")
            case wire.Sub():
                return self._subscribe(screen, asked)
            case wire.Unsub():
                screen.unfollow(asked.topic)
            case wire.Ping():
                return [wire.pong(asked, self._clock())]
        return []

    def _greet(self, screen: Screen, hello: wire.Hello) -> list[bytes]:
        if hello.v != wire.VERSION:
            raise wire.Bad(wire.BAD_FRAME, "unknown_version")
        claims = self._verify(hello.token)
        if isinstance(claims, str):
            raise wire.Bad(wire.NOT_SIGNED_IN, claims)
        screen.claims = claims
        lost = [(topic, code) for topic in sorted(screen.follows()) if (code := refusal(topic, claims))]
        for topic, _ in lost:
            screen.unfollow(topic)
        return [wire.welcome(self._clock(), self._settings.limits), *(wire.gone(*both) for both in lost)]

    def _subscribe(self, screen: Screen, sub: wire.Sub) -> list[bytes]:
        assert screen.claims is not None
        code = refusal(sub.topic, screen.claims)
        if code is None and self._private is None and Private.names(sub.topic):
            code = "unknown_topic"
        others = screen.follows() - {sub.topic}
        if code is None and len(others) >= self._settings.limits.topics:
            code = "too_many_topics"
        if code is not None:
            return [wire.gone(sub.topic[:100], code)]
        known = sub.epoch is not None and sub.seq is not None
        screen.follow(sub.topic, (sub.epoch, sub.seq) if known else None)  # type: ignore[arg-type]
        return []

    def _settle(self, screen: Screen) -> None:
        """Begin to give the client what it is owed, if it reads and that is not going on already."""
        if screen.owed and screen.joining is None and screen.room() and screen.open():
            screen.joining = asyncio.create_task(self._join(screen))

    async def _join(self, screen: Screen) -> None:
        try:
            while screen.owed and screen.room() and screen.open():
                owed = dict(screen.owed)
                joined = await asyncio.gather(*(self._source(topic).join(topic, at) for topic, at in owed.items()))
                if not self._deliver(screen, owed, joined):
                    await self.feed.moved()
        finally:
            screen.joining = None

    def _deliver(self, screen: Screen, owed: dict[str, Position | None], joined: Sequence[Joined]) -> bool:
        """Send what was asked for and make it live: one step, in which nothing can be published."""
        chunks: list[bytes] = []
        live: list[str] = []
        met = True
        for (topic, at), answer in zip(owed.items(), joined, strict=True):
            if topic not in screen.owed or screen.owed[topic] != at:
                continue
            if not answer.pieces:
                screen.unfollow(topic)
                chunks.append(wire.gone(topic, "unknown_topic"))
                continue
            pieces = self._source(topic).caught_up(answer)
            if pieces is None:
                met = False
                continue
            chunks += map(wire.chunk_of, pieces)
            live.append(topic)
        screen.say(chunks)
        screen.joined(live)
        self._gauges.joins_total += len(live)
        return met

    def _source(self, topic: str) -> Feed | Private:
        return self._private if self._private is not None and Private.names(topic) else self.feed

    def _publish(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.topic == TOUCHED and self._private is not None:
                self._private.touch(msgspec.msgpack.decode(piece.body, type=list[str]))
        chunks: dict[str, list[bytes]] = {}
        before: dict[str, Position] = {}
        followed = frozenset().union(*{screen.live for screen in self._screens})
        for piece in pieces:
            if piece.topic not in followed:
                continue
            chunks.setdefault(piece.topic, []).append(wire.chunk_of(piece))
            before.setdefault(piece.topic, (piece.epoch, piece.seq if piece.prev is None else piece.prev))
        frames: dict[frozenset[str], bytes | None] = {frozenset(): None}
        for screen in self._screens:
            if screen.live not in frames:
                frames[screen.live] = _frame_of(chunks, screen.live)
            self._pass_on(screen, frames[screen.live], before)
            self._settle(screen)

    def _pass_on(self, screen: Screen, whole: bytes | None, before: dict[str, Position]) -> None:
        if whole is None:
            return
        if screen.room():
            screen.write(whole)
            self._gauges.frames_total += 1
            self._gauges.sent_bytes_total += len(whole)
            return
        self._gauges.skipped_frames_total += 1
        for topic in screen.live & before.keys():
            screen.follow(topic, before[topic])

    def _lost(self) -> None:
        """The stream broke: everybody joins again, each topic from where the stream was."""
        if self._private is not None:
            self._private.touch_all()
        for screen in self._screens:
            for topic in screen.live:
                screen.follow(topic, self._source(topic).position(topic))
            self._settle(screen)

    def beat(self) -> None:
        """Once a second: tell each client where its topics stand; part with who is stuck or no longer signed in."""
        now, away, frames = self.feed.now(), self._away(), dict[frozenset[str], bytes]()
        followed = frozenset().union(*(screen.follows() for screen in self._screens))
        self.feed.keep(followed)
        if self._private is not None:
            self._private.keep(followed)
        for screen in list(self._screens):
            bad = self._overdue(screen)
            if bad is not None:
                self._screens.discard(screen)
                parting = asyncio.create_task(self._part(screen, bad))
                self._partings.add(parting)
                parting.add_done_callback(self._partings.discard)
                continue
            if screen.live not in frames:
                frames[screen.live] = wire.frame([wire.beat(now, self._positions(screen.live), away)])
            if screen.room():
                screen.write(frames[screen.live])
            self._settle(screen)

    def _positions(self, topics: Iterable[str]) -> dict[str, Position]:
        return {topic: at for topic in sorted(topics) if (at := self._source(topic).position(topic)) is not None}

    def _overdue(self, screen: Screen) -> wire.Bad | None:
        now = self._clock()
        if screen.claims is None or screen.claims.expires_us <= now:
            return wire.Bad(wire.NOT_SIGNED_IN, "token_expired")
        if screen.room():
            screen.full_since = None
            return None
        screen.full_since = screen.full_since or now
        stuck = now - screen.full_since >= self._settings.limits.stuck_ms * 1000
        return wire.Bad(wire.TOO_SLOW, "not_reading") if stuck else None


SENTENCES = {
    "hello_late": "The first message must be hello, within 5 seconds.",
    "hello_first": "The first message must be hello.",
    "not_signed_in": "The token is not valid.",
    "token_expired": "The token has expired.",
    "unknown_version": "This server speaks version 1.",
    "not_binary": "Frames are binary.",
    "not_messagepack": "The frame is not MessagePack, or is larger than the limits allow.",
    "not_a_message": "The frame is not an array of messages.",
    "too_fast": "Too many frames.",
    "not_reading": "The client did not read for 30 seconds.",
}


def _frame_of(chunks: dict[str, list[bytes]], topics: frozenset[str]) -> bytes | None:
    parts = [chunk for topic in sorted(topics & chunks.keys()) for chunk in chunks[topic]]
    return wire.frame(parts) if parts else None
