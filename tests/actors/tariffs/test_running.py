"""Running fees, payments before the end, coming back, prices that follow occupancy."""

import msgspec
import pytest

from actors.tariffs.occupancy import Announced, Steering, check_steering, steer
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError
from actors.tariffs.running import covers_until, first_entry, follow_up, running
from actors.tariffs.stay import Stay, Versions
from actors.values import MINUTE_US
from tests.actors.tariffs.stays import NO_DAYS, document, fee, hourly, us

STAGES = [{"unit_minutes": 60, "price_fen": 500, "upto_minutes": 60}, {"unit_minutes": 60, "price_fen": 200}]
PLAN = Plan(
    document(
        periods=[{"name": "all", "stages": STAGES}],
        at_period_end="run_on",
        free=[{"minutes": 15}],
        caps=[{"window": "day", "amount_fen": 1500}],
        exit_grace_minutes=15,
        reentry_minutes=20,
    )
)
VERSIONS = Versions([(0, PLAN)])


def stay(end: str) -> Stay:
    return Stay(entry_us=us(PLAN, "06 09:00"), exit_us=us(PLAN, end))


def test_a_fee_says_when_it_changes_next_and_to_what() -> None:
    found = [running(VERSIONS, stay(end), NO_DAYS) for end in ("06 09:05", "06 09:20", "06 10:00", "06 18:00")]
    assert [(one.now_fen, one.holds_until_us, one.then_fen) for one in found] == [
        (0, us(PLAN, "06 09:15"), 500),
        (500, us(PLAN, "06 10:00"), 700),
        (500, us(PLAN, "06 10:00"), 700),
        (1500, us(PLAN, "07 00:00"), 1700),
    ]


def test_what_is_due_changes_after_what_is_taken_off_and_was_paid() -> None:
    offsets = Offsets(coupons=[Coupon(id="c", kind="minutes", minutes=60)], paid_fen=500)
    found = running(VERSIONS, stay("06 10:30"), NO_DAYS, offsets)
    assert found == (0, us(PLAN, "06 11:00"), 200), "an hour is paid for, one is a coupon's"
    capped = running(VERSIONS, stay("06 18:00"), NO_DAYS, Offsets(paid_fen=1500))
    assert capped == (0, us(PLAN, "07 00:00"), 200)


def test_a_fee_that_never_changes_says_so() -> None:
    flat = Plan(document(visit={"price_fen": 500}))
    assert running(Versions([(0, flat)]), stay("06 10:00"), NO_DAYS)[1:] == (None, None)


def test_a_payment_covers_to_the_end_of_its_unit_and_at_least_the_grace() -> None:
    assert covers_until(VERSIONS, stay("06 09:20"), NO_DAYS) == us(PLAN, "06 10:00")
    assert covers_until(VERSIONS, stay("06 09:55"), NO_DAYS) == us(PLAN, "06 10:10")


def test_who_stays_on_after_paying_pays_the_rest_without_a_new_free_time_or_first_hour() -> None:
    paid_at = us(PLAN, "06 09:55")
    within, after = (follow_up(VERSIONS, stay(end), NO_DAYS, 500, paid_at) for end in ("06 10:10", "06 10:10:01"))
    assert (within.due_fen, after.due_fen) == (0, 200)
    assert [(one.kind, one.amount_fen) for one in after.offsets] == [("paid", 500)]


def test_coming_back_soon_keeps_the_first_entry() -> None:
    before = [(us(PLAN, a), us(PLAN, b)) for a, b in (("06 07:00", "06 07:30"), ("06 08:00", "06 08:30"))]
    assert first_entry(PLAN, before, us(PLAN, "06 08:50")) == us(PLAN, "06 08:00")
    assert first_entry(PLAN, before, us(PLAN, "06 08:50:01")) == us(PLAN, "06 08:50:01")
    joined = [before[0], (us(PLAN, "06 07:45"), before[1][1])]
    assert first_entry(PLAN, joined, us(PLAN, "06 08:45")) == us(PLAN, "06 07:00")


HOW = Steering(
    zone="Asia/Shanghai",
    high=85,
    low=60,
    step="0.25",
    floor="0.5",
    ceiling="2",
    at=["08:00", "14:00"],
    notice_minutes=60,
)


def test_a_price_follows_occupancy_in_steps_at_set_times_with_notice_and_limits() -> None:
    early, late = us(PLAN, "06 06:59"), us(PLAN, "06 07:01")
    assert steer(HOW, "1", 90, early) == Announced("1.25", us(PLAN, "06 08:00"))
    assert steer(HOW, "1", 90, early + MINUTE_US) == Announced("1.25", us(PLAN, "06 08:00"))
    assert steer(HOW, "1", 90, late) == Announced("1.25", us(PLAN, "06 14:00"))
    assert steer(HOW, "1", 40, us(PLAN, "06 20:00")) == Announced("0.75", us(PLAN, "07 08:00"))
    assert [steer(HOW, *one, early) for one in (("2", 90), ("0.5", 10), ("1", 70))] == [None, None, None]


def test_limits_that_cross_steps_of_nothing_and_times_that_are_none_are_refused() -> None:
    wrong = {"low": 85, "floor": "3", "step": "0", "at": ["24:00"], "zone": "Mars/North"}
    for name, value in wrong.items():
        with pytest.raises(TariffError):
            check_steering(msgspec.structs.replace(HOW, **{name: value}))


def test_the_factor_of_a_stay_multiplies_its_whole_sum() -> None:
    tariff = document(periods=[hourly(300)])
    assert [fee(tariff, "06 13:00", "06 15:00", factor=factor) for factor in ("1", "1.25", "1.5")] == [600, 750, 900]


def test_a_quote_is_kept_and_read_back_as_it_was() -> None:
    from actors.tariffs.quote import Quote, quote

    made = quote(VERSIONS, stay("06 12:00"), NO_DAYS)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Quote) == made
    assert msgspec.json.decode(msgspec.json.encode(made), type=Quote) == made
