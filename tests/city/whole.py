"""A whole city for a test: what `yunparking up` starts, each part a process that can be killed."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import aiohttp
import aiomqtt
import msgspec
from sqlalchemy import text

from actors.engine.catalogue import Catalogue
from actors.engine.cluster import Cluster
from actors.engine.journal import Page
from actors.engine.recovery import folded
from actors.engine.slot import Images
from actors.messages.forms import Face
from actors.values import Ref
from gateway.broker import Broker
from gateway.command.children import Program
from gateway.http.session import ensure_administrator
from gateway.ingress import wire
from gateway.settings import PREFIX, Settings, load_settings
from gateway.workers import PROJECTOR, VIEWS
from storage.database import open_engine
from storage.desk import Desk
from storage.local import free_port
from storage.migrations import drop_world
from storage.outbox import Outbox
from storage.records import Register
from storage.users import Users
from tests.city.town import Town
from tests.city.waiting import eventually
from tests.gateway.http.callers import Caller
from tests.worlds import make_world

AT_ONCE = 200
PARTS = 2
"""The broker divides the devices by hash: one gateway takes both parts, of several each takes some."""


class Said(NamedTuple):
    """A frame to publish: its topic and its payload."""

    topic: str
    payload: bytes


class GatewayProcess:
    """One gateway as `up` starts it, and where it listens."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings = settings
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        self.program = Program(["gateway"], {**inherited, **settings.environment()}, log)
        self.url = f"http://127.0.0.1:{settings.http.port}"

    def start(self) -> None:
        self.program.start()

    def kill(self) -> None:
        """kill -9; `start` is its supervisor's business."""
        assert self.program.process is not None
        self.program.process.kill()
        self.program.process.wait()

    async def ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            await eventually(lambda: self._answers(session), f"{self.url} is ready; see {self.program.log}")

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        assert self.program.process is not None
        assert self.program.process.poll() is None, self.program.log.read_text()[-2000:]
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with session.get(f"{self.url}/health/ready", timeout=aiohttp.ClientTimeout(5)) as response:
                return response.status == 200
        return False


