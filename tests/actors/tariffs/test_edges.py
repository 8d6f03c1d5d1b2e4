"""The edges of each rule, to the second."""

from typing import Any

import msgspec
import pytest

from actors.tariffs.document import Tariff
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError
from actors.tariffs.stay import Versions
from tests.actors.tariffs.stays import calendar, document, fee, hourly, priced, us


def test_a_started_unit_counts_and_its_exact_end_adds_none() -> None:
    tariff = document(periods=[hourly(300)])
    assert [fee(tariff, "06 09:00", end) for end in ("06 09:00", "06 09:00:01", "06 10:00", "06 10:00:01")] == [
        0,
        300,
        300,
        600,
    ]


def test_a_completed_unit_is_charged_only_when_it_is_whole() -> None:
    tariff = document(periods=[hourly(300)], units="completed")
    assert [fee(tariff, "06 09:00", end) for end in ("06 09:59:59", "06 10:00", "06 11:30")] == [0, 300, 600]


def test_the_three_classes_pay_three_prices() -> None:
    price = {"small": 300, "large": 600, "*": 400}
    tariff = document(
        classes=["small", "large", "other"], periods=[hourly(0, stages=[{"unit_minutes": 60, "price_fen": price}])]
    )
    assert [fee(tariff, "06 09:00", "06 11:00", vehicle=name) for name in tariff.classes] == [600, 1200, 800]
    with pytest.raises(TariffError) as refused:
        fee(tariff, "06 09:00", "06 11:00", vehicle="tank")
    assert refused.value.code == "unknown_class"


@pytest.mark.parametrize(
    ("free", "ends"),
    [
        ({"minutes": 15}, [0, 300, 600]),
        ({"minutes": 15, "inclusive": False}, [300, 300, 600]),
        ({"minutes": 15, "mode": "deduct"}, [0, 300, 300]),
    ],
)
def test_free_minutes_are_a_gate_or_a_deduction(free: dict[str, object], ends: list[int]) -> None:
    tariff = document(periods=[hourly(300)], free=[free])
    assert [fee(tariff, "06 09:00", end) for end in ("06 09:15", "06 09:15:01", "06 10:15")] == ends


def day_and_night(at_period_end: str, **more: object) -> Tariff:
    periods = [
        hourly(400, name="day", hours=["08:00-20:00"]),
        hourly(100, name="night", hours=["20:00-08:00"], **more),
    ]
    restart = "period" if at_period_end == "pool" else "stay"
    return document(periods=periods, at_period_end=at_period_end, stages_restart=restart)


def test_a_unit_at_a_period_change_is_cut_runs_on_or_waits_for_its_pool() -> None:
    costs = {how: fee(day_and_night(how), "06 19:30", "07 08:30") for how in ("cut", "run_on", "pool")}
    assert costs == {"cut": 400 + 12 * 100 + 400, "run_on": 400 + 12 * 100, "pool": 12 * 100 + 400}


def test_a_flat_night_and_the_cap_of_a_night_count_once_for_each_night() -> None:
    flat = document(periods=[{"name": "night", "hours": ["20:00-08:00"], "flat_fen": 500}])
    assert [fee(flat, "06 19:00", end) for end in ("06 20:00", "06 20:00:01", "07 20:00", "07 20:00:01")] == [
        0,
        500,
        500,
        1000,
    ]
    capped = day_and_night("cut", cap_fen=300)
    assert fee(capped, "06 21:00", "08 08:00") == 300 + 12 * 400 + 300


NIGHT = {"name": "night", "hours": ["20:00-08:00"], "flat_fen": 800}


@pytest.mark.parametrize(
    "caps",
    [
        [{"window": "day", "amount_fen": 5000}],
        [{"window": "hours", "hours": 3, "amount_fen": 5000}],
        [{"window": "day", "amount_fen": 5000, "at": "03:00"}, {"window": "hours", "amount_fen": 9000}],
    ],
)
def test_no_cap_window_cuts_a_flat_night_in_two(caps: list[dict[str, Any]]) -> None:
    tariff = document(periods=[NIGHT], caps=caps)
    assert fee(tariff, "06 21:00", "07 07:00") == 800
    assert fee(tariff, "06 21:00", "08 07:00") == 1600
    assert [(one.kind, one.unit_us) for one in priced(tariff, "06 21:00", "07 07:00").lines] == [("flat", 0)]


