"""Mail: lanes driven by an event loop; used by gateways for what comes from outside and by cells for each other."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from actors.engine.catalogue import Catalogue
from actors.engine.entries import AGAIN, Answer, Letter
from actors.engine.gauges import MailGauges
from actors.engine.lanes import BATCH_BYTES, BATCH_MOST, LANES, Call, Lanes, Queue
from actors.values import SECOND_US, Micros

CallCell = Callable[[str, str, bytes], Awaitable[bytes]]
"""`await call(cell, method, payload)`; raises `Unreachable` when the cell cannot be asked."""

Clock = Callable[[], Micros]
ANSWER_WITHIN_S = 5.0


class Unreachable(Exception):
    """A cell could not be asked, or did not answer; whether it took the letters is not known."""


class Mail:
    """Makes the calls that the lanes want made, each a task, and gives their answers back to the lanes."""

    def __init__(
        self,
        catalogue: Catalogue,
        call: CallCell,
        route: Callable[[int], str],
        moved: Callable[[int, str], None],
        clock: Clock,
        batch: int = BATCH_MOST,
        lanes: int = LANES,
        pace_us: Micros = 0,
    ) -> None:
        self.gauges = MailGauges()
        self._catalogue = catalogue
        self._call = call
        self._clock = clock
        self._lanes = Lanes(route, moved, lanes, batch, pace_us)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._asked = False
        self._closed = False

    def offer(self, name: Hashable, queue: Queue) -> None:
        """This queue has letters; they leave when the running callback is over, so that many make one call."""
        self._lanes.offer(name, queue)
        if not self._asked:
            self._asked = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._asked = False
        if self._closed:
            return
        for call in self._lanes.start(self._clock()):
            task = asyncio.create_task(self._carry(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._lanes.due()
        if due is not None:
            delay = max(0.001, (due - self._clock()) / SECOND_US)
            self._timer = asyncio.get_running_loop().call_later(delay, self._start)

    async def _carry(self, call: Call) -> None:
        letters, failed = call.letters, True
        began = self.gauges.left(len(letters))
        try:
            answers = await self._deliver(call.cell, letters)
            failed = False
        except Exception:  # whatever went wrong: the letters are still here, and a lane must never stop for good
            self._lanes.failed(call, self._clock())
        else:
            self._lanes.answered(call, answers, self._clock())
        finally:
            self.gauges.back(began, len(letters), failed)
        self._start()

    async def _deliver(self, cell: str, letters: list[Letter[Any]]) -> list[Answer]:
        body, fitting = self._encode(letters)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            raw = await self._call(cell, "deliver", body)
        return self._catalogue.decode_answers(raw) + [AGAIN] * (len(letters) - fitting)

    def _encode(self, letters: list[Letter[Any]]) -> tuple[bytes, int]:
        """As many of the first letters as a call may carry bytes of (one at least), and how many they are."""
        body, fitting = self._catalogue.encode(letters), len(letters)
        while len(body) > BATCH_BYTES and fitting > 1:
            fitting = max(1, min(fitting - 1, fitting * BATCH_BYTES // len(body)))
            body = self._catalogue.encode(letters[:fitting])
        return body, fitting

    def stop(self) -> None:
        """Makes no more calls; letters in flight may or may not have been taken."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in list(self._tasks):
            task.cancel()

    async def close(self) -> None:
        """Stops, and waits until all is still."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
