"""Which shares this gateway takes: it looks every second who lives, takes its part, and gives up what is too much.

Whoever takes a share goes on with its session at the broker: what was not acknowledged comes again, first and in order.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from actors.engine.mail import Unreachable
from actors.values import SECOND_US, Micros
from gateway.ingress.counters import Counters, IngestGauges
from gateway.ingress.opening import rows_of
from gateway.ingress.shares import Share, share_of
from storage.gateways import GatewayRow, Seen, ShareRow

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LET_GO_S = 1.0
"""So long before a lease runs out that the database did not let us renew, we let go: another may soon take it."""


class Listening(Protocol):
    """What takes the frames of one share: a `Subscriber`."""

    connected: asyncio.Event

    async def run(self) -> None:
        """Take frames until cancelled."""


class Leases(Protocol):
    """Who takes what, as the database has it."""

    me: GatewayRow
    lease_us: Micros

    async def look(self) -> Seen: ...

    async def take(self, session: str) -> bool: ...

    async def give(self, sessions: Sequence[str]) -> None: ...

    async def divide(self, wanted: Sequence[ShareRow]) -> bool: ...

    async def forget(self, session: str) -> None: ...

    async def leave(self) -> None: ...


class Empty(Protocol):
    """Tells when a retired share's session owes nothing of before: an `Emptying`."""

    def over(self, now: float) -> bool: ...


class Sessions(Protocol):
    """The shares' sessions at the broker."""

    def listen(self, share: Share, counters: Counters) -> Listening: ...

    async def open(self, share: Share) -> None: ...

    async def end(self, share: Share) -> None: ...

    def emptying(self, share: Counters) -> Empty: ...


@dataclass(slots=True)
class _Held:
    share: Share
    listening: Listening
    counters: Counters
    task: "asyncio.Task[None]"
    emptying: Empty