def test_a_flat_price_counts_in_the_cap_window_in_which_it_was_paid() -> None:
    tariff = document(periods=[NIGHT], caps=[{"window": "day", "amount_fen": 500}])
    assert fee(tariff, "06 21:00", "07 07:00") == 500, "the night of the 6th was had, though the cap took 300 of it"
    assert fee(tariff, "06 21:00", "07 21:00") == 1000


def test_a_flat_night_goes_on_after_another_period_a_charger_or_a_pass() -> None:
    free = {"name": "free", "hours": ["23:00-00:00"], "stages": [{"unit_minutes": 60, "price_fen": 0}]}
    assert fee(document(periods=[free, NIGHT]), "06 21:00", "07 07:00") == 800
    assert fee(document(periods=[free, NIGHT]), "06 23:30", "08 07:00") == 1600
    assert fee(document(periods=[free, NIGHT]), "06 21:00", "16 07:00") == 8000, "nor where whole days are leaped over"
    plan = Plan(document(periods=[NIGHT], charging={"charging": "ev", "idle": "ice"}))
    charged = [(us(plan, "06 22:00"), us(plan, "06 23:00"))]
    assert fee(plan.tariff, "06 21:00", "07 07:00", vehicle="ev", charging=charged) == 800
    assert fee(document(periods=[NIGHT]), "06 21:00", "07 07:00", passes=charged) == 800


def test_a_used_up_day_still_takes_the_flat_night_of_its_evening() -> None:
    day = {"name": "day", "hours": ["08:00-20:00"], "stages": [{"unit_minutes": 60, "price_fen": 300}]}
    tariff = document(periods=[day, NIGHT], caps=[{"window": "day", "amount_fen": 2000}])
    assert fee(tariff, "06 08:00", "07 08:00") == 2000


def test_caps_of_several_windows_hold_at_once() -> None:
    caps = [
        {"window": "day", "amount_fen": 2000, "at": "05:00"},
        {"window": "hours", "hours": 24, "amount_fen": 2500},
        {"window": "visit", "amount_fen": 4200},
    ]
    tariff = document(periods=[hourly(500)], caps=caps)
    assert fee(tariff, "06 22:00", "07 05:00") == 2000
    assert fee(tariff, "06 22:00", "07 06:00") == 2500
    assert fee(tariff, "06 22:00", "07 22:00") == 2500
    assert fee(tariff, "06 22:00", "08 04:00") == 4000
    assert fee(tariff, "06 22:00", "12 00:00") == 4200
    assert {line.limit for line in priced(tariff, "06 22:00", "12 00:00").lines} >= {"day", "hours", "visit"}


def test_stages_start_again_where_the_tariff_says() -> None:
    stages = [{"unit_minutes": 60, "price_fen": 500, "upto_minutes": 60}, {"unit_minutes": 60, "price_fen": 100}]
    cap = [{"window": "hours", "hours": 12, "amount_fen": 90_000}]
    periods = [
        {"name": "day", "hours": ["08:00-20:00"], "stages": stages},
        {"name": "night", "hours": ["20:00-08:00"], "stages": stages},
    ]
    costs = {
        scope: fee(document(periods=periods, caps=cap, stages_restart=scope), "06 08:00", "07 20:00")
        for scope in ("stay", "cycle", "occurrence", "period")
    }
    assert costs == {"stay": 4000, "cycle": 4800, "occurrence": 4800, "period": 4400}


def test_time_outside_charging_hours_is_free_and_said_so() -> None:
    tariff = document(periods=[hourly(300, hours=["08:00-20:00"])])
    made = priced(tariff, "06 20:00", "07 08:00")
    assert (made.charge_fen, {line.kind for line in made.lines}) == (0, {"gap"})
    assert fee(tariff, "06 19:30", "07 08:30") == 600


def test_day_kinds_follow_the_calendar_and_unknown_years_are_told() -> None:
    periods = [hourly(100, name="holiday", days=["holiday"]), hourly(400, name="work", days=["working"])]
    tariff = document(periods=[*periods, hourly(200, name="rest", days=["rest"])])
    days = calendar(days={"2026-03-06": "short_holiday", "2026-03-07": "makeup"})
    assert [fee(tariff, f"0{day} 09:00", f"0{day} 10:00", days) for day in (5, 6, 7, 8)] == [400, 100, 400, 200]
    made = priced(tariff, "2027-03-06 09:00", "2027-03-06 10:00", days)
    assert (made.charge_fen, [(n.code, n.detail) for n in made.notices]) == (200, [("calendar_year_unknown", "2027")])


