"""Quotes and tariffs in words, in every language that `phrases.py` has."""

from collections.abc import Iterator

from actors.tariffs.calendar import EVENT
from actors.tariffs.document import Period, Price, Tariff
from actors.tariffs.phrases import PHRASES, Phrases
from actors.tariffs.quote import Line, Quote
from actors.tariffs.units import micros
from actors.tariffs.zone import Zone, zone_named
from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros

SIGNS = {
    "CNY": "¥",
    "EUR": "€",
    "GBP": "£",
    "USD": "$",
    "JPY": "JP¥",
    "KRW": "₩",
    "TWD": "NT$",
    "SGD": "S$",
    "ILS": "₪",
}


def explain(quote: Quote, language: str = "zh") -> list[str]:
    """A quote line by line: what was charged, what was taken off, what is due, what else is to be known."""
    say, zone = PHRASES[language], zone_named(quote.zone)

    def money(fen: int) -> str:
        return money_of(fen, quote.currency)

    told = [_line(line, say, zone, quote.currency) for line in quote.lines]
    told.append(say["charge"].format(amount=money(quote.charge_fen)))
    if quote.covered_fen:
        told.append(say["covered"].format(amount=money(quote.covered_fen)))
    told += [say[f"took.{one.kind}"].format(id=one.id, amount=money(one.amount_fen)) for one in quote.offsets]
    told += [say[f"unused.{one.reason}"].format(id=one.id) for one in quote.unused]
    if quote.offsets:
        told.append(say["due"].format(amount=money(quote.due_fen)))
    return told + [say[f"notice.{one.code}"].format(detail=one.detail) for one in quote.notices]


def _line(line: Line, say: Phrases, zone: Zone, currency: str) -> str:
    text = say[f"line.{line.kind}"].format(
        span=f"{zone.wall(line.from_us):%m-%d %H:%M:%S} – {zone.wall(line.to_us):%m-%d %H:%M:%S}",
        rule=line.rule,
        count=line.count,
        unit=length_of(line.unit_us, say),
        length=length_of(line.to_us - line.from_us, say),
        price=money_of(line.price_fen, currency),
        gross=money_of(line.gross_fen, currency),
        amount=money_of(line.amount_fen, currency),
    )
    return text + say[f"limit.{line.limit}"].format(amount=money_of(line.amount_fen, currency)) if line.limit else text


def money_of(fen: int, currency: str) -> str:
    """An amount as people write it."""
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'-' if fen < 0 else ''}{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def length_of(us: Micros, say: Phrases) -> str:
    """A length of time in hours, minutes and seconds."""
    parts = (("hour", us // HOUR_US), ("minute", us % HOUR_US // MINUTE_US), ("second", us % MINUTE_US // SECOND_US))
    return say["gap"].join(say[name].format(n=n) for name, n in parts if n) or say["zero"]


def describe(tariff: Tariff, language: str = "zh") -> list[str]:
    """A tariff's rules in words, most important first."""
    say = PHRASES[language]
    return list(_described(tariff, say))


def _described(tariff: Tariff, say: Phrases) -> Iterator[str]:
    yield from _visit(tariff, say)
    yield from _free(tariff, say)
    yield from (_period(period, tariff, say) for period in tariff.periods)
    for cap in tariff.caps:
        price, length = price_in_words(cap.amount_fen, tariff.currency, say), length_of(cap.hours * HOUR_US, say)
        yield say[f"rule.cap.{cap.window}"].format(price=price, length=length, at=cap.at)
    if tariff.periods:
        yield say[f"rule.units.{tariff.units}"]
        yield say[f"rule.end.{tariff.at_period_end}"]
        if any(len(period.stages) > 1 for period in tariff.periods):
            yield say[f"rule.restart.{tariff.stages_restart}"]
    yield from _lengths(tariff, say)
    yield from _sum(tariff, say)


def _visit(tariff: Tariff, say: Phrases) -> Iterator[str]:
    if visit := tariff.visit:
        yield say["rule.visit"].format(price=price_in_words(visit.price_fen, tariff.currency, say))
        if turns := visit.turns:
            yield say["rule.turn"].format(at=turns.at, price=price_in_words(turns.price_fen, tariff.currency, say))


def _free(tariff: Tariff, say: Phrases) -> Iterator[str]:
    for free in tariff.free:
        names = [*_day_words(free.days, say), *free.classes]
        limited = say["for_classes"].format(classes=say["list"].join(names)) if names else ""
        yield say[f"rule.free.{free.mode}"].format(length=length_of(micros(free.minutes), say), for_=limited)


def _lengths(tariff: Tariff, say: Phrases) -> Iterator[str]:
    for key, minutes in (
        ("least_part", tariff.least_part_minutes),
        ("grace", tariff.exit_grace_minutes),
        ("reentry", tariff.reentry_minutes),
        ("max_stay", tariff.max_stay_minutes),
    ):
        if minutes:
            yield say[f"rule.{key}"].format(length=length_of(micros(minutes), say))


def _sum(tariff: Tariff, say: Phrases) -> Iterator[str]:
    if tariff.least_fen is not None:
        yield say["rule.least"].format(price=price_in_words(tariff.least_fen, tariff.currency, say))
    for name, factor in tariff.factors.items():
        yield say["rule.factor"].format(name=name, factor=factor)
    if tariff.rounding.to_fen != 1:
        to, mode = money_of(tariff.rounding.to_fen, tariff.currency), say[f"mode.{tariff.rounding.mode}"]
        yield say["rule.rounding"].format(price=to, mode=mode)
    if tariff.on_change != "entry":
        yield say["rule.change"].format(how=say[f"change.{tariff.on_change}"])


def _period(period: Period, tariff: Tariff, say: Phrases) -> str:
    prices = [
        say["rule.stage"].format(
            upto=say["rule.upto"].format(length=length_of(micros(stage.upto_minutes), say))
            if stage.upto_minutes
            else "",
            unit=length_of(micros(stage.unit_minutes), say),
            price=price_in_words(stage.price_fen, tariff.currency, say),
        )
        + (say["rule.arrival"] if stage.arrival != "any" else "")
        for stage in period.stages
    ]
    if period.flat_fen is not None:
        prices = [say["rule.flat"].format(price=price_in_words(period.flat_fen, tariff.currency, say))]
    cap = period.cap_fen
    return say["rule.period"].format(
        name=period.name,
        hours=say["list"].join(period.hours),
        days="".join(say["list"] + word for word in _day_words(period.days, say)),
        classes="".join(say["list"] + name for name in period.classes),
        prices=say["stages"].join(prices),
        cap="" if cap is None else say["rule.period_cap"].format(price=price_in_words(cap, tariff.currency, say)),
    )


def _day_words(days: list[str], say: Phrases) -> list[str]:
    return [
        say["day.event"].format(name=day.removeprefix(EVENT)) if day.startswith(EVENT) else say[f"day.{day}"]
        for day in days
    ]


def price_in_words(price: Price, currency: str, say: Phrases) -> str:
    """One price, or each class's."""
    if isinstance(price, int):
        return money_of(price, currency)
    return say["list"].join(f"{name} {money_of(fen, currency)}" for name, fen in price.items())
