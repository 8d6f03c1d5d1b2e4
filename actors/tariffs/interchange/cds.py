"""CDS curb policies: the rates of their parking rules; stages count the time since arrival, as that form says."""

from collections.abc import Iterator
from typing import Any

from actors.tariffs.document import Counting, Period, Rounding, Stage, Tariff
from actors.tariffs.interchange.found import Found, each, refuse, whole_list, whole_object

UNITS = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1440, "week": 10_080}
KNOWN = {"days_of_week", "time_of_day_start", "time_of_day_end", "designated_period", "designated_period_except"}


def read_cds(answer: Any, zone: str, currency: str) -> Iterator[Found]:
    """Every policy of an answer that has rates for parking; zone and currency are not said there."""
    whole = whole_object(answer, "answer")
    data = whole.get("data", whole)
    policies = whole_list(whole_object(data, "data").get("policies"), "policies")
    things = [(str(whole_object(one, "policies").get("curb_policy_id")), one) for one in policies]
    return each(things, lambda name, policy: _policy(name, policy, zone, currency))


def _policy(name: str, policy: dict[str, Any], zone: str, currency: str) -> Tariff | None:
    rules = [rule for rule in policy.get("rules") or [] if rule.get("activity") == "parking" and rule.get("rate")]
    if not rules:
        return None
    periods = []
    for n, rule in enumerate(rules):
        classes = rule.get("user_classes") or []
        if len(classes) > 1:
            raise refuse("classes_and", f"rules[{n}].user_classes", "a vehicle that must be of several classes at once")
        stages = [_stage(rate, f"rules[{n}].rate[{k}]") for k, rate in enumerate(rule["rate"])]
        exact = {rate.get("increment_duration") is None for rate in rule["rate"]}
        if len(exact) > 1:
            raise refuse("units_mixed", f"rules[{n}].rate", "some rates have increments and some have none")
        for k, span in enumerate(policy.get("time_spans") or [{}]):
            hours, days = _span(span, f"time_spans[{k}]")
            units: Counting = "exact" if exact == {True} else "started"
            periods.append(
                Period(
                    name=f"rule {n + 1}.{k + 1}", hours=[hours], days=days, classes=classes, stages=stages, units=units
                )
            )
    steps = {rate.get("increment_amount") or 1 for rule in rules for rate in rule["rate"]}
    stays = {rule["max_stay"] * UNITS[rule.get("max_stay_unit", "minute")] for rule in rules if rule.get("max_stay")}
    if len(steps) > 1 or len(stays) > 1:
        raise refuse("rules_differ", "rules", "rules with different increments of amount or longest stays")
    return Tariff(
        name={"en": name},
        currency=currency,
        zone=zone,
        periods=periods,
        stage_clock="elapsed",
        rounding=Rounding(to_fen=min(steps), mode="up") if steps != {1} else Rounding(),
        max_stay_minutes=next(iter(stays), None),
    )


def _stage(rate: dict[str, Any], where: str) -> Stage:
    unit = UNITS.get(rate.get("rate_unit", ""))
    if unit is None:
        raise refuse("rate_unit", where, f"a rate per `{rate.get('rate_unit')}` is no price of a stay")
    if rate.get("rate_unit_period", "rolling") != "rolling":
        raise refuse("rate_unit_period", where, "calendar units cannot be said in a tariff")
    count = rate.get("increment_duration") or 1
    end = rate.get("end_duration")
    return Stage(
        unit_minutes=count * unit,
        price_fen=count * rate["rate"],
        upto_minutes=None if end is None else end * unit,
    )


def _span(span: dict[str, Any], where: str) -> tuple[str, list[str]]:
    if unknown := span.keys() - KNOWN:
        raise refuse("span_form", where, f"`{sorted(unknown)[0]}` cannot be said in a tariff")
    days = list(span.get("days_of_week") or [])
    if named := span.get("designated_period"):
        excepted = span.get("designated_period_except") is True
        if named != "holidays" or (excepted and (not days or {"sat", "sun"} <= set(days))) or (not excepted and days):
            raise refuse(
                "span_form", where, "of designated periods only holidays, or weekdays without them, can be said"
            )
        days = days if excepted else ["holiday"]
    start, end = span.get("time_of_day_start") or "00:00", span.get("time_of_day_end") or "24:00"
    return f"{start}-{'24:00' if end == '00:00' else end}", days
