"""Lives that ended: our children's, kept until the database knows of them (it may be the one that ended), and those of
whom others note it, said once.
"""

import time
from collections.abc import Callable
from typing import Final

from actors.values import SECOND_US, Micros
from gateway.command.say import Say
from storage.reaching import is_away
from storage.recoveries import Recovery

PAUSE_S: Final = 5.0
WAITING_MOST: Final = 1000


class Lives:
    """Notes each life that ended: at once that it did, and again when the next one answers."""

    def __init__(
        self, note: Callable[[Recovery], object], say: Say, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._note, self._say, self._clock = note, say, clock
        self._waiting: dict[tuple[str, int], Recovery] = {}
        self._after = 0.0

    def add(self, one: Recovery) -> None:
        """This is known of a life now; what was known of it before is told no longer."""
        self._waiting[one.worker, one.life] = one
        if len(self._waiting) > WAITING_MOST:
            del self._waiting[next(iter(self._waiting))]

    def look(self) -> None:
        """Tells the database, if it answers; if not, it is asked again some seconds later."""
        if not self._waiting or self._clock() < self._after:
            return
        for key, one in list(self._waiting.items()):
            try:
                self._note(one)
            except Exception as error:
                if is_away(error):
                    self._after = self._clock() + PAUSE_S
                    return
                self._say.note("warning", f"that {one.worker} had ended could not be noted: {error}")
            del self._waiting[key]


class Others:
    """Says of workers that are not our children, such as cells, that they died and are back. `recent`: the table's last
    rows; `own`: the names of our children, of whom enough is said already.
    """

    def __init__(
        self, recent: Callable[[], list[Recovery]], own: Callable[[], set[str]], say: Say, since: Micros
    ) -> None:
        self._recent, self._own, self._say, self._since = recent, own, say, since
        self._said: set[tuple[str, int]] = set()

    def look(self) -> None:
        """Whoever is back since the last look."""
        known = {(row.worker, row.life): row for row in self._recent()}
        self._said &= known.keys()
        for key, row in reversed(known.items()):
            if row.back_us is None or row.lost_us < self._since or row.worker in self._own() or key in self._said:
                continue
            self._said.add(key)
            away_s = round(max(0, row.back_us - row.lost_us) / SECOND_US, 1)  # clocks of two machines may differ
            why = f": {row.why.splitlines()[0]}" if row.why else ""  # the rest, which may be long, stands on its page
            said = f"{row.worker} ended and is back after {away_s} s{why}"
            self._say.note("warning", said, worker=row.worker, away_s=away_s)
