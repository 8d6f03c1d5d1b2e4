"""What a running city tells of itself: every figure of the page moves, and who dies is seen to come back."""

import contextlib
import os
import socket
import sys
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from actors.engine.eras import FIRST
from actors.engine.journal import ParkedMessage
from actors.values import MINUTE_US, Ref
from gateway.command import living
from gateway.command.living import check_living
from gateway.metrics import TABLE
from gateway.workers import PROJECTOR, VIEWS
from storage.journal import PostgresJournal
from storage.session import connect, now_us
from tests.city.screen import looking
from tests.city.small import Sensors, sensor_of
from tests.city.waiting import eventually
from tests.city.whole import Whole
from tests.gateway.http.callers import Caller
from tests.storage.test_processors import may_lower_others

pytestmark = [pytest.mark.ray]

REF = Ref("device", f"twins/{sensor_of('twins-1')}")
STILL = {
    # what a well city never shows, and the test that makes it move
    "yunparking_cell_broken_slots": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_commit_doubts_total": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_left_actors_total": "tests/actors/engine/test_gone.py",
    "yunparking_cell_returned_actors_total": "tests/actors/engine/test_gone.py",
    "yunparking_cell_parked_messages_total": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_refused_turns_total": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_snapshots_total": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_due_slots": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_mail_calls_total": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_mail_call_letters": "tests/actors/engine/test_gauges.py",
    "yunparking_cell_mail_call_seconds": "tests/actors/engine/test_gauges.py",
    "yunparking_ingest_retained_frames_total": "tests/gateway/ingress/test_door.py",
    "yunparking_ingest_held_frames": "tests/gateway/ingress/test_intake.py",
    "yunparking_ingest_store_failures_total": "tests/gateway/ingress/test_door.py",
    "yunparking_ingest_redelivered_frames_total": "tests/gateway/ingress/test_intake.py",
    "yunparking_ingest_lost_connections_total": "tests/gateway/ingress/test_door.py",
    "yunparking_ingest_unconnected_seconds": "tests/gateway/ingress/test_door.py",
    "yunparking_courier_failures_total": "tests/gateway/ingress/test_courier_and_registry.py",
    "yunparking_courier_refused_orders_total": "tests/gateway/ingress/test_courier_and_registry.py",
    "yunparking_payments_notifications_total": "tests/gateway/http/test_payments.py",
    "yunparking_live_stuck_clients": "tests/gateway/live/test_server.py",
    "yunparking_live_skipped_frames_total": "tests/gateway/live/test_server.py",
    "yunparking_store_parked_messages": "tests/storage/test_standing.py",
    "yunparking_store_waiting_errands": "tests/storage/test_standing.py",
    "yunparking_store_oldest_errand_seconds": "tests/storage/test_standing.py",
    "yunparking_store_waiting_notices": "tests/storage/test_standing.py",
    "yunparking_store_oldest_notice_seconds": "tests/storage/test_standing.py",
    "yunparking_store_late_jobs": "tests/storage/test_standing.py",
    "yunparking_store_late_job_seconds": "tests/storage/test_standing.py",
    "yunparking_broker_full_ratio": "tests/gateway/test_backlog.py",
    "yunparking_broker_sensors_up": "tests/gateway/command/test_sluice.py",
    "yunparking_broker_waiting_frames": "tests/gateway/test_backlog.py",
    "yunparking_broker_unacknowledged_frames": "tests/gateway/test_backlog.py",
    "yunparking_broker_waiting_seconds": "tests/gateway/test_backlog.py",
    "yunparking_projector_pauses_total": "tests/storage/test_projections.py",
}
PASSING = {
    # zero whenever nothing is under way: seen in passing, if at all
    *("cell_uncommitted_turns", "cell_outbox_letters", "cell_waiting_calls", "cell_mail_flying_calls"),
    "cell_committing_seconds",
    *("cell_mail_failed_calls_total", "cell_mail_resent_letters_total", "post_mail_flying_calls"),
    *("views_follower_queued_changes", "views_follower_behind_pages", "views_follower_behind_seconds"),
    *("post_waiting_messages", "ingest_in_flight_frames", "courier_waiting_places"),
    *("store_behind_pages", "store_behind_seconds", "store_undelivered_orders"),
    *("store_grown_bytes", "live_unheard_seconds", "pool_used_connections"),
    *("post_mail_failed_calls_total", "post_mail_resent_letters_total"),
}


async def page(http: Caller) -> dict[str, dict[str, float]]:
    """Metric → labels, the worker first → value, as Prometheus reads it; a histogram by its count."""
    text = (await http.get("/metrics")).body.decode()
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in (family.name, f"{family.name}_total", f"{family.name}_count"):
                name = f"{family.name}_total" if family.type == "counter" else family.name
                labels = dict(sample.labels)
                found.setdefault(name, {})[" ".join([labels.pop("worker", ""), *labels.values()])] = sample.value
    return found


async def changed(http: Caller, bay: str) -> None:
    """Another type for a bay, and the one before."""
    known = (await http.get(f"/api/v1/bays/{bay}")).json
    other = await http("PATCH", f"/api/v1/bays/{bay}", {"version": known["version"], "type": "charging"})
    back = {"version": other.json["version"], "type": known["type"]}
    assert (await http("PATCH", f"/api/v1/bays/{bay}", back)).status == 200


async def unmoved(http: Caller) -> set[str]:
    """Declared metrics of which nothing but zero is told, or nothing at all."""
    told = await page(http)
    return {family.name for family in TABLE if not any(told.get(family.name, {}).values())}


