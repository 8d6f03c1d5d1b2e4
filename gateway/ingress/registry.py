"""Which devices are registered: the register's rows, kept in memory, read again every few seconds, told at once."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable

from actors.values import Ref
from storage.reaching import to_be_traced

log = logging.getLogger(__name__)

Rows = Callable[[], Awaitable[Iterable[tuple[str, str]]]]
"""Reads (device id, lot id) of every registered device whose actor has been told so."""


class KnownDevices:
    """The `Registry` that follows the table of devices; a device that is not known hastens the next look."""

    def __init__(self, rows: Rows, every_s: float = 5.0, at_most_every_s: float = 0.5) -> None:
        self._rows = rows
        self._every_s = every_s
        self._at_most_every_s = at_most_every_s
        self._refs: dict[str, Ref] = {}
        self._told: dict[str, Ref] = {}
        self._missed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._refs)

    def ref(self, device: str) -> Ref | None:
        """The device's actor, or None as long as it is not registered."""
        ref = self._refs.get(device)
        if ref is None:
            self._missed.set()
        return ref

    def told(self, ref: Ref) -> None:
        """This actor has just been told what the register says of it: a device among them may speak from now on."""
        if ref.kind == "device":
            self._refs[ref.own_id] = self._told[ref.own_id] = ref

    async def refresh(self) -> None:
        """Read the register once; who was told so recently that it does not say so yet stays known."""
        read = {device: Ref("device", f"{lot}/{device}") for device, lot in await self._rows()}
        self._told = {device: ref for device, ref in self._told.items() if device not in read}
        self._refs = read | self._told

    async def run(self) -> None:
        """Read it again and again; while the database is away, what was known holds."""
        while True:
            try:
                await self.refresh()
            except Exception as error:
                log.error("the register of devices could not be read: %r", error, exc_info=to_be_traced(error))
            self._missed.clear()
            await asyncio.sleep(self._at_most_every_s)
            # Not `wait_for`: it forgets that it was cancelled if the event came in the same moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._missed.wait()
