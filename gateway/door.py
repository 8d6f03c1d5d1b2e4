"""One gateway: the doors for devices, pages and screens in one process. It keeps nothing; many may run at once."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
from aiohttp import web

from actors.engine.cluster import Cluster
from actors.engine.directory import Directory
from actors.engine.gauges import CellGauges
from actors.engine.mail import Unreachable
from actors.engine.placing import Placing
from actors.engine.post import Post
from actors.values import SECOND_US, Ref, uuid7
from gateway.away import SLOW_COMMIT_S, Away, Echo
from gateway.backlog import backlog_of
from gateway.cells import RayCells
from gateway.deaths import Deaths
from gateway.evidence import EvidenceKeeper, evidence_of, evidence_store
from gateway.http.cashier import Cashier
from gateway.http.house import House
from gateway.http.proxies import Proxies, networks
from gateway.http.serve import listen
from gateway.http.session import Doorkeeper
from gateway.identity import Claims, Identity, NotSignedIn, kept_secret
from gateway.ingress.courier import Courier
from gateway.ingress.holding import Ingest
from gateway.ingress.intake import Limits
from gateway.ingress.registry import KnownDevices
from gateway.ingress.sessions import Sessions
from gateway.jobs import JOBS, Runner
from gateway.keeping import Keeper
from gateway.lanes.codes import Codes
from gateway.lanes.platform import Actors
from gateway.lanes.site import Site
from gateway.live.beats import every
from gateway.live.concerns import private_topics
from gateway.live.server import LiveServer, LiveSettings
from gateway.lookout import GatewayGauges, Lookout
from gateway.metrics import Metrics, Told
from gateway.notices.sender import notice_sender
from gateway.observed import Pulse, WorkerState, state_of
from gateway.outside.devices import Downlink
from gateway.outside.envoy import Envoy
from gateway.outside.merchants import merchants_of
from gateway.outside.payments import Payments
from gateway.outside.ports import DEVICES, Ports
from gateway.outside.s3 import S3Store
from gateway.settings import Settings
from gateway.steering import STEER
from gateway.workers import PROJECTOR, VIEWS, city, worker_settings
from storage.database import open_engine, pool_gauges
from storage.frames import Frames
from storage.gateways import GatewayRow, Leases
from storage.journal import PostgresJournal
from storage.lists import Lists
from storage.outbox import Outbox
from storage.outside import Outside
from storage.payments import PaymentRecords, RefusedNotifications
from storage.reaching import answers
from storage.recoveries import Recoveries
from storage.session import now_us
from storage.standing import Standing
from storage.users import Users

NOTE_EVERY_S = 1.0
STAND_EVERY_S = 5.0
POST_LANES, POST_PACE_US = 1, 20_000
"""A gateway's readings come in a stream: few calls that carry many cost a fraction of many that carry few."""
_HERE = Path(__file__).parent
PAGES = _HERE / "web" if (_HERE / "web").is_dir() else _HERE.parent / "web" / "dist"
"""The built screens: inside the package where it was installed from a wheel, else the checkout's."""

log = logging.getLogger("yunparking.gateway")


