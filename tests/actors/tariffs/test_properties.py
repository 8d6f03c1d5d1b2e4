"""What is true of every tariff, over generated ones; hypothesis makes what fails small."""

import time
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from actors.tariffs.calendar import Days
from actors.tariffs.document import read_tariff, write_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError
from actors.tariffs.quote import Quote, quote
from actors.tariffs.running import covers_until, follow_up, running
from actors.tariffs.stay import Stay, Versions
from actors.values import DAY_US, MINUTE_US, SECOND_US
from tests.actors.tariffs.compare import DAYS, both, stay_of
from tests.actors.tariffs.generate import CALENDAR, Case, case
from tests.actors.tariffs.oracle import Oracle

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
PLAIN_DAYS = Days()


@st.composite
def cases(draw: st.DrawFn, ticks: int = 120) -> tuple[Case, Versions, Stay]:
    """A generated case that makes sense, with its plans."""
    found = case(draw(st.randoms(use_true_random=False)), ticks)
    try:
        versions = Versions([(since * SECOND_US, Plan(read_tariff(one))) for since, one in found.versions])
        quote(versions, stay_of(found), DAYS)
    except TariffError:
        assume(False)
    return found, versions, stay_of(found)


def later(stay: Stay, more_us: int) -> Stay:
    return msgspec.structs.replace(stay, exit_us=stay.exit_us + more_us)


@quick
@given(cases(), st.integers(0, 3 * DAY_US))
def test_a_longer_stay_is_never_cheaper_and_no_charge_is_negative(made: tuple[Case, Versions, Stay], more: int) -> None:
    _, versions, stay = made
    short, long = (quote(versions, one, DAYS).charge_fen for one in (stay, later(stay, more)))
    assert 0 <= short <= long


@quick
@given(cases(), st.lists(st.tuples(st.integers(-600, 3_000), st.integers(1, 900)), min_size=1, max_size=3))
def test_a_pass_never_makes_a_stay_dearer(made: tuple[Case, Versions, Stay], minutes: list[tuple[int, int]]) -> None:
    _, versions, stay = made
    spans = [(stay.entry_us + a * MINUTE_US, stay.entry_us + (a + length) * MINUTE_US) for a, length in minutes]
    bare = msgspec.structs.replace(stay, passes=[])
    with_, without = (quote(versions, one, DAYS) for one in (msgspec.structs.replace(bare, passes=spans), bare))
    assert with_.charge_fen + with_.covered_fen == without.charge_fen
    assert with_.covered_fen >= 0
    assert sum(line.amount_fen for line in with_.lines) == with_.charge_fen


@quick
@given(cases())
def test_the_lines_sum_to_the_charge_and_the_oracle_agrees(made: tuple[Case, Versions, Stay]) -> None:
    found = both(made[0])
    assert sum(line.amount_fen for line in found.engine.lines) == found.engine.charge_fen == found.oracle


