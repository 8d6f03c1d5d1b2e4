"""A city of which every part may be struck: its database, its broker and the wire between the two are its own."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from actors.engine.cluster import Cluster
from storage.postgres import Postgres
from tests.chaos.evidence import evidence
from tests.chaos.load import Load
from tests.chaos.node import Node
from tests.chaos.wire import Wire
from tests.city.calm import CalmRun
from tests.city.screen import Screen
from tests.city.small import LOADED, ORDERED, small_city
from tests.city.truth import agrees, tables_agree
from tests.city.waiting import eventually
from tests.city.whole import Whole, faces_of, whole_city

TOPICS = ("city", "map", "events", "devices", "alarms", "region/north", *(f"lot/{lot}" for lot in (*LOADED, ORDERED)))
GATEWAY = "gateway"
"""What is away when nobody answers at all."""


class Field:
    """The city, what it stands on, and who loads it."""

    def __init__(self, city: Whole, database: Postgres, disk: "Disk", wire: Wire, node: Node, load: Load) -> None:
        self.city = city
        self.database = database
        self.disk = disk
        self.wire = wire
        self.node = node
        self.load = load
        self._calm = CalmRun(city, LOADED)

    def supervise(self) -> None:
        """Starts the gateway again if it has ended: its own raylet may have been the one that died."""
        process = self.city.gateway.program.process
        if process is None or process.poll() is not None:
            self.city.gateway.start()

    @asynccontextmanager
    async def told(self, parts: set[str]) -> AsyncIterator[None]:
        """In this block the health check says of each of these parts, at least once, that it is away."""
        wanted = {GATEWAY} if GATEWAY in parts else parts  # then nobody is there who could say more
        seen: set[str] = set()

        async def all_seen() -> bool:
            seen.update(await self._away())
            return wanted <= seen

        looking = asyncio.create_task(eventually(all_seen, f"/health/ready says that {wanted} are away"))
        try:
            yield
        except BaseException:
            looking.cancel()
            raise
        await looking

    async def up(self, worker: str) -> None:
        """Waits until this worker answers."""

        async def answers() -> bool:
            await self.city.town.cluster.call(worker, "state", b"")
            return True

        await eventually(answers, f"{worker} answers")

    async def _away(self) -> set[str]:
        limit = aiohttp.ClientTimeout(10)
        try:
            async with aiohttp.request("GET", f"{self.city.gateway.url}/health/ready", timeout=limit) as response:
                known: dict[str, Any] = await response.json()
        except (aiohttp.ClientError, OSError):
            return {GATEWAY}
        return {one["name"] for one in known["dependencies"] if not one["ready"]}

    async def whole(self) -> None:
        """Waits until everything answers again."""

        async def all_here() -> bool:
            return not await self._away()

        await eventually(all_here, "/health/ready says that nothing is away")

    async def flows(self, more: int) -> None:
        """Waits until so many more frames are kept: everything on their way works."""
        query = "SELECT count(*) FROM frames"
        start: list[int] = []

        async def flowed() -> bool:
            start.append(await self.city.count(query))
            return start[-1] >= start[0] + more

        try:
            await eventually(flowed, "frames flow")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{await evidence(self.city)}") from None

    async def speaks(self, more: int) -> None:
        """Waits until the sensors have said so many more frames, whoever takes them."""
        start = len(self.load.said)

        async def spoke() -> bool:
            return len(self.load.said) >= start + more

        await eventually(spoke, "sensors speak")

    def screen(self) -> Screen:
        """Somebody who looks at everything."""
        return Screen(f"ws://127.0.0.1:{self.city.settings.live.port}", self.load.token, TOPICS)

    async def is_true(self, screen: Screen) -> None:
        """All that was acknowledged stands in the journal once, as in a calm run, and everybody sees just that."""
        city, load = self.city, self.load
        await city.quiet()
        faults, load.faults = load.faults, []  # of this row alone: the next ones have theirs
        assert not faults, "\n".join(faults)
        pages = await city.town.pages()
        await self._calm.agrees(load.said, pages)
        faces = faces_of(city.town.catalogue, pages)
        await tables_agree(city, faces)
        await load.orders_stand(faces, pages)
        await screen.until(lambda: agrees(city, screen, faces), "what the journal says")
        assert screen.faults == []


class Disk:
    """A disk of the database's own, that can be full: a file system in memory, which only root may make."""

    SIZE = "4g"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why_not = "" if os.geteuid() == 0 else "only root can make a small disk"
        if not self.why_not and (said := self._mount(f"size={self.SIZE}")):
            self.why_not = f"this machine lets nobody mount: {said}"

    def fill(self) -> None:
        """Not one more page: the disk ends where its contents end."""
        stat = os.statvfs(self.folder)
        used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
        while self._mount(f"remount,size={used}"):
            used += stat.f_frsize  # it has grown meanwhile

    def free(self) -> None:
        """As large as it was."""
        assert not self._mount(f"remount,size={self.SIZE}")

    def gone(self) -> None:
        if not self.why_not:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    def _mount(self, options: str) -> str:
        """What mount says against it; nothing when it did."""
        command = ["mount", "-t", "tmpfs", "-o", f"{options},mode=755", "tmpfs", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stderr.strip() if done.returncode else ""


def elsewhere(log: Path, folder: Path) -> None:
    """What the server says lies in this folder: it is to say that its disk is full, which takes room."""
    log.parent.mkdir()
    log.symlink_to(folder / log.name)


@asynccontextmanager
async def battlefield(ray: Cluster, open_folder: Path, folder: Path) -> AsyncIterator[Field]:
    """The small city on two nodes, with sources that wait for `load.flowing()`; nothing of it is left afterwards."""
    async with AsyncExitStack() as stack:
        at = open_folder / "struck"
        at.mkdir()
        disk = Disk(at)
        stack.callback(disk.gone)
        database = Postgres(at / "postgres")
        elsewhere(database.log, folder)
        url = database.start()
        stack.callback(database.stop)
        wire = await stack.enter_async_context(Wire(url))
        node = Node(ray.address, folder / "node.log")
        await node.start()
        stack.callback(node.stop)
        city = await stack.enter_async_context(whole_city(url, ray, folder, small_city(), cells_url=wire.url))
        http = await stack.enter_async_context(city.signed_in())
        yield Field(city, database, disk, wire, node, Load(city, http))