class Door:
    """All doors of one gateway, opened and closed together."""

    def __init__(self, settings: Settings, cluster: Cluster) -> None:
        self._settings, self._cluster = settings, cluster
        url, world, name = settings.database.url, settings.world, settings.gateway.name
        self._engine = open_engine(url, world, name, pool=8)
        self._journal = PostgresJournal(url, world, name)
        catalogue = city()
        directory = Directory(frozenset(settings.placement.dedicated()))
        self.post = Post(
            catalogue, cluster.call, directory, self._journal, now_us, lanes=POST_LANES, pace_us=POST_PACE_US
        )
        self.metrics = Metrics(self._told)
        self.pulse, self._life = Pulse(), secrets.randbits(62)
        me = f"{name} {self._life}"  # one life of it: the one before may still be at work
        self.standing = Standing(self._engine)
        self.backlog = backlog_of(settings.folder / "broker", settings.broker.url, settings.broker.most_waiting)
        self.recoveries = Recoveries(self._engine)
        self.deaths = Deaths(self.recoveries.note, lambda worker, cause: self.lookout.count(worker, cause))
        self.lookout = Lookout(
            cluster.call, self._workers, self._placed, now_us, self.deaths.add, cluster.end_if_frozen
        )
        given, own = settings.auth.secret_file, settings.folder / "secrets" / "tokens"
        self.identity = Identity(Path(given).expanduser().read_bytes() if given else kept_secret(own))
        self.lists = Lists(self._engine)
        self.devices = KnownDevices(self.lists.device_lots)
        self.ingest = self._ingest()
        alone = open_engine(url, world, f"{name} asks", pool=1)
        self.away = Away(alone, Echo(settings.broker.url), self.ingest.condition, self.lookout)
        self.live = self._live()
        self.courier = Courier(
            Outbox(self._engine), self.post, catalogue.decode_message, self._settle, self.devices.told
        )
        self._cells = RayCells(cluster, worker_settings(settings))
        self._placing = Placing(self._journal, self._cells)
        self.merchants = merchants_of(settings, self._own_address, now_us)
        self.payments = Payments(self.merchants)
        self.downlink = Downlink(settings.broker.url, f"yunparking-{world}-{name}-down", now_us)
        self.ports: Ports = {"payments": self.payments, DEVICES: self.downlink.tell}
        self.envoy = Envoy(
            world, self.ports, Outside(self._engine, me), self.post, catalogue.decode_request, directory.cells
        )
        self.cashier = self._cashier()
        self.notices = notice_sender(self._engine, me, now_us)
        keeper = Keeper(catalogue, directory, cluster.call, settings.retention)
        self.store = evidence_store(settings)
        self.uploads, self.evidence = evidence_of(self._engine, self.store, settings)
        tidier = EvidenceKeeper(self.uploads, self.evidence, settings.retention)
        self.jobs = Runner(self._engine, me, self._zone, (*JOBS, STEER, keeper.job, tidier.job))
        folder, lots = settings.folder / "lanes", settings.lanes.named
        codes, lanes = Codes(self.identity), (settings.broker.url, lots, Actors(self.post), folder, now_us)
        self.lanes = Site(*lanes, codes.of_price) if lots else None
        self.http_port = 0
        self.live_port = 0
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def _ingest(self) -> Ingest:
        settings, broker = self._settings, self._settings.broker
        limits = Limits(in_flight=broker.in_flight, payload=broker.max_frame_bytes)
        frames = Frames(self._engine)
        sessions = Sessions(broker.url, settings.world, self.post, self.devices, frames, limits, now_us)
        shares, enabled = settings.shares, settings.ingest.enabled
        division = "; ".join(share.said for share in shares) if enabled else ""
        me = GatewayRow(settings.gateway.name, uuid7(now_us()), division, self.identity.fingerprint)
        return Ingest(Leases(self._engine, me, settings.ingest.lease_s * SECOND_US), shares, sessions, enabled)

    def _live(self) -> LiveServer:
        live = self._settings.live
        line = LiveSettings(live.host, live.port, live.max_clients)
        private = private_topics(self.post, self._engine, now_us)
        return LiveServer(self._ask_views, self._verify, now_us, every, line, private, self.away.parts)

    def _cashier(self) -> Cashier:
        records, refused = PaymentRecords(self._engine), RefusedNotifications(self._engine)
        return Cashier(self.merchants, self.payments, records, refused, now_us, self.envoy.nudge)

    def _own_address(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def _verify(self, token: str) -> Claims | str:
        try:
            return self.identity.verify(token)
        except NotSignedIn as error:
            return error.code

    async def _ask_views(self, method: str, payload: bytes) -> bytes:
        return await self._cluster.call(VIEWS, method, payload)

    async def _zone(self) -> str:
        known = await self.lists.city()
        return known.zone if known else ""

    def source(self) -> str:
        """Where the readings come from: recorded ones, simulated ones, or devices."""
        if not self._settings.replay.enabled:
            return "live"
        simulated = any(counters.simulated_lately(now_us()) for counters in self.ingest.figures())
        return "simulated" if simulated else "replay"

    async def open(self) -> None:
        """Opens every door; raises OSError with a sentence if a port is taken."""
        await self.post.start()
        await asyncio.to_thread(self._start_own_cells)
        await self.devices.refresh()
        self.live_port = await self.live.start()
        await self._serve_http()
        for work in (
            self.live.run,
            self.ingest.run,
            self.devices.run,
            self.courier.run,
            self.jobs.run,
            self.notices.run,
            self.pulse.watch,
            self.lookout.watch,
            self.away.run,
            self.deaths.run,
            *([self.lanes.run] if self.lanes else ()),
            self._note,
            self._stand,
            self.backlog.run,
            self.downlink.run,
            self.envoy.run,
        ):
            self._spawn(work)

    async def _serve_http(self) -> None:
        http = self._settings.http
        house = House(
            engine=self._engine,
            identity=self.identity,
            doorkeeper=Doorkeeper(Users(self._engine), self.identity),
            metrics=self.metrics,
            lookout=self.lookout,
            catalogue=self.post.catalogue,
            uploads=self.uploads,
            evidence=self.evidence,
            cashier=self.cashier,
            post=self.post,
            checks={
                "database": lambda: answers(self._engine),
                "actors": self._actors,
                "views": lambda: self._worker(VIEWS),
                "projector": lambda: self._worker(PROJECTOR),
                "broker": self._broker,
            },
            demand=self.source,
            ordered=self.courier.nudge,
            pages=PAGES,
            live_port=self.live_port,
            live_url=self._settings.live.url,
            proxies=Proxies(networks(http.trusted_proxies)),
        )
        self._runner = await listen(house, http.host, http.port)
        self.http_port = self._runner.addresses[0][1]

    def _start_own_cells(self) -> None:
        """Starts cells of dedicated actors that have none: a gateway may have died between giving and starting them."""
        for slot in self.post.directory.refs:
            self._cells.start(self.post.directory.cell_of(slot))

    async def _settle(self, ref: Ref) -> None:
        """An actor that is told something has a slot, and so has its lot, which will hear of it."""
        missing = [one for one in (Ref("lot", ref.place), ref) if self.post.directory.lacks(one)]
        if missing:
            await self._placing.settle(self.post.directory, missing)

    async def _actors(self) -> str:
        cells = sorted(set(self.post.directory.cells.values()))
        states = await asyncio.gather(*[self._cluster.call(name, "state", b"") for name in cells])
        for name, state in zip(cells, states, strict=True):
            said = msgspec.msgpack.decode(state, type=WorkerState)
            waiting_s = msgspec.msgpack.decode(said.part, type=CellGauges).committing_seconds
            if waiting_s > SLOW_COMMIT_S:
                raise Unreachable(f"{name} answers, but has waited {waiting_s:.0f} s for a commit")
        return f"{len(cells)} cells answer"

    async def _broker(self) -> str:
        if self.away.broker.away:  # a connection to one that stands still is open
            raise Unreachable("the broker has not answered for some seconds")
        return await self.ingest.condition()

    async def _worker(self, name: str) -> str:
        await self._cluster.call(name, "state", b"")
        return "answers"

    def _workers(self) -> list[str]:
        return [*dict.fromkeys(self.post.directory.cells.values()), VIEWS, PROJECTOR]

    def _placed(self) -> Counter[str]:
        return Counter(self.post.directory.cells.values())

    async def _note(self) -> None:
        """Tells the views, every second, what only a gateway knows, and the lookout how this gateway is."""
        async for _ in every(NOTE_EVERY_S):
            if self.ingest.figures():
                self.live.feed.note(self.source())
            self._look_at_self()

    def _look_at_self(self) -> None:
        gauges = GatewayGauges(
            post=self.post.gauges(),
            ingest=self.ingest.gauges(),
            courier=self.courier.gauges(),
            payments=self.cashier.gauges,
            live=self.live.gauges(),
            pool=pool_gauges(self._engine),
            store=self.standing.gauges(),
            broker=self.backlog.gauges(),
        )
        state = state_of(self._life, self.pulse, msgspec.msgpack.encode(gauges))
        self.lookout.hear(self._settings.gateway.name, state, GatewayGauges)

    def _told(self) -> Iterator[Told]:
        """All figures, this gateway's own of this moment."""
        self._look_at_self()
        return self.lookout.told()

    async def _stand(self) -> None:
        """Looks how the tables stand; while the database is away the figures grow old, and say so."""
        async for _ in every(STAND_EVERY_S):
            try:
                await self.standing.look()
            except Exception as error:  # whatever the database says: it must not end a gateway
                log.warning("how the tables stand could not be read: %s", error)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(work())
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            log.critical("a part of the gateway ended", exc_info=task.exception())
            for other in self._tasks:
                other.cancel()

    async def run(self) -> None:
        """Until cancelled, or until a part of it fails."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Closes every door; what was not acknowledged comes again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.live.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.merchants.close()
        await self.post.close()
        await self._journal.close()
        if isinstance(self.store, S3Store):
            await self.store.close()
        await self._engine.dispose()