class Whole:
    """Cells, views and projector on Ray, a broker of its own, a gateway process; and everybody who looks at them."""

    def __init__(self, town: Town, settings: Settings, broker: Broker, register: Register) -> None:
        self.town = town
        self.settings = settings
        self.broker = broker
        self.register = register
        self.engine = open_engine(town.url, town.world, "test", pool=2)
        self.gateway = GatewayProcess(settings, settings.folder / "gateway.log")
        self._published: set[Said] = set()

    # -- the city's life

    async def start(self, cells: int) -> None:
        await self.town.start(cells)
        for name in (VIEWS, PROJECTOR):
            known = msgspec.msgpack.encode(self.town.known(name))
            self.town.cluster.start(name, f"gateway.workers.{name}:{name}", known)
            self.town.others.append(name)
        await Desk(self.engine).load("test", self.register)
        self.password = await ensure_administrator(Users(self.engine)) or ""
        self.gateway.start()
        await self.gateway.ready()
        await eventually(self._registered, "all actors know what the register says of them")

    async def _registered(self) -> bool:
        return not await Outbox(self.engine).undelivered(1)

    @asynccontextmanager
    async def signed_in(self, gateway: GatewayProcess | None = None) -> AsyncIterator[Caller]:
        """The administrator at this gateway's door."""
        async with aiohttp.ClientSession((gateway or self.gateway).url, auto_decompress=False) as session:
            yield await Caller(session).signed_in("admin", self.password)

    async def stop(self) -> None:
        self.gateway.program.stop()
        await self.town.stop()
        await self.engine.dispose()

    def another_gateway(self, name: str) -> GatewayProcess:
        """One more gateway of this city, not started yet: on a machine of its own, but for the secret of tokens."""
        known = self.settings
        auth = msgspec.structs.replace(known.auth, secret_file=str(known.folder / "secrets" / "tokens"))
        http, live = (msgspec.structs.replace(door, port=free_port()) for door in (known.http, known.live))
        own = msgspec.structs.replace(known.gateway, name=name)
        elsewhere = str(known.folder / name)
        settings = msgspec.structs.replace(known, data_dir=elsewhere, gateway=own, http=http, live=live, auth=auth)
        return GatewayProcess(settings, known.folder / f"gateway-{http.port}.log")

    # -- the devices

    @asynccontextmanager
    async def radio(self) -> AsyncIterator[aiomqtt.Client]:
        """A connection over which devices publish."""
        broker = wire.Broker(self.settings.broker.url)
        client = aiomqtt.Client(
            broker.host, broker.port, username=broker.user, password=broker.password, max_inflight_messages=AT_ONCE
        )
        client.pending_calls_threshold = AT_ONCE
        async with client:
            yield client

    async def publish(self, client: aiomqtt.Client, frames: Iterable[Said]) -> None:
        """Publishes in order; returns when the broker has acknowledged each one."""
        frames = list(frames)
        self._published.update(frames)
        for start in range(0, len(frames), AT_ONCE):
            part = frames[start : start + AT_ONCE]
            await asyncio.gather(*[client.publish(frame.topic, frame.payload, qos=1) for frame in part])

    async def say(self, *frames: Said) -> None:
        """Publishes these, and waits until they are taken, projected and quiet."""
        async with self.radio() as client:
            await self.publish(client, frames)
        await self.quiet()

    async def quiet(self, at_least: int = 0) -> None:
        """Everything that was published is a row and a turn, no message is under way, and the tables are up to date."""
        await eventually(lambda: self._counted(at_least), f"{at_least} frames are kept")
        await eventually(self._all_kept, "every published frame is kept")
        await self.town.settled()
        await eventually(self._all_projected, "the projections are up to date")

    async def _counted(self, at_least: int) -> bool:
        return await self.count("SELECT count(*) FROM frames") >= at_least

    async def _all_kept(self) -> bool:
        # Reading them all is in vain while they are fewer.
        many = await self.count("SELECT count(*) FROM frames")
        return many >= len(self._published) and not self._published - await self.kept()

    async def kept(self) -> set[Said]:
        """The raw frames, each once."""
        async with self.engine.connect() as connection:
            return {Said(*row) for row in await connection.execute(text("SELECT DISTINCT topic, payload FROM frames"))}

    async def until_kept(self, outcome: str, topic: str) -> None:
        """Waits until a frame of this topic is kept with this outcome."""

        async def kept() -> bool:
            query = text("SELECT count(*) FROM frames WHERE outcome = :outcome AND topic = :topic")
            async with self.engine.connect() as connection:
                return bool((await connection.execute(query, {"outcome": outcome, "topic": topic})).scalar_one())

        await eventually(kept, f"a frame on {topic} is kept as {outcome}")

    async def _all_projected(self) -> bool:
        behind = """
            SELECT count(*) FROM (SELECT slot, max(seq) AS seq FROM journal GROUP BY slot) AS head
            LEFT JOIN projected ON projected.slot = head.slot WHERE coalesce(projected.seq, 0) < head.seq
        """
        return not await self.count(behind)

    async def count(self, query: str) -> int:
        """The one number that this query answers."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(text(query))).scalar_one())

    async def execute(self, statement: str) -> None:
        """What a person might do at the database."""
        async with self.engine.begin() as connection:
            await connection.execute(text(statement))

    # -- the truth

    async def faces(self) -> dict[Ref, Face]:
        """Every actor's face, folded from page 1 of the journal."""
        return faces_of(self.town.catalogue, await self.town.pages())


@asynccontextmanager
async def whole_city(
    database_url: str,
    ray: Cluster,
    folder: Path,
    register: Register,
    cells: int = 2,
    dedicated: Sequence[str] = (),
    cells_url: str = "",
    lease_s: int = 10,
) -> AsyncIterator[Whole]:
    """A running city of this register, in a world of its own; nothing of it is left afterwards.

    `cells_url` is another way to the same database, for the cells alone; `lease_s` is how long a killed gateway counts.
    """
    world = f"t_{uuid4().hex[:12]}"
    await make_world(database_url, world)
    broker = Broker(folder / "broker", parts=PARTS)
    try:
        settings = load_settings(
            environment={},
            flags={
                "world": world,
                "data_dir": str(folder),
                "http.port": free_port(),
                "live.port": free_port(),
                "database.url": database_url,
                "broker.url": broker.start(),
                "ray.address": ray.address,
                "replay.enabled": False,
                **{f"placement.{kind}": "dedicated" for kind in dedicated},
                "ingest.parts": PARTS,
                "ingest.lease_s": lease_s,
            },
        )
        here = Whole(Town(database_url, world, dedicated, cells_url=cells_url), settings, broker, register)
        try:
            await here.start(cells)
            yield here
        finally:
            await here.stop()
    finally:
        broker.stop()
        await drop_world(database_url, world)


def faces_of(catalogue: Catalogue, pages: Iterable[Page]) -> dict[Ref, Face]:
    """Every actor's face, folded from page 1 of its slot."""
    slots: dict[int, list[Page]] = {}
    for page in pages:
        slots.setdefault(page.slot, []).append(page)
    images = Images(catalogue)
    whole = [folded(catalogue, images, number, None, mine) for number, mine in slots.items()]
    return {ref: actor.face() for slot in whole for ref, actor in slot.roll.actors()}
