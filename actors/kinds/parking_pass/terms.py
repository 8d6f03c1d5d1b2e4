"""What a pass costs, how long it lasts and what comes back of it: plain arithmetic on a rule."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction

from actors.messages.pass_rules import PassRule
from actors.messages.passes import PassTerms
from actors.plates import plate_class, tariff_classes
from actors.tariffs.units import price_of, rounded
from actors.tariffs.zone import zone_named
from actors.values import Micros


class NotSold(Exception):
    """A rule does not sell this: `code` says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def period_price(rule: PassRule, plates: Iterable[str]) -> int:
    """What one period costs for these plates: the dearest of them decides."""
    prices = []
    for plate in plates:
        wanted = tariff_classes(plate_class(plate))
        named = next((each for each in wanted if each in rule.price_fen), "*")
        price = price_of(rule.price_fen, named)
        if price is None:
            raise NotSold("plate_kind", "There is no such pass for this kind of plate")
        prices.append(price)
    return max(prices)


def whole_price(rule: PassRule, plates: Iterable[str], periods: int) -> int:
    """What so many periods cost at once, rounded half up."""
    rates = {each.periods: Fraction(each.rate) for each in rule.discounts if each.periods <= periods}
    rate = rates[max(rates)] if rates else Fraction(1)
    return rounded(period_price(rule, plates) * periods * rate, 1, "half_up")


def end_of(rule: PassRule, from_us: Micros, periods: int) -> Micros:
    """When so many periods from then are over: days are local days, a month ends on the same day of a later month (or
    its last one).
    """
    zone = zone_named(rule.zone)
    wall = zone.wall(from_us).replace(tzinfo=None)
    if rule.period == "day":
        later = wall + timedelta(days=periods)
    else:
        months = wall.month - 1 + periods * (12 if rule.period == "year" else 1)
        year, month = wall.year + months // 12, months % 12 + 1
        later = wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))
    return zone.at(later) + from_us % 1_000_000


def may_buy(rule: PassRule, plates: Sequence[str], periods: int, source: str, now: Micros) -> None:
    """Raises `NotSold` if the rule does not sell so much to these, this way, now."""
    if rule.withdrawn:
        raise NotSold("not_sold", "This pass is not sold any more")
    if source == "online" and not rule.online:
        raise NotSold("not_online", "This pass is sold at the desk only")
    if now < rule.sold_from_us or (rule.sold_until_us and now >= rule.sold_until_us):
        raise NotSold("not_now", "This pass is not sold at this time")
    if periods not in rule.periods:
        raise NotSold("periods_not_sold", "So many periods at once are not sold")
    if not 0 < len(plates) <= rule.plates:
        raise NotSold("too_many_plates", "So many plates cannot be on this pass")


def terms_of(id: str, version: int, rule: PassRule) -> PassTerms:
    """What a pass keeps of the rule."""
    scope = (rule.operator, rule.lots, rule.groups, rule.seats, rule.plates)
    return PassTerms(id, version, *scope, rule.refund, rule.refund_fee_fen, rule.remind_days)


def unused_fen(fen: int, from_us: Micros, until_us: Micros, at_us: Micros) -> int:
    """The part of a price that was paid for the time after `at_us`, rounded down."""
    left = until_us - max(from_us, at_us)
    return fen * left // (until_us - from_us) if left > 0 else 0
