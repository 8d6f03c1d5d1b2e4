"""Other people's tariffs: what becomes of them, and what is refused by name."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.tariffs.interchange.cds import read_cds
from actors.tariffs.interchange.curblr import read_curblr
from actors.tariffs.interchange.examples import price_examples, read_tariffs
from actors.tariffs.interchange.lots import SEOUL, read_seoul, read_taipei
from actors.tariffs.interchange.neutral import translate
from actors.tariffs.interchange.neutral_form import NeutralTariff
from actors.tariffs.interchange.ocpi import read_ocpi
from actors.tariffs.problems import TariffError
from tests.actors.tariffs.stays import calendar, fee

TIERS = [{"upto": 60, "unit": 30, "price": 200}, {"unit": 30, "price": 300}]
ALL_DAY = {"name": "all", "start": "00:00", "end": "24:00", "tiers": [{"upto": None, "unit": 60, "price": 100}]}

DAILY = {"amount": 900, "reset": "clock"}


def neutral(rule: dict[str, Any], **more: Any) -> NeutralTariff:
    return msgspec.convert({"id": "t", "rule": rule, **more}, NeutralTariff)


def outcome(rule: dict[str, Any], entry: str, end: str, expected: Any = 0, **more: Any) -> list[tuple[str, int, bool]]:
    example = {"entry": entry, "exit": end, "expected_cents": expected, **more.pop("example", {})}
    found, problems = price_examples(neutral(rule, examples=[example], **more))
    if problems:
        raise TariffError(*problems)
    return [(one.policy, one.got, one.right) for one in found]


@pytest.mark.parametrize(
    ("rule", "end", "got"),
    [
        ({"periods": [{**ALL_DAY, "tiers": TIERS}]}, "2026-03-06T11:10:00", 1300),
        ({"periods": [{**ALL_DAY, "tiers": TIERS}], "tier_split": False, "round": "down"}, "2026-03-06T11:10:00", 1000),
        ({"periods": [{**ALL_DAY, "tiers": TIERS}], "kind": "prorata"}, "2026-03-06T09:40:30", 270),
        ({"periods": [ALL_DAY], "free": {"minutes": 15, "mode": "gate"}}, "2026-03-06T09:15:00", 0),
        ({"periods": [ALL_DAY], "free": {"minutes": 15, "inclusive": False}}, "2026-03-06T09:15:00", 100),
        ({"periods": [ALL_DAY], "visit_cap": 250, "min_charge": 150}, "2026-03-06T19:00:00", 250),
        ({"periods": [ALL_DAY], "min_charge": 150}, "2026-03-06T09:30:00", 150),
        ({"periods": [ALL_DAY], "cap": {"amount": 250, "reset": "visit"}}, "2026-03-08T19:00:00", 250),
        ({"periods": [ALL_DAY], "vehicle_multiplier": {"small": 1.5}}, "2026-03-06T10:00:00", 150),
        ({"periods": [ALL_DAY], "vehicle_multiplier": {"small": 0.3333333333333333}}, "2026-03-06T12:00:00", 100),
        ({"periods": [ALL_DAY], "tier_clock": "charged", "first_scope": "cycle"}, "2026-03-06T12:00:00", 300),
        ({"periods": [{**ALL_DAY, "cap": 250, "no_tier_clock": True}]}, "2026-03-06T19:00:00", 250),
        ({"periods": [ALL_DAY], "min_span": 20}, "2026-03-06T10:19:59", 100),
        ({"kind": "per_visit", "price": 500}, "2026-03-09T09:00:00", 500),
        ({"kind": "turning", "price": 10, "turn_at": "6:00", "turn_price": 3}, "2026-03-08T06:00:01", 16),
    ],
)
def test_every_key_of_the_neutral_form_means_something(rule: dict[str, Any], end: str, got: int) -> None:
    assert outcome(rule, "2026-03-06T09:00:00", end)[0][1] == got


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("unknown_field", {"periods": [ALL_DAY], "boundry": "split"}),
        ("unknown_field", {"periods": [{**ALL_DAY, "teirs": []}]}),
        ("wrong_value", {"periods": [ALL_DAY], "boundary": "sometimes"}),
        ("key_unused", {"kind": "per_visit", "price": 5, "min_span": 3}),
        ("key_missing", {"kind": "turning", "price": 5}),
        ("key_missing", {}),
        ("unknown_day", {"periods": [{**ALL_DAY, "days": "workdays"}]}),
        ("no_such_date", {"periods": [ALL_DAY], "holidays": ["2026-02-30"]}),
        ("unknown_zone", {"periods": [ALL_DAY], "tz": "Mars/North"}),
        ("no_stages", {"periods": [{**ALL_DAY, "tiers": []}]}),
        ("wrong_value", {"periods": [{**ALL_DAY, "tiers": [{"unit": 60, "price": 0.5}]}]}),
        ("key_unused", {"kind": "turning", "price": 5, "turn_at": "6:00", "turn_price": 1, "cap": DAILY}),
    ],
)
def test_what_the_neutral_form_does_not_have_is_refused_by_name(code: str, rule: dict[str, Any]) -> None:
    with pytest.raises(TariffError) as refused:
        outcome(rule, "2026-03-06T09:00:00", "2026-03-06T10:00:00")
    assert code in [problem.code for problem in refused.value.problems]


def test_past_the_last_tier_there_is_no_price_and_up_to_it_there_is_one() -> None:
    rule = {"periods": [{**ALL_DAY, "tiers": TIERS[:1]}]}
    assert outcome(rule, "2026-03-06T09:00:00", "2026-03-06T10:00:00")[0][1] == 400
    with pytest.raises(TariffError) as refused:
        outcome(rule, "2026-03-06T09:00:00", "2026-03-06T10:00:01")
    assert refused.value.code == "past_last_tier"


def test_one_unreadable_tariff_or_example_does_not_stop_the_others() -> None:
    good = {"entry": "2026-03-06T09:00:00", "exit": "2026-03-06T10:00:00", "expected_cents": 100, "vehicle": None}
    bad = [{**good, "expected_cents": "?"}, {**good, "entry": "soon"}, {**good, "exit": 5}]
    file = {"tariffs": [3, {"rule": {}}, {"id": "a", "rule": {"periods": [ALL_DAY]}, "examples": [*bad, good]}]}
    first, second, third = read_tariffs(msgspec.json.encode(file))
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert isinstance(third, NeutralTariff)
    outcomes, problems = price_examples(third)
    assert ([one.right for one in outcomes], len(problems)) == ([True], 3)


def test_holidays_count_as_weekend_and_are_no_weekday() -> None:
    def period(name: str, days: Any, price: int) -> dict[str, Any]:
        return {**ALL_DAY, "name": name, "days": days, "tiers": [{"unit": 60, "price": price}]}

    holidays = {"holidays": ["2026-03-06"]}
    hour = ("2026-03-06T09:00:00", "2026-03-06T10:00:00")
    words = [period("a", "weekday", 1), period("b", "weekend", 2)]
    assert outcome({"periods": words, **holidays}, *hour)[0][1] == 2
    week = [period("a", ["mon", "tue", "wed", "thu", "fri", "sat"], 1), period("b", ["sun"], 2)]
    assert outcome({"periods": week, **holidays}, *hour)[0][1] == 0


def test_open_policies_are_configured_or_one_of_them_is_right() -> None:
    straddling = {"periods": [ALL_DAY], "boundary": "straddle_prev", "cap": {"amount": 900, "reset": "clock"}}
    both = {"units_run_over_midnight": 100, "units_cut_at_midnight_by_cap_day": 200, "note": "open"}
    times = ("2026-03-06T23:30:00", "2026-03-07T00:30:00")
    assert outcome(straddling, *times, both) == [(name, both[name], True) for name in list(both)[:2]]
    split = {**straddling, "boundary": "split"}
    assert outcome(split, *times, both) == [(name, both[name], True) for name in list(both)[:2]]
    assert outcome(straddling, *times, {"ours": 200, "theirs": 7}) == [("ours", 200, True)]
    assert outcome(straddling, *times, {"ours": 6, "theirs": 7}) == [("ours", 200, False)]


def test_units_that_run_over_midnight_still_end_where_the_periods_of_a_day_change() -> None:
    halves = [
        {"name": "day", "start": "08:00", "end": "20:00", "tiers": [{"unit": 60, "price": 100}]},
        {"name": "night", "start": "20:00", "end": "08:00", "tiers": [{"unit": 60, "price": 10}]},
    ]
    rule = {"periods": halves, "cap": {"amount": 900, "reset": "clock"}}
    over = {"units_run_over_midnight": 210}
    assert outcome(rule, "2026-03-06T18:30:00", "2026-03-06T20:30:00", over) == [(*over, 210, True)]
    both = {"units_run_over_midnight": 10, "units_cut_at_midnight_by_cap_day": 20}
    times = ("2026-03-06T23:30:00", "2026-03-07T00:30:00")
    assert outcome(rule, *times, both) == [(name, fen, True) for name, fen in both.items()]


def test_a_change_of_prices_holds_for_entries_after_it() -> None:
    change = {"effective": "2026-03-06T10:00:00", "before": {"first": 50}, "after": {"first": 70}}
    for entry, got in (("09", 100), ("10", 140)):
        end = f"2026-03-06T{int(entry) + 2:02}:00:00"
        assert outcome({"periods": [ALL_DAY]}, f"2026-03-06T{entry}:00:00", end, tariff_change=change)[0][1] == got


def test_a_change_may_also_be_one_of_the_rule() -> None:
    other = {"periods": [{**ALL_DAY, "tiers": [{"unit": 30, "price": 80}]}], "cap": {"amount": 300, "reset": "visit"}}
    change = {"effective": "2026-03-06T10:00:00", "before": {"first": 50}, "after": other}
    for entry, got in (("09", 100), ("10", 300)):
        end = f"2026-03-06T{int(entry) + 2:02}:00:00"
        assert outcome({"periods": [ALL_DAY]}, f"2026-03-06T{entry}:00:00", end, tariff_change=change)[0][1] == got


def test_invented_rules_cost_what_was_worked_out_by_hand() -> None:
    wrong = []
    for source in read_tariffs((Path(__file__).parent / "invented.json").read_bytes()):
        assert isinstance(source, NeutralTariff)
        outcomes, problems = price_examples(source)
        assert not problems, (source.id, problems)
        assert outcomes, source.id
        wrong += [(source.id, one.entry, one.exit, one.expected, one.got) for one in outcomes if not one.right]
    assert not wrong


def test_times_with_an_offset_are_instants_and_others_what_the_wall_shows() -> None:
    rule = {"periods": [ALL_DAY], "tz": "Europe/Berlin", "boundary": "straddle_prev"}
    assert outcome(rule, "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00")[0][1] == 100
    assert outcome(rule, "2026-03-29T01:30:00", "2026-03-29T03:30:00")[0][1] == 200
    with pytest.raises(TariffError) as refused:
        outcome(rule, "2026-03-29T01:30:00", "2026-03-29T03:30:00+02:00")
    assert refused.value.code == "offset_missing"


def test_a_neutral_tariff_keeps_its_grace_and_its_longest_stay() -> None:
    means = translate(neutral({"periods": [ALL_DAY], "max_stay_min": 120}, exit_grace_after_payment_minutes=10))
    assert (means.tariff.max_stay_minutes, means.tariff.exit_grace_minutes) == (120, 10)


def curb(regulation: dict[str, Any]) -> dict[str, Any]:
    manifest = {"timeZone": "America/Los_Angeles", "currency": "USD"}
    return {"manifest": manifest, "features": [{"properties": {"regulations": [regulation]}}]}


def test_curblr_rates_become_stages_and_except_holidays_is_kept() -> None:
    span = {
        "daysOfWeek": {"days": ["mo", "tu", "we", "th", "fr", "sa"]},
        "timesOfDay": [{"from": "08:00", "to": "19:00"}],
        "designatedPeriods": [{"name": "holidays", "apply": "except during"}],
    }
    regulation = {
        "rule": {"maxStay": 120},
        "timeSpans": [span],
        "payment": {"rates": [{"fees": [1, 2.5], "durations": [60, 30]}]},
    }
    (found,) = read_curblr(curb(regulation))
    assert found.tariff is not None
    assert fee(found.tariff, "06 09:00", "06 11:00") == 600
    holiday = calendar(days={"2026-03-06": "short_holiday"})
    assert fee(found.tariff, "06 09:00", "06 11:00", holiday) == 0
    (refused,) = read_curblr(curb({**regulation, "timeSpans": [{"effectiveDates": []}]}))
    assert [problem.code for problem in refused.problems] == ["span_form"]
    assert not list(read_curblr(curb({"payment": {"rates": [{}]}})))


def test_cds_rates_count_from_arrival() -> None:
    rates = [
        {"rate": 2, "rate_unit": "minute", "increment_duration": 15, "end_duration": 60},
        {"rate": 4, "rate_unit": "minute", "increment_duration": 15, "start_duration": 60},
    ]
    span = {"days_of_week": ["fri"], "time_of_day_start": "08:00", "time_of_day_end": "20:00"}
    policy = {"curb_policy_id": "p", "rules": [{"activity": "parking", "rate": rates}], "time_spans": [span]}
    (found,) = read_cds({"data": {"policies": [policy]}}, "America/Chicago", "USD")
    assert found.tariff is not None
    assert fee(found.tariff, "06 09:00", "06 10:16") == 4 * 30 + 2 * 60
    assert fee(found.tariff, "06 07:30", "06 08:31") == 2 * 30 + 60
    monthly = {**policy, "rules": [{"activity": "parking", "rate": [{"rate": 9, "rate_unit": "month"}]}]}
    (refused,) = read_cds({"policies": [monthly]}, "America/Chicago", "USD")
    assert [problem.code for problem in refused.problems] == ["rate_unit"]


def test_ocpi_parking_time_becomes_periods_and_energy_is_left_out() -> None:
    def element(price: float, kind: str = "PARKING_TIME", step: int = 900, **limits: Any) -> dict[str, Any]:
        parts = [{"type": kind, "price": price, "step_size": step}]
        return {"price_components": parts, "restrictions": limits} if limits else {"price_components": parts}

    elements = [
        element(1.0, "FLAT"),
        element(0.3, "ENERGY"),
        element(2.0, start_time="09:00", end_time="18:00", day_of_week=["FRIDAY"], max_duration=3600),
        element(4.0, start_time="09:00", end_time="18:00", day_of_week=["FRIDAY"]),
    ]
    source = {"id": "x", "currency": "EUR", "elements": elements, "max_price": {"excl_vat": 7.0}}
    (found,) = read_ocpi([source], "Europe/Berlin")
    assert found.tariff is not None
    assert [fee(found.tariff, "06 09:00", end) for end in ("06 09:10", "06 10:10", "06 17:00")] == [150, 400, 700]
    (refused,) = read_ocpi([{**source, "elements": [element(1.0, step=7)]}], "Europe/Berlin")
    assert [problem.code for problem in refused.problems] == ["no_amount"]


def test_lot_tables_give_what_their_columns_say_and_no_more() -> None:
    fares = {"WorkingDay": [{"Period": "08~18", "Fare": "20"}], "Holiday": [{"Period": "00~24", "Fare": "10"}]}
    (lot,) = read_taipei([{"id": "1", "name": "甲", "FareInfo": fares}, {"id": "2", "FareInfo": {}}])
    assert lot.tariff is not None
    assert [fee(lot.tariff, f"{day} 17:00", f"{day} 19:00") for day in ("06", "07")] == [2000, 2000]
    words = {"id": "1", "name": "가", "paid": "Y", "opens": "900", "closes": "1900", "first_price": "500.0"}
    words |= {"first_minutes": "30.0", "more_price": "200.0", "more_minutes": "10.0", "day_most": "3000.0"}
    row = {SEOUL[word]: value for word, value in words.items()}
    (found,) = read_seoul([row])
    assert found.tariff is not None
    assert [fee(found.tariff, "06 09:00", end) for end in ("06 09:31", "06 18:00", "06 23:00")] == [
        70_000,
        300_000,
        300_000,
    ]
    (refused,) = read_seoul([{**row, SEOUL["more_price"]: "0.0"}])
    assert [problem.code for problem in refused.problems] == ["prices_missing"] or refused.tariff is not None