class Ingest:
    """The frames that this gateway takes. `enabled`: it may take any; else it only tells that it lives."""

    def __init__(
        self,
        leases: Leases,
        shares: Sequence[Share],
        sessions: Sessions,
        enabled: bool = True,
    ) -> None:
        self._leases, self._shares, self._sessions = leases, shares, sessions
        self._enabled = enabled
        self._blind_most_s = leases.lease_us / SECOND_US - LET_GO_S
        self._counters: dict[str, Counters] = {}
        self._held: dict[str, _Held] = {}
        self._seen: Seen | None = None
        self._looked = 0.0
        self._stood_back = ""
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Look and act until cancelled, or until a part of it fails; lets everything go at the end."""
        looking = asyncio.create_task(self._looking())
        failed = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait({looking, failed}, return_when=asyncio.FIRST_COMPLETED)
            for held in self._held.values():
                if held.task.done():
                    held.task.result()
            if looking.done():
                looking.result()
        finally:
            looking.cancel()
            failed.cancel()
            await asyncio.gather(looking, failed, return_exceptions=True)
            await self._stop(list(self._held))
            await self._leave()

    async def _looking(self) -> None:
        clock = asyncio.get_running_loop().time
        self._looked = clock()
        while True:
            try:
                async with asyncio.timeout_at(max(self._looked + self._blind_most_s, clock() + LOOK_EVERY_S)):
                    await self.look()
            except Exception as error:  # whatever database or broker say: what is taken holds for a while
                log.warning("the leases could not be looked at: %r", error)
                if clock() - self._looked >= self._blind_most_s:
                    await self._stop(list(self._held))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """One look: what is no longer ours stops, what is ours by right is taken, what is too much is given."""
        began = asyncio.get_running_loop().time()
        self._seen = seen = await self._leases.look()
        self._looked, me = began, self._leases.me
        mine = {row.session: row for row in seen.shares if row.life == me.life}
        await self._stop([session for session in self._held if session not in mine])
        if not self._enabled or not seen.here:
            return await self._give(list(self._held))
        if await self._agreed(seen):
            for session in mine.keys() - self._held.keys():
                self._start(mine[session])  # it was taken by a look that was cut short
            give, take = decided(seen, me)
            await self._give([session for session in give if session in self._held])
            for row in take:
                if await self._leases.take(row.session):
                    self._start(row)
            await self._empty([row.session for row in seen.shares if row.retired and row.session in self._held])
        return None

    async def _empty(self, retired: Sequence[str]) -> None:
        """Ends the sessions of retired shares that owe nothing any more; what came since is in the new ones too."""
        now = asyncio.get_running_loop().time()
        for session in [session for session in retired if self._held[session].emptying.over(now)]:
            share = self._held[session].share
            await self._stop([session])
            await self._sessions.end(share)
            await self._leases.forget(session)

    async def _agreed(self, seen: Seen) -> bool:
        """Whether the shares in the table are ours; if nobody takes other ones or is about to, they become ours.

        Their sessions are made before the old ones are emptied, so that no frame falls between.
        """
        wanted = rows_of(self._shares)
        if {row.session for row in seen.shares if not row.retired} == {row.session for row in wanted}:
            self._stood_back = ""
            return True
        holders = {row.holder for row in seen.shares if row.holder and not row.retired}
        if others := sorted(holders | dividing(seen, self._leases.me)):
            self._stand_back(others)
            return False
        for share in self._shares if seen.shares else ():
            await self._sessions.open(share)
        return await self._leases.divide(wanted)

    def _stand_back(self, others: Sequence[str]) -> None:
        """Says whom this gateway leaves all frames to, once for each change."""
        said = (
            f"stands back: this gateway divides the topics as [{self._leases.me.division}], and otherwise than "
            f"{', '.join(others)}: it takes no frames until those have ended; "
            "start it with the ingest.parts and ingest.topics of the others"
        )
        if said != self._stood_back:
            log.warning("%s", said)
        self._stood_back = said

    def _start(self, row: ShareRow) -> None:
        share = share_of(row.name, row.filters)
        counters = self._counters.setdefault(share.session, Counters())
        listening = self._sessions.listen(share, counters)
        task = asyncio.create_task(listening.run())
        task.add_done_callback(lambda task: None if task.cancelled() else self._ended.set())
        self._held[share.session] = _Held(share, listening, counters, task, self._sessions.emptying(counters))
        log.info("takes the share %s", share.name)

    async def _stop(self, sessions: Sequence[str]) -> None:
        stopped = [self._held.pop(session) for session in sessions]
        for held in stopped:
            log.info("takes the share %s no longer", held.share.name)
            held.task.cancel()
        await asyncio.gather(*[held.task for held in stopped], return_exceptions=True)
        for held in stopped:
            held.counters.ended()

    async def _give(self, sessions: Sequence[str]) -> None:
        if sessions:
            await self._stop(sessions)
            await self._leases.give(sessions)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(self._blind_most_s):
                await self._leases.leave()
        except Exception as error:  # then the leases run out by themselves
            log.warning("the leases could not be given back: %r", error)

    def figures(self) -> list[Counters]:
        """The counters of each share that is taken now."""
        return [held.counters for held in self._held.values()]

    def gauges(self) -> IngestGauges:
        """What came through all shares that this gateway takes and has taken."""
        total = Counters()
        for counters in self._counters.values():
            total.add(counters)
        total.connected = all(held.counters.connected for held in self._held.values())
        cut = [since for held in self._held.values() if (since := held.counters.unconnected_since) is not None]
        total.unconnected_since = min(cut, default=None)
        return total.gauges()

    async def condition(self) -> str:
        """A sentence on who takes what; `Unreachable` when frames of devices come through nobody."""
        if self._seen is None:
            raise Unreachable("it is not known yet who takes the frames")
        if cut := [held.share.name for held in self._held.values() if not held.listening.connected.is_set()]:
            raise Unreachable(f"not connected to the broker for {', '.join(cut)}")
        free = [row.name for row in self._seen.shares if not row.holder]
        if free or not self._seen.shares:
            raise Unreachable(f"nobody takes the frames of {', '.join(free) or 'any share'}")
        if wrong := faults(self._seen):
            raise Unreachable("; ".join(wrong))
        return ", ".join(f"{row.name}: {row.holder}" for row in self._seen.shares)


def decided(seen: Seen, me: GatewayRow) -> tuple[list[str], list[ShareRow]]:
    """(which shares to give, which to take): as many for each gateway that divides them so.

    As long as there are retired shares, only those are taken: what they owe comes before what the new ones have.
    """
    takers = sum(gateway.division == me.division for gateway in seen.gateways) or 1
    open_now = [row for row in seen.shares if row.retired] or seen.shares
    fair = -(-len(open_now) // takers)
    mine = [row.session for row in seen.shares if row.life == me.life]
    free = [row for row in open_now if not row.holder]
    return mine[fair:], free[: max(0, fair - len(mine))]


def dividing(seen: Seen, me: GatewayRow) -> set[str]:
    """The names of other gateways that live and divide the topics as the table has it: what is free now, because its
    holder was killed or gives it up, is theirs to take.
    """
    current = {f"{row.name}={row.filters}" for row in seen.shares if not row.retired}
    return {g.name for g in seen.gateways if g.life != me.life and set(g.division.split("; ")) == current}


def faults(seen: Seen) -> list[str]:
    """What gateways that run at the same time do not agree on."""
    found = []
    divisions = {gateway.division for gateway in seen.gateways if gateway.division}
    if len(divisions) > 1:
        ways = ", ".join(f"{g.name} as [{g.division}]" for g in seen.gateways if g.division)
        found.append(f"gateways divide the topics differently: {ways}")
    if len({gateway.signer for gateway in seen.gateways}) > 1:
        found.append(f"tokens of one gateway are not valid at another: {', '.join(g.name for g in seen.gateways)}")
    if not seen.here:
        found.append("another gateway runs under this name")
    return found