async def test_every_figure_of_the_page_moves_in_a_living_city(city: Whole, http: Caller, sensors: Sensors) -> None:
    silent = set(STILL) | {f"yunparking_{name}" for name in PASSING}
    assert silent <= {family.name for family in TABLE}, "nothing is excused that is not there"

    async def all_moved() -> bool:
        await city.say(*(sensors.frame("twins-0", n % 2 == 0, now_us()) for n in range(4)))
        return not await unmoved(http) - silent

    async with looking(city, http, "map", "alarms"):
        city.town.cluster.kill(VIEWS)
        await changed(http, "twins-0")  # this life of the gateway may have told no actor of its record yet
        with contextlib.suppress(AssertionError):  # which of them has not is said below
            await eventually(all_moved, "every other figure has moved")
        assert await unmoved(http) - silent == set()
    told = await page(http)
    workers = {
        labels.split()[0] for name, by in told.items() if not name.startswith("yunparking_http_") for labels in by
    }
    assert workers <= {*city.town.cells, VIEWS, PROJECTOR, "gateway"}


async def engine(http: Caller) -> dict[str, Any]:
    return dict((await http.get("/api/v1/engine")).json)


async def test_a_cell_that_dies_is_seen_to_be_away_and_to_come_back(city: Whole, http: Caller) -> None:

    async def recoveries() -> list[dict[str, Any]]:
        """Its own, the newest first: the views may still come back from the test before."""
        items = (await http.get("/api/v1/recoveries")).json["items"]
        return [one for one in items if one["worker"] == "cell-1"]

    before = len(await recoveries())
    began = now_us()
    city.town.cluster.kill("cell-1")

    async def noted() -> bool:
        return len(await recoveries()) > before

    await eventually(noted, "the recovery is kept")
    newest = (await recoveries())[0]
    assert newest["why"] is None
    assert began - MINUTE_US < newest["lost_us"] < newest["back_us"] <= now_us()
    (cell,) = [each for each in (await engine(http))["workers"] if each["name"] == "cell-1"]
    assert (cell["role"], cell["up"], cell["recoveries"] >= 1) == ("cell", True, True)
    assert cell["since_us"] > began - MINUTE_US
    assert (cell["pid"], cell["host"]) == (city.town.cluster.pid("cell-1"), socket.gethostname())
    assert cell["cell"]["placed_slots"] == 512

    async def all_open() -> bool:
        """It answers as soon as its slots are fenced, and opens them one after the other."""
        (cell,) = [each for each in (await engine(http))["workers"] if each["name"] == "cell-1"]
        return bool(cell["cell"]["slots"] == 512)

    await eventually(all_open, "all its slots are open")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processors are not shared by sessions")
async def test_each_worker_has_a_share_of_its_own_and_the_projector_gives_way(city: Whole) -> None:
    pids = {name: city.town.cluster.pid(name) for name in ("cell-0", "cell-1", VIEWS, PROJECTOR)}
    assert {name: os.getsid(pid) for name, pid in pids.items()} == pids, "none is in the session of another"
    nice = {name: psutil.Process(pid).nice() for name, pid in pids.items()}
    assert nice.pop(PROJECTOR) > max(nice.values())
    line = await connect(city.settings.database.url, city.settings.world, "test")
    ports = [port.laddr.port for port in psutil.Process(pids[PROJECTOR]).net_connections("tcp4") if port.laddr]
    query = "SELECT pid FROM pg_stat_activity WHERE client_port = ANY($1::int[])"

    async def served_last() -> bool:
        servers = [row["pid"] for row in await line.fetch(query, ports)]
        return bool(servers) and all(psutil.Process(pid).nice() > max(nice.values()) for pid in servers)

    if may_lower_others():
        await eventually(served_last, "the server's processes for the projector give way too")
    await line.close()


async def test_the_doctor_finds_a_city_well_until_something_is_set_aside(
    city: Whole, http: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `yunparking doctor` beside the running gateway; the settings are those of the gateway."""
    monkeypatch.setattr(living, "APART_S", 0.1)
    await city.quiet()
    (well,) = [finding for finding in await check_living(city.settings) if finding.level != "note"]
    assert (well.check, well.level) == ("city", "good"), well
    broken = ParkedMessage(1, b"x", now_us(), "bay:health/health-1", "KeyError: 'x'", b"")
    await city.town.journal.park([broken])

    async def found() -> bool:
        return "parked" in {finding.check for finding in await check_living(city.settings) if finding.do}

    await eventually(found, "the doctor has seen the parked message")
    (row,) = (await http.get("/api/v1/parked")).json["items"]
    said = await http("POST", f"/api/v1/parked/{row['id']}/dismiss", {"note": "a test"})
    assert said.json["outcome"] == "dismissed"


async def test_a_fenced_cell_says_why_it_went(city: Whole, http: Caller, sensors: Sensors) -> None:
    """Somebody else writes the next page of one of its slots, as a rival would."""
    journal, slot = city.town.journal, city.town.directory.slot_of
    assert isinstance(journal, PostgresJournal)
    victim = slot(REF)
    await journal.open([victim], 1, 1, now_us(), city.town.catalogue.encode([]), FIRST)
    await city.say(sensors.frame("twins-1", True, now_us()))

    async def told() -> bool:
        items = (await http.get("/api/v1/recoveries")).json["items"]
        return any((one["why"] or "").startswith("Fenced") and one["back_us"] for one in items)

    await eventually(told, "the dead said that it was fenced, and its successor answered")

    async def counted() -> bool:
        deaths = (await page(http)).get("yunparking_worker_deaths_total", {})
        return any(labels.endswith(" fenced") and n >= 1 for labels, n in deaths.items())

    await eventually(counted, "a death by the fence is counted as one")