def test_an_event_raises_its_own_area_only() -> None:
    tariff = document(
        periods=[hourly(900, name="match", hours=["18:00-23:00"], days=["event:match"]), hourly(300, name="usual")]
    )
    events = [{"name": "match", "dates": ["2026-03-06"], "areas": ["stadium"]}]
    made = calendar(events=events)
    assert fee(tariff, "06 18:00", "06 19:00", made) == 300
    from actors.tariffs.calendar import Days, read_calendar

    stadium = Days(read_calendar({"years": [2026], "events": events}), "stadium")
    assert [fee(tariff, f"{day} 18:00", f"{day} 19:00", stadium) for day in ("05", "06")] == [300, 900]


def test_old_stays_keep_the_version_of_their_entry_unless_the_tariff_says_otherwise() -> None:
    for policy, cost in (("entry", 600), ("unit", 300 + 500), ("cut", 300 + 500 * 2)):
        first = document(periods=[hourly(300)], on_change=policy, at_period_end="run_on")
        plans = [Plan(first), Plan(msgspec.structs.replace(first, periods=document(periods=[hourly(500)]).periods))]
        both = Versions([(0, plans[0]), (us(plans[0], "06 10:00"), plans[1])])
        assert fee(both, "06 09:30", "06 11:30") == cost
        assert fee(both, "06 10:00", "06 11:00") == 500


def test_a_stay_may_go_from_started_units_to_exact_ones_and_from_paid_to_free() -> None:
    started = document(periods=[hourly(600)], on_change="cut")
    exact = document(periods=[hourly(700)], on_change="cut", units="exact")
    changed = Versions([(0, Plan(started)), (us(Plan(exact), "06 10:30"), Plan(exact))])
    assert fee(changed, "06 10:00", "06 11:20") == 600 + round(700 * 50 / 60)
    idle_free = document(
        units="exact",
        periods=[hourly(600, classes=["ev"])],
        charging={"charging": "ev", "idle": "idle"},
    )
    plugged = [(us(Plan(idle_free), "06 10:00"), us(Plan(idle_free), "06 10:30"))]
    assert fee(idle_free, "06 10:00", "06 12:00", vehicle="ev", charging=plugged) == 300


def test_a_charged_car_pays_less_than_one_that_stays_on() -> None:
    price = {"ev_charging": 100, "ev_idle": 600}
    tariff = document(
        classes=["ev_charging", "ev_idle"],
        periods=[hourly(0, stages=[{"unit_minutes": 30, "price_fen": price}])],
        charging={"charging": "ev_charging", "idle": "ev_idle", "grace_minutes": 15},
    )
    plan = Plan(tariff)
    plugged = [(us(plan, "06 09:00"), us(plan, "06 10:00"))]
    assert fee(tariff, "06 09:00", "06 10:15", vehicle="ev_charging", charging=plugged) == 300
    assert fee(tariff, "06 09:00", "06 10:45", vehicle="ev_charging", charging=plugged) == 300 + 600


def test_turns_count_from_the_day_and_to_the_second_that_the_tariff_names() -> None:
    def visit(**turns: object) -> Tariff:
        return document(visit={"price_fen": 1000, "turns": {"at": "06:00", "price_fen": 3000, **turns}})

    assert fee(visit(), "06 05:00", "06 06:00") == 1000
    assert fee(visit(inclusive=True), "06 05:00", "06 06:00") == 4000
    assert fee(visit(first="next_day"), "06 05:00", "07 06:00:01") == 4000
    assert fee(visit(), "06 06:00", "09 06:00:01") == 10_000


def test_least_charge_factor_and_rounding_come_in_this_order() -> None:
    tariff = document(
        periods=[hourly(130)], least_fen=200, factors={"large": "1.5"}, rounding={"to_fen": 50, "mode": "up"}
    )
    made = priced(tariff, "06 09:00", "06 09:30", vehicle="large")
    assert [(line.kind, line.amount_fen) for line in made.lines] == [("units", 130), ("least", 70), ("factor", 100)]
    assert fee(tariff, "06 09:00", "06 11:00") == 300
    assert fee(tariff, "06 09:00", "06 09:00") == 0


