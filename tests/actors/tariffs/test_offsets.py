"""What passes, coupons, waivers and earlier payments take off."""

import pytest

from actors.tariffs.document import Tariff
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError
from tests.actors.tariffs.stays import document, fee, hourly, priced, us

TARIFF = document(periods=[hourly(300)], free=[{"minutes": 15}])


def taken(
    *coupons: Coupon, tariff: Tariff = TARIFF, end: str = "06 12:00", **more: int
) -> tuple[list[tuple[str, int]], int]:
    made = priced(tariff, "06 09:00", end, offsets=Offsets(coupons=list(coupons), **more))
    assert made.due_fen == made.charge_fen - sum(one.amount_fen for one in made.offsets)
    return [(one.id, one.amount_fen) for one in made.offsets], made.due_fen


def test_each_kind_takes_off_what_it_says() -> None:
    assert taken(Coupon(id="a", kind="amount", amount_fen=250)) == ([("a", 250)], 650)
    assert taken(Coupon(id="a", kind="amount", amount_fen=2500)) == ([("a", 900)], 0)
    assert taken(Coupon(id="r", kind="percent", rate="0.85")) == ([("r", 135)], 765)
    assert taken(Coupon(id="f", kind="full")) == ([("f", 900)], 0)
    assert taken(Coupon(id="m", kind="minutes", minutes=61)) == ([("m", 300)], 600)
    assert taken(Coupon(id="m", kind="minutes", minutes=60, most_fen=100)) == ([("m", 100)], 800)


def test_what_one_coupon_may_not_take_off_is_not_taken_off_by_the_next() -> None:
    limited, other = (
        Coupon(id="a", kind="minutes", minutes=60, most_fen=100),
        Coupon(id="b", kind="minutes", minutes=60),
    )
    assert taken(limited, other) == ([("a", 100), ("b", 300)], 500)
    assert taken(other, limited) == ([("b", 300), ("a", 100)], 500)


def test_a_rate_above_one_is_no_coupon() -> None:
    with pytest.raises(TariffError) as refused:
        taken(Coupon(id="r", kind="percent", rate="1.5"))
    assert refused.value.code == "rate_above_one"


def test_a_rate_is_rounded_half_up() -> None:
    odd = document(periods=[hourly(333)])
    assert taken(Coupon(id="r", kind="percent", rate="0.5"), tariff=odd, end="06 10:00") == ([("r", 166)], 167)


def test_a_shortened_stay_does_not_come_under_the_free_limit() -> None:
    assert taken(Coupon(id="m", kind="minutes", minutes=50), end="06 10:00") == ([], 300)


def test_coupons_come_in_one_order_however_they_are_given() -> None:
    coupons = [
        Coupon(id="a", kind="amount", amount_fen=100),
        Coupon(id="r", kind="percent", rate="0.5"),
        Coupon(id="m", kind="minutes", minutes=60),
    ]
    expected = ([("m", 300), ("r", 300), ("a", 100), ("", 50), ("", 60)], 90)
    assert taken(*coupons, waiver_fen=50, paid_fen=60) == taken(*coupons[::-1], waiver_fen=50, paid_fen=60) == expected


def test_what_does_not_stack_is_used_alone_or_not_at_all() -> None:
    small, big = (Coupon(id=name, kind="amount", amount_fen=fen) for name, fen in (("a", 100), ("b", 200)))
    alone = Coupon(id="alone", kind="amount", amount_fen=250, stackable=False)
    made = priced(TARIFF, "06 09:00", "06 12:00", offsets=Offsets(coupons=[small, alone, big]))
    assert [one.id for one in made.offsets] == ["a", "b"]
    assert [(one.id, one.reason) for one in made.unused] == [("alone", "not_stackable")]
    better = Coupon(id="alone", kind="amount", amount_fen=400, stackable=False)
    assert taken(small, better, big) == ([("alone", 400)], 500)


def test_what_takes_nothing_off_stays_unused() -> None:
    made = priced(TARIFF, "06 09:00", "06 09:10", offsets=Offsets(coupons=[Coupon(id="f", kind="full")]))
    assert (made.offsets, [(one.id, one.reason) for one in made.unused]) == ([], [("f", "nothing_left")])
    with pytest.raises(TariffError) as refused:
        taken(Coupon(id="f", kind="full"), Coupon(id="f", kind="full"))
    assert refused.value.code == "coupon_twice"


def test_a_stay_past_the_end_of_a_pass_is_charged_from_there_on() -> None:
    plan = Plan(TARIFF)
    ended = [(us(plan, "01 00:00"), us(plan, "06 10:00"))]
    made = priced(TARIFF, "06 09:30", "06 11:30", passes=ended)
    assert (made.charge_fen, made.covered_fen, made.lines[0].from_us) == (600, 0, us(plan, "06 10:00"))
    assert fee(TARIFF, "06 08:00", "06 10:00", passes=ended) == 0
    assert priced(TARIFF, "06 07:30", "06 11:30", passes=ended).covered_fen == 600


def test_a_pass_in_the_middle_leaves_one_stay_around_it() -> None:
    stages = [{"unit_minutes": 60, "price_fen": 500, "upto_minutes": 60}, {"unit_minutes": 60, "price_fen": 100}]
    tariff = document(periods=[{"name": "all", "stages": stages}])
    plan = Plan(tariff)
    assert fee(tariff, "06 08:00", "06 14:00", passes=[(us(plan, "06 10:00"), us(plan, "06 12:00"))]) == 500 + 3 * 100


def test_a_pass_that_would_make_the_stay_dearer_is_not_used_and_the_quote_says_so() -> None:
    plan = Plan(TARIFF)
    inside = [(us(plan, "06 10:20"), us(plan, "06 10:40"))]
    made = priced(TARIFF, "06 10:00", "06 11:00", passes=inside)
    assert (made.charge_fen, made.covered_fen) == (300, 0)
    assert [one.code for one in made.notices] == ["passes_not_used"]
    assert [(one.from_us, one.to_us) for one in made.lines] == [(us(plan, "06 10:00"), us(plan, "06 11:00"))]
    whole = priced(TARIFF, "06 10:00", "06 12:00", passes=[(us(plan, "06 11:00"), us(plan, "06 12:00"))])
    assert (whole.charge_fen, whole.covered_fen, whole.notices) == (300, 300, [])
