"""CurbLR feeds (1.1): the regulations with payment rates, each as a tariff; started steps of fees and durations."""

from collections.abc import Iterator
from typing import Any

from actors.tariffs.document import Period, Stage, Tariff
from actors.tariffs.interchange.found import Found, each, hundredths, refuse, whole_list, whole_object

DAYS = {"mo": "mon", "tu": "tue", "we": "wed", "th": "thu", "fr": "fri", "sa": "sat", "su": "sun"}
KNOWN = {"daysOfWeek", "timesOfDay", "designatedPeriods"}


def read_curblr(feed: Any) -> Iterator[Found]:
    """Every paid regulation of a feed."""
    whole = whole_object(feed, "feed")
    manifest = whole_object(whole.get("manifest"), "manifest")
    things = [
        (f"features[{n}].regulations[{k}]", regulation)
        for n, feature in enumerate(whole_list(whole.get("features"), "features"))
        for k, regulation in enumerate(whole_object(feature.get("properties"), f"features[{n}]").get("regulations", []))
    ]
    return each(things, lambda name, regulation: _regulation(name, regulation, manifest))


def _regulation(name: str, regulation: dict[str, Any], manifest: dict[str, Any]) -> Tariff | None:
    payment = regulation.get("payment") or {}
    rates = [rate for rate in payment.get("rates") or [] if rate.get("fees")]
    if not rates:
        return None
    if len(rates) > 1:
        raise refuse("several_rates", "payment.rates", "rates of several times are not told apart by time spans")
    stages = _stages(rates[0])
    spans = regulation.get("timeSpans") or [{}]
    periods = [_period(span, n, stages, regulation) for n, span in enumerate(spans)]
    zones = payment.get("deviceIds") or []
    return Tariff(
        name={"en": ", ".join(map(str, zones)) or name},
        currency=manifest.get("currency") or "USD",
        zone=manifest.get("timeZone") or "UTC",
        periods=periods,
        max_stay_minutes=(regulation.get("rule") or {}).get("maxStay"),
    )


def _stages(rate: dict[str, Any]) -> list[Stage]:
    fees, durations = rate["fees"], rate.get("durations") or []
    if rate.keys() - {"fees", "durations"} or len(fees) != len(durations):
        raise refuse("rate_form", "payment.rates", "each fee needs its duration, and nothing else is understood")
    stages: list[Stage] = []
    end = 0
    for fee, minutes in zip(fees, durations, strict=True):
        end += minutes
        last = len(stages) == len(fees) - 1
        price = hundredths(fee, "payment.rates.fees")
        stages.append(Stage(unit_minutes=minutes, price_fen=price, upto_minutes=None if last else end))
    return stages


def _period(span: dict[str, Any], number: int, stages: list[Stage], regulation: dict[str, Any]) -> Period:
    if unknown := span.keys() - KNOWN:
        raise refuse("span_form", f"timeSpans[{number}]", f"`{sorted(unknown)[0]}` cannot be said in a tariff")
    week = span.get("daysOfWeek") or {}
    if week.keys() - {"days"}:
        raise refuse("span_form", f"timeSpans[{number}].daysOfWeek", "weeks of a month cannot be said in a tariff")
    days = [DAYS[day] for day in week.get("days") or DAYS]
    return Period(
        name=f"span {number + 1}",
        hours=[f"{one['from']}-{one['to']}" for one in span.get("timesOfDay") or [{"from": "00:00", "to": "24:00"}]],
        days=_designated(span, number, days),
        classes=[name for user in regulation.get("userClasses") or [] for name in user.get("classes") or []],
        stages=stages,
    )


def _designated(span: dict[str, Any], number: int, days: list[str]) -> list[str]:
    """Days with what is designated: a list without the whole weekend leaves holidays out by itself."""
    periods = span.get("designatedPeriods") or []
    if not periods:
        return [] if len(days) == 7 else days
    holidays = periods == [{"name": "holidays", "apply": "except during"}]
    if not holidays or {"sat", "sun"} <= set(days):
        raise refuse("span_form", f"timeSpans[{number}].designatedPeriods", "only `except during holidays` can be said")
    return days