@pytest.mark.parametrize(
    ("entry", "end", "cost"),
    [
        ("2026-03-29T01:45:00+01:00", "2026-03-29T03:15:00+02:00", 100),
        ("2025-10-26T02:45:00+02:00", "2025-10-26T02:15:00+01:00", 100),
        ("2025-10-26T00:00:00+02:00", "2025-10-27T00:00:00+01:00", 1200),
    ],
)
def test_elapsed_time_is_real_time_when_the_clock_is_changed(entry: str, end: str, cost: int) -> None:
    half_hours = [{"name": "all", "stages": [{"unit_minutes": 30, "price_fen": 100}]}]
    caps = [{"window": "day", "amount_fen": 1200}]
    assert (
        fee(document(zone="Europe/Berlin", periods=half_hours, caps=caps, at_period_end="run_on"), entry, end) == cost
    )


def test_the_price_of_the_first_evening_is_not_repeated_on_the_next_ones() -> None:
    evening = {"unit_minutes": 60, "price_fen": 1000, "upto_minutes": 60, "arrival": "occurrence"}
    tariff = document(
        periods=[{"name": "a", "hours": ["16:00-04:00"], "stages": [evening, {"unit_minutes": 60, "price_fen": 100}]}],
        caps=[{"window": "hours", "amount_fen": 9000}],
        stages_restart="cycle",
    )
    assert fee(tariff, "06 19:30", "11 19:30") == (1000 + 8 * 100 + 4 * 100) + 4 * (9 * 100 + 4 * 100)


def test_a_unit_that_a_charger_cuts_uses_up_only_the_time_that_it_had() -> None:
    stages = [{"unit_minutes": 120, "price_fen": 100, "upto_minutes": 180}, {"unit_minutes": 60, "price_fen": 1000}]
    tariff = document(
        periods=[{"name": "a", "stages": stages}], on_change="unit", charging={"charging": "ev", "idle": "idle"}
    )
    plan = Plan(tariff)
    versions = Versions([(0, plan), (us(plan, "06 10:30"), plan)])
    plugged = [(us(plan, "06 11:00"), us(plan, "06 20:00"))]
    assert fee(versions, "06 10:00", "06 14:00", vehicle="ev", charging=plugged) == 100 + 100 + 1000


def test_a_window_that_began_the_evening_before_is_found_in_every_season() -> None:
    """In winter the clock of Sydney is an hour behind what it mostly shows: a day is guessed too late."""
    tariff = document(zone="Australia/Sydney", periods=[hourly(600, hours=["23:50-23:40"], days=["fri"])])
    for day in ("2026-01-17", "2026-07-18"):
        assert fee(tariff, f"{day}T23:10:00", f"{day}T23:50:00") == 600
        assert fee(tariff, f"{day}T23:40:00", f"{day}T23:59:00") == 0


def test_a_longer_stay_than_allowed_is_told_and_costs_the_same() -> None:
    made = priced(document(periods=[hourly(300)], max_stay_minutes=120), "06 09:00", "06 12:00")
    assert (made.charge_fen, [notice.code for notice in made.notices]) == (900, ["max_stay_exceeded"])


def test_a_year_of_days_leaves_one_line_for_what_repeats() -> None:
    tariff = document(periods=[hourly(300)], caps=[{"window": "hours", "amount_fen": 2000}])
    made = priced(tariff, "2025-01-01 09:10:11", "2026-01-01 09:10:12")
    assert made.charge_fen == 365 * 2000 + 300
    assert len(made.lines) < 12
    assert [line.kind for line in made.lines].count("repeat") == 1


@pytest.mark.parametrize(("free", "less"), [([], 0), ([{"minutes": 60, "mode": "deduct"}], 100)])
def test_what_is_left_of_the_arrival_comes_after_another_period_and_never_again(
    free: list[dict[str, object]], less: int
) -> None:
    """From 8 on: an hour at 100, the market for nothing, an hour at 100 again; from noon on all other hours at 200."""
    tariff = document(
        stages_restart="occurrence",
        free=free,
        periods=[
            hourly(0, name="market", hours=["09:00-11:00"]),
            hourly(
                0,
                name="else",
                hours=["12:00-12:00"],
                counts=False,
                stages=[
                    {"unit_minutes": 60, "price_fen": 100, "upto_minutes": 1440, "arrival": "occurrence"},
                    {"unit_minutes": 60, "price_fen": 200},
                ],
            ),
        ],
    )
    assert fee(tariff, "06 08:00", "06 12:00") == 200 - less
    for days in (1, 6, 20):
        assert fee(tariff, "06 08:00", f"{6 + days:02} 08:00") == 200 - less + 200 * (20 + 22 * (days - 1))
