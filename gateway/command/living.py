"""The doctor's look at a running city: what its gateway's figures say is wrong, from two looks a little apart."""

import asyncio
import shutil
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from gateway.command.finding import GIB, Finding, Level
from gateway.command.up import local_address
from gateway.ingress.subscriber import REST_S
from gateway.settings import Settings

APART_S: Final = 2.0
PATIENCE_S: Final = 5.0
VIEWS_LATE_S: Final = 5.0
TABLES_LATE_S: Final = 10.0
FAR_BEHIND_S: Final = 60.0
BLIND_S: Final = 30.0
LETTERS_MANY: Final = 100
TAKING_OVER_S: Final = 2 * REST_S
"""Who takes over a share rests before it goes on with the session at the broker, and then has to connect."""
GROWTH_SEEN_S: Final = 9 * 60.0
"""Nearly all of the time over which growth is counted: the minute in which a city is loaded is nobody's pace."""
DAY_S: Final = 86_400
DAYS_LEFT: Final = 7


class Page:
    """A gateway's page of figures, read."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                by_labels = self._values.setdefault(sample.name.removeprefix("yunparking_"), {})
                by_labels[tuple(sorted(sample.labels.items()))] = sample.value

    def by(self, name: str, label: str = "worker") -> dict[str, float]:
        """A figure by the words of one label."""
        return {dict(labels)[label]: value for labels, value in self._values.get(name, {}).items()}

    def sum(self, name: str) -> float:
        """A figure over all its labels."""
        return sum(self._values.get(name, {}).values())

    def most(self, name: str) -> float:
        """The greatest of a figure."""
        return max(self._values.get(name, {}).values(), default=0.0)


async def check_living(settings: Settings) -> list[Finding]:
    """Does what runs here run well?"""
    address = local_address(settings)
    try:
        before = await asyncio.to_thread(_read, address)
        await asyncio.sleep(APART_S)
        after = await asyncio.to_thread(_read, address)
    except (OSError, ValueError):
        return [Finding("city", "note", f"no gateway answers at {address}", "start it with: yunparking up")]
    free = None if settings.database.url else shutil.disk_usage(settings.folder).free
    return judged(Page(before), Page(after), f"{address}/#/engine", free)


def _read(address: str) -> str:
    with urllib.request.urlopen(f"{address}/metrics", timeout=PATIENCE_S) as response:  # noqa: S310  # our own
        if response.status != HTTPStatus.OK:
            raise ValueError(response.status)
        return str(response.read().decode())


def judged(before: Page, after: Page, page: str, free_bytes: int | None) -> list[Finding]:
    """All findings; `free_bytes` is the room left where the database grows, if it grows on this machine."""
    findings = [
        *_workers(after),
        *_slots(after),
        *_lags(after),
        *_waiting(before, after),
        *_aside(after, page),
        *_growth(after, free_bytes),
    ]
    if any(finding.level != "note" for finding in findings):
        return findings
    late = after.most("store_behind_seconds")
    workers = len(after.by("worker_up"))
    return [Finding("city", "good", f"{workers} processes answer, tables are at most {late:.1f} s behind"), *findings]


def _workers(page: Page) -> Iterator[Finding]:
    for worker, up in page.by("worker_up").items():
        if not up:
            silent = page.by("worker_unheard_seconds").get(worker, 0.0)
            do = "Ray starts it again within seconds; if it stays silent, read its log (/tmp/ray/session_latest/logs)"
            yield Finding("workers", "problem", f"{worker} has not answered for {silent:.0f} s", do)
    if not all(page.by("ingest_up").values()):
        cut_s = page.most("ingest_unconnected_seconds")
        do = "check that the broker runs and lets the gateway in: the finding on the broker above says more"
        if cut_s > TAKING_OVER_S:
            yield Finding(
                "ingest", "problem", f"the gateway has not been connected to the broker for {cut_s:.0f} s", do
            )
        else:
            yield Finding("ingest", "note", "the gateway takes over a share of the frames, which takes some seconds")


def _slots(page: Page) -> Iterator[Finding]:
    up, here = page.by("worker_up"), page.by("cell_slots")
    placed = page.by("worker_placed_slots")
    away = {worker: int(n) for worker, n in placed.items() if n and not up.get(worker)}
    if away:
        lots = ", ".join(sorted(away))
        do = (
            "they come back with their cell; if a cell is gone for good, start yunparking up again: it places them anew"
        )
        yield Finding("slots", "problem", f"{sum(away.values())} slots are carried by nobody (of {lots})", do)
    for worker, n in here.items():
        if (missing := int(placed.get(worker, 0) - n)) > 0:
            do = "it may still be folding its journal: look again in a minute, then at its log"
            yield Finding("slots", "warning", f"{worker} has not opened {missing} of its slots yet", do)


def _lags(page: Page) -> Iterator[Finding]:
    unread = page.most("store_unread_seconds")
    if unread > BLIND_S:
        do = "the database is away or too slow: see the finding on it, and its own log"
        yield Finding("tables", "problem", f"the gateway could not read how the tables stand for {unread:.0f} s", do)
    behind = {
        name: late for name, late in page.by("store_behind_seconds", "projection").items() if late > TABLES_LATE_S
    }
    if behind:
        name = max(behind, key=lambda name: behind[name])
        pages, late = int(page.by("store_behind_pages", "projection")[name]), behind[name]
        others = f"; {len(behind) - 1} other tables are late, too" if len(behind) > 1 else ""
        do = "lists and reports are old; with processor time to spare it catches up, else read the projector's log"
        yield Finding("projector", _grave(late), f"{name} is {late:.0f} s behind ({pages} pages){others}", do)
    late = page.most("views_follower_behind_seconds")
    if late > VIEWS_LATE_S:
        do = "screens show the city of then; give the machine more processors, or fewer devices"
        yield Finding("views", _grave(late), f"the live views are {late:.0f} s behind", do)


def _grave(late_s: float) -> Level:
    return "problem" if late_s > FAR_BEHIND_S else "warning"


def _waiting(before: Page, after: Page) -> Iterator[Finding]:
    waiting, done = after.sum("store_undelivered_orders"), "courier_delivered_orders_total"
    if waiting and before.sum("store_undelivered_orders") and after.sum(done) == before.sum(done):
        do = "their actors' cells do not take them: look for a cell that does not answer, and at the gateway's log"
        yield Finding("outbox", "warning", f"{waiting:.0f} orders of the register wait and none is delivered", do)
    was, now = before.sum("cell_outbox_letters"), after.sum("cell_outbox_letters")
    if now > LETTERS_MANY and now >= was:
        do = "some cell does not take them: look for one that does not answer, or a broken slot"
        yield Finding("outbox", "warning", f"{now:.0f} letters between slots wait and do not get fewer", do)


def _aside(page: Page, where: str) -> Iterator[Finding]:
    if parked := page.most("store_parked_messages"):
        do = f"look at them at {where}, and retry or dismiss each"
        yield Finding("parked", "warning", f"{parked:.0f} messages broke an actor and were set aside", do)
    if frames := page.by("ingest_frames_total", "outcome").get("parked"):
        do = f"look at them at {where}: their actors took too long, or broke"
        yield Finding("parked", "note", f"{frames:.0f} frames had no outcome in time and were set aside", do)


def _growth(page: Page, free_bytes: int | None) -> Iterator[Finding]:
    grown, within = page.most("store_grown_bytes"), page.most("store_grown_seconds")
    if free_bytes is None or grown <= 0 or within < GROWTH_SEEN_S:
        return
    a_day = grown / within * DAY_S
    days = free_bytes / a_day
    if days < DAYS_LEFT:
        level: Level = "problem" if days < 1 else "warning"
        found = (
            f"the database grows by {a_day / GIB:.1f} GiB a day: {free_bytes / GIB:.0f} GiB free last {days:.1f} days"
        )
        yield Finding("growth", level, found, "make room, or move the database to a larger disk (--database-url)")