@quick
@given(cases(), st.integers(1, 40))
def test_no_window_costs_more_than_its_cap(made: tuple[Case, Versions, Stay], days: int) -> None:
    _, versions, stay = made
    plan = versions.versions[0][1]
    lane = plan.lane(stay.vehicle)
    assume(len(versions.versions) == 1 and lane.scale == 1 and not lane.least and lane.factor == 1)
    tariff = plan.tariff
    assume(not tariff.charging and lane.final and not lane.visit_turns)
    long = later(stay, days * DAY_US)
    charge = quote(versions, long, DAYS).charge_fen
    length = long.exit_us - long.entry_us
    for window, cap, size in (("hours", lane.hours_cap, lane.hours), ("day", lane.day_cap, DAY_US - 3_600 * SECOND_US)):
        if any(one.window == window for one in tariff.caps):
            assert charge <= lane.visit + (length // max(size, 1) + 2) * cap
    assert charge <= lane.visit_cap


@quick
@given(cases(), st.integers(0, 60 * 3_600))
def test_the_lines_of_each_window_sum_to_no_more_than_its_cap(made: tuple[Case, Versions, Stay], more: int) -> None:
    """Exact, window by window, of every tariff: where prices are pro rata, to the rounding of one line."""
    _, versions, stay = made
    assume(len(versions.versions) == 1 and not stay.passes and not stay.charging)
    plan = versions.versions[0][1]
    lane, stay = plan.lane(stay.vehicle), later(stay, more * SECOND_US)
    assume((lane.hours and lane.hours_capped) or lane.day_capped)
    bought = [line for line in quote(versions, stay, DAYS).lines if line.kind in ("units", "time")]
    first = stay.entry_us - (stay.entry_us % (60 * SECOND_US) if plan.cuts_seconds else 0)
    spent: dict[tuple[str, int], int] = {}
    for line in bought:
        if lane.hours and lane.hours_capped:
            window = ("hours", (line.from_us - first) // lane.hours)
            spent[window] = spent.get(window, 0) + line.amount_fen
        if lane.day_at >= 0 and lane.day_capped:
            window = ("day", lane.zone.next_clock(line.from_us, lane.day_at))
            spent[window] = spent.get(window, 0) + line.amount_fen
    caps = {"hours": lane.hours_cap, "day": lane.day_cap}
    assert all(fen <= caps[kind] // lane.scale + (lane.scale > 1) for (kind, _), fen in spent.items())


@quick
@given(cases(), st.integers(1, 400), st.integers(1, 4))
def test_whole_weeks_more_of_any_tariff_cost_their_caps_more(
    made: tuple[Case, Versions, Stay], cap: int, weeks: int
) -> None:
    """Any generated periods under a cap per 24 hours: if a second week uses up all its windows, so do later ones."""
    case_, _, stay = made
    kept: dict[str, Any] = {"caps": [{"window": "hours", "hours": 24, "amount_fen": cap}], "zone": "Asia/Shanghai"}
    dropped = ("visit", "factors", "least_fen", "rounding", "free", "charging", "on_change", "at_period_end", "classes")
    document = {**case_.versions[0][1], **kept, "stages_restart": "cycle"}
    try:
        plan = Plan(read_tariff({key: value for key, value in document.items() if key not in dropped}))
        one, two, more = (
            quote(plan, Stay(entry_us=stay.entry_us, exit_us=stay.entry_us + n * 7 * DAY_US), PLAIN_DAYS).charge_fen
            for n in (1, 2, 2 + weeks)
        )
    except TariffError:
        assume(False)
    # Not the first: what an occurrence asks at its start, it asks of whoever enters amid it, too, but once.
    assume(two - one == 7 * cap)
    assert more - two == 7 * weeks * cap


@quick
@given(cases(), st.integers(1, 6))
def test_a_shift_by_whole_weeks_changes_nothing(made: tuple[Case, Versions, Stay], weeks: int) -> None:
    _, versions, stay = made
    plan = Plan(msgspec.structs.replace(versions.versions[0][1].tariff, zone="Asia/Shanghai"))
    shift = weeks * 7 * DAY_US
    moved = Stay(entry_us=stay.entry_us + shift, exit_us=stay.exit_us + shift, vehicle=stay.vehicle)
    stayed = Stay(entry_us=stay.entry_us, exit_us=stay.exit_us, vehicle=stay.vehicle)
    assert _kept(quote(plan, stayed, PLAIN_DAYS)) == _kept(quote(plan, moved, PLAIN_DAYS))


def _kept(made: Quote) -> list[tuple[Any, ...]]:
    return [(line.kind, line.rule, line.count, line.amount_fen, line.limit) for line in made.lines]


@quick
@given(cases(ticks=40), st.integers(2, 30))
def test_leaping_over_repetitions_changes_nothing(made: tuple[Case, Versions, Stay], days: int) -> None:
    """A long stay, priced by walking every tick."""
    found, versions, stay = made
    assume(found.tick >= 900 and len(versions.versions) == 1 and not stay.passes and not stay.charging)
    long = {**found.stay, "exit": found.stay["exit"] + days * 86_400}
    slow = Oracle(found.versions, CALENDAR, long, found.tick).charge()
    assert quote(versions, later(stay, days * DAY_US), DAYS).charge_fen == slow


@quick
@given(st.randoms(use_true_random=False), st.integers(1, 50))
def test_a_whole_window_more_costs_its_cap_more(rng: Random, windows: int) -> None:
    """Where a window alone reaches its cap, each further one adds exactly the cap."""
    cap, start, length = rng.randrange(1, 5000), 1_770_000_000, rng.randrange(0, 2 * 86_400)
    document = {
        "name": {"en": "x"},
        "periods": [{"name": "a", "stages": [{"unit_minutes": 60, "price_fen": -(-cap // 24)}]}],
        "caps": [{"window": "hours", "hours": 24, "amount_fen": cap}],
    }
    plan = Plan(read_tariff(document))
    short, long = (
        quote(plan, Stay(entry_us=start * SECOND_US, exit_us=(start + length + n * 86_400) * SECOND_US), PLAIN_DAYS)
        for n in (0, windows)
    )
    assert long.charge_fen - short.charge_fen == windows * cap


@quick
@given(cases(ticks=60), st.floats(0, 1))
def test_paying_half_way_costs_what_one_stay_costs(made: tuple[Case, Versions, Stay], part: float) -> None:
    _, versions, stay = made
    assume(stay.exit_us > stay.entry_us)
    paid_at = stay.entry_us + int((stay.exit_us - stay.entry_us) * part)
    first = quote(versions, msgspec.structs.replace(stay, exit_us=paid_at), DAYS).charge_fen
    rest = follow_up(versions, stay, DAYS, first, paid_at)
    assert first + rest.due_fen == quote(versions, stay, DAYS).charge_fen
    if stay.exit_us <= covers_until(versions, msgspec.structs.replace(stay, exit_us=paid_at), DAYS):
        assert rest.due_fen == 0


@quick
@given(cases(ticks=60))
def test_a_running_fee_changes_exactly_when_it_says(made: tuple[Case, Versions, Stay]) -> None:
    _, versions, stay = made
    change = running(versions, stay, DAYS)
    if change.holds_until_us is not None:
        at, after = (
            quote(versions, msgspec.structs.replace(stay, exit_us=change.holds_until_us + more), DAYS).charge_fen
            for more in (0, 1)
        )
        assert (at, after) == (change.now_fen, change.then_fen)
        assert after > at


@quick
@given(cases(ticks=10))
def test_a_document_survives_being_written_and_read(made: tuple[Case, Versions, Stay]) -> None:
    for _, plan in made[1].versions:
        assert read_tariff(write_tariff(plan.tariff)) == plan.tariff


def test_the_engine_is_not_moved_by_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [both(case(Random(seed))).engine for seed in (3, 5, 8)]
    monkeypatch.setenv("TZ", "America/Anchorage")
    time.tzset()
    try:
        assert [both(case(Random(seed))).engine for seed in (3, 5, 8)] == found
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
