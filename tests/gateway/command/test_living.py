"""The doctor's look at a running city: each thing that figures can tell is found, and nothing is said of a well one."""

from pathlib import Path

import msgspec
import pytest

from actors.engine.gauges import CellGauges, FollowerGauges
from gateway.command.finding import Finding
from gateway.command.living import Page, check_living, judged
from gateway.ingress.counters import Counters
from gateway.ingress.courier import CourierGauges
from gateway.ingress.subscriber import REST_S
from gateway.live.views import ViewsGauges
from gateway.lookout import SeenGauges
from gateway.metrics import Metrics
from storage.standing import StoreGauges
from tests.gateway.command.test_doctor import settings

GIB = 1 << 30
WHERE = "http://localhost:8080/#/engine"


def page(
    *more: tuple[str, msgspec.Struct], up: int = 1, store: StoreGauges | None = None, door: Counters | None = None
) -> Page:
    """The page of a city with two cells and views, and whatever else is said."""
    counters = door or Counters()
    if door is None:
        counters.has_connected()
    told = [
        ("cell-0", seen(1, 512)),
        ("cell-1", seen(up, 512)),
        ("views", seen(1, 0)),
        ("cell-0", CellGauges(cell="cell-0", lease=1, slots=512)),
        ("cell-1", CellGauges(cell="cell-1", lease=2, slots=512)),
        ("gateway", counters.gauges()),
        ("gateway", store or StoreGauges(behind_pages={"bays": 0}, behind_seconds={"bays": 0.2})),
        *more,
    ]
    return Page(Metrics(lambda: told).render().decode())


def seen(up: int, slots: int) -> SeenGauges:
    return SeenGauges(
        up=up, unheard_seconds=0.1 if up else 12.0, recoveries_total=0, deaths_total={}, placed_slots=slots
    )


def one(found: list[Finding]) -> Finding:
    """The only finding; it says what to do."""
    (finding,) = found
    assert finding.do or finding.level == "good"
    return finding


def test_of_a_well_city_one_thing_is_said() -> None:
    finding = one(judged(page(), page(), WHERE, 100 * GIB))
    assert (finding.level, finding.found) == ("good", "3 processes answer, tables are at most 0.2 s behind")


def test_a_silent_cell_and_its_slots_are_found() -> None:
    workers, slots = judged(page(), page(up=0), WHERE, None)
    assert workers.found == "cell-1 has not answered for 12 s"
    assert slots.found == "512 slots are carried by nobody (of cell-1)"
    assert {workers.level, slots.level} == {"problem"}


def test_a_cell_that_opens_its_slots_only_now_is_a_warning() -> None:
    less = ("cell-0", CellGauges(cell="cell-0", lease=1, slots=-12))  # of one label figures are put together
    finding = one(judged(page(), page(less), WHERE, None))
    assert (finding.level, finding.found) == ("warning", "cell-0 has not opened 12 of its slots yet")


def test_a_share_that_is_taken_over_is_no_problem_and_one_that_stays_cut_off_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("gateway.ingress.counters.monotonic", lambda: now[0])
    counters = Counters()
    counters.connects()
    for _ in range(2):
        good, note = judged(page(), page(door=counters), WHERE, None)
        assert (good.level, note.level, note.check) == ("good", "note", "ingest")
        now[0] += REST_S + 1
    counters.connects()  # another try that failed
    finding = one(judged(page(), page(door=counters), WHERE, None))
    assert (finding.level, finding.found) == ("problem", "the gateway has not been connected to the broker for 10 s")


@pytest.mark.parametrize(("late", "level"), [(30.0, "warning"), (300.0, "problem")])
def test_a_projection_that_lags_is_named(late: float, level: str) -> None:
    store = StoreGauges(behind_pages={"bays": 7, "lots": 0}, behind_seconds={"bays": late, "lots": 0})
    finding = one(judged(page(), page(store=store), WHERE, None))
    assert (finding.level, finding.found) == (level, f"bays is {late:.0f} s behind (7 pages)")


def test_of_projections_that_lag_together_the_last_is_named() -> None:
    store = StoreGauges(
        behind_pages={"bays": 7, "lots": 9, "stays": 8}, behind_seconds={"bays": 30.0, "lots": 90.0, "stays": 40.0}
    )
    finding = one(judged(page(), page(store=store), WHERE, None))
    assert finding.found == "lots is 90 s behind (9 pages); 2 other tables are late, too"


def test_views_that_lag_are_found() -> None:
    late = ("views", ViewsGauges(follower=FollowerGauges(behind_pages=9, behind_seconds=8.0)))
    assert one(judged(page(), page(late), WHERE, None)).found == "the live views are 8 s behind"


def test_orders_that_nobody_takes_are_stuck_and_orders_under_way_are_not() -> None:
    store, courier = StoreGauges(undelivered_orders=3), CourierGauges(delivered_orders_total=5)
    before = page(("gateway", courier), store=store)
    assert one(judged(before, before, WHERE, None)).found == "3 orders of the register wait and none is delivered"
    moving = page(("gateway", CourierGauges(delivered_orders_total=6)), store=store)
    assert one(judged(before, moving, WHERE, None)).level == "good"


def test_letters_that_do_not_get_fewer_are_stuck() -> None:
    many, few = (page(("cell-0", CellGauges(cell="c", lease=1, outbox_letters=n))) for n in (500, 200))
    assert "letters between slots" in one(judged(few, many, WHERE, None)).found
    assert one(judged(many, few, WHERE, None)).level == "good"


def test_what_was_set_aside_is_said_with_where_to_look() -> None:
    finding = one(judged(page(), page(store=StoreGauges(parked_messages=2)), WHERE, None))
    assert finding.found == "2 messages broke an actor and were set aside"
    assert WHERE in finding.do


def test_figures_of_tables_that_nobody_could_read_are_not_believed() -> None:
    finding = one(judged(page(), page(store=StoreGauges(unread_seconds=90)), WHERE, None))
    assert finding.level == "problem"


@pytest.mark.parametrize(("free", "level"), [(100, "good"), (10, "warning"), (1, "problem")])
def test_a_disk_that_will_be_full_is_foreseen(free: int, level: str) -> None:
    growing = page(store=StoreGauges(grown_bytes=GIB // 48, grown_seconds=600))  # 3 GiB a day
    assert one(judged(page(), growing, WHERE, free * GIB)).level == level
    assert one(judged(page(), growing, WHERE, None)).level == "good"


def test_what_grew_while_a_city_was_loaded_is_no_pace() -> None:
    loaded = page(store=StoreGauges(grown_bytes=15_000_000, grown_seconds=80))
    assert one(judged(page(), loaded, WHERE, 68 * GIB)).level == "good"


def test_frames_set_aside_since_the_start_are_a_note_beside_a_good_city() -> None:
    counters = Counters()
    counters.outcomes["parked"] = 4
    good, note = judged(page(), page(("gateway", counters.gauges())), WHERE, None)
    assert (good.level, note.level) == ("good", "note")
    assert note.found == "4 frames had no outcome in time and were set aside"


async def test_without_a_running_city_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    finding = one(await check_living(settings(tmp_path)))
    assert (finding.check, finding.level) == ("city", "note")
