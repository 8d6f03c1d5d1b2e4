"""Sends notices: holds some for a while, gives each to its channel, and marks it. Many senders may run at once.

A channel may be given a notice more than once (a sender died before it had marked it): always with the same key.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from actors.values import Micros
from gateway.http.limits import Buckets
from storage.database import Engine
from storage.notices.inbox import Inbox, MessageRow, Sandbox
from storage.notices.outbox import HeldNotice, NoticeOutbox
from storage.notices.templates import APP, SMS, WECHAT, rendered

AT_ONCE: Final = 50
LOOK_EVERY_S: Final = 1.0
LEASE_S: Final = 30.0
TRIES_MOST: Final = 8
REST_FIRST_S, REST_MOST_S = 2.0, 600.0

log = logging.getLogger("yunparking.notices")


class Sent(NamedTuple):
    """A rendered notice on its way: `key` is the same whenever the same notice is sent again."""

    key: str
    channel: str
    address: str
    title: str
    said: str
    notice: HeldNotice


Channel = Callable[[Sent], Awaitable[None]]
"""Gives a notice to a provider; whatever it raises is tried again."""


def sandboxes(engine: Engine, clock: Callable[[], Micros]) -> Mapping[str, Channel]:
    """The app's own messages, and a sandbox in the place of WeChat and of an SMS provider."""
    inbox, sandbox = Inbox(engine), Sandbox(engine)

    async def app(sent: Sent) -> None:
        said = (sent.notice.template, sent.title, sent.said, sent.notice.about, "")
        await inbox.put(MessageRow(sent.key, sent.address, *said, sent.notice.at_us, None))

    async def outside(sent: Sent) -> None:
        await sandbox.take(sent.key, sent.channel, sent.address, f"{sent.title}\n{sent.said}", clock())

    return {APP: app, WECHAT: outside, SMS: outside}


class Sender:
    """Sends until cancelled. `paces` bound how often one address is written to by each channel."""

    def __init__(
        self,
        outbox: NoticeOutbox,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Buckets] | None = None,
        told: Callable[[HeldNotice], None] = lambda notice: None,
    ) -> None:
        self._outbox, self._channels, self._told = outbox, channels, told
        self._paces = (
            paces
            if paces is not None
            else {
                WECHAT: Buckets(per_s=1 / 60, burst=10),
                SMS: Buckets(per_s=1 / 600, burst=3),
            }
        )

    async def run(self) -> None:
        """Looks again and again; while the database is away notices wait."""
        while True:
            try:
                busy = await self.look()
            except Exception as error:  # whatever the database says: leases run out, and others may take over
                log.warning("notices could not be read, trying again: %r", error)
                busy = 0
            if busy < AT_ONCE:
                await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Sends what can be sent now, all at once; how many were taken."""
        held = await self._outbox.claim(AT_ONCE, LEASE_S)
        if held:
            lots = {str(each.words["lot"]) for each in held if "lot" in each.words}
            names, zone = await self._outbox.names(lots)
            await asyncio.gather(*(self._carry(each, names, ZoneInfo(zone)) for each in held))
        return len(held)

    async def _carry(self, notice: HeldNotice, names: Mapping[str, tuple[str, str]], zone: ZoneInfo) -> None:
        channel = notice.key[3]
        pace = self._paces.get(channel)
        wait_s = pace.wait_s(notice.address) if pace else 0
        try:
            if wait_s:
                await self._outbox.delay(notice.key, wait_s)
                return
            await self._send(notice, channel, names, zone)
        except Exception as error:
            log.warning("notice %s could not be sent: %r", notice.key, error)
            await self._outbox.failed(notice.key, f"{type(error).__name__}: {error}", _rest_s(notice.tries))

    async def _send(
        self, notice: HeldNotice, channel: str, names: Mapping[str, tuple[str, str]], zone: ZoneInfo
    ) -> None:
        words = dict(notice.words)
        if "lot" in words:
            both = names.get(str(words["lot"]))
            words["lot"] = both[notice.language == "en"] if both else words["lot"]
        title, said = rendered(notice.template, notice.language, words, zone)
        key = "-".join(map(str, notice.key))
        await self._channels[channel](Sent(key, channel, notice.address, title, said, notice))
        await self._outbox.sent(notice.key, said)
        self._told(notice)


def notice_sender(engine: Engine, me: str, clock: Callable[[], Micros]) -> Sender:
    """The sender of one gateway."""
    return Sender(NoticeOutbox(engine, me), sandboxes(engine, clock))


def _rest_s(tries: int) -> float:
    return 0.0 if tries >= TRIES_MOST else min(REST_FIRST_S * 2.0**tries, REST_MOST_S)
