"""Quotes and tariffs in words, in every language that `phrases.py` has."""

from collections.abc import Iterator

from actors.tariffs.calendar import EVENT
from actors.tariffs.document import Cap, Period, Price, Stage, Tariff
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

WHOLE_ONLY = frozenset({"JPY", "KRW", "TWD", "VND", "IDR", "CLP", "ISK", "HUF"})
"""Currencies whose hundredths nobody uses: shown only where an amount has some all the same."""


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
    kind = "flat_on" if line.kind == "flat" and not line.count else line.kind
    text = say[f"line.{kind}"].format(
        span=f"{zone.wall(line.from_us):%m-%d %H:%M:%S} – {zone.wall(line.to_us):%m-%d %H:%M:%S}",
        rule=period_in_words(line.rule, say),
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
    sign, hundredths = SIGNS.get(currency, f"{currency} "), abs(fen) % 100
    shown = f".{hundredths:02}" if hundredths or currency not in WHOLE_ONLY else ""
    return f"{'-' if fen < 0 else ''}{sign}{abs(fen) // 100:,}{shown}"


def length_of(us: Micros, say: Phrases) -> str:
    """A length of time in hours, minutes and seconds."""
    parts = (("hour", us // HOUR_US), ("minute", us % HOUR_US // MINUTE_US), ("second", us % MINUTE_US // SECOND_US))
    return say["gap"].join(say[name].format(n=n) for name, n in parts if n) or say["zero"]


def describe(tariff: Tariff, language: str = "zh") -> list[str]:
    """A tariff's rules in words, most important first."""
    say = PHRASES[language]
    return list(_described(tariff, say))


def _described(tariff: Tariff, say: Phrases) -> Iterator[str]:
    if tariff.classes:
        yield say["rule.only"].format(classes=_classes(tariff.classes, say))
    yield from _visit(tariff, say)
    yield from _free(tariff, say)
    yield from (_period(period, tariff, say) for period in tariff.periods)
    yield from (_cap(cap, tariff, say) for cap in tariff.caps)
    if tariff.periods:
        yield from _counting(tariff, say)
    yield from _lengths(tariff, say)
    yield from _sum(tariff, say)
    if tariff.weekend != ["sat", "sun"]:
        days = say["list"].join(_day_words(list(tariff.weekend), say))
        yield say["rule.weekend"].format(days=days) if days else say["rule.weekend.none"]


def _visit(tariff: Tariff, say: Phrases) -> Iterator[str]:
    if visit := tariff.visit:
        yield say["rule.visit"].format(price=price_in_words(visit.price_fen, tariff.currency, say))
        if turns := visit.turns:
            told = say["rule.turn"].format(at=turns.at, price=price_in_words(turns.price_fen, tariff.currency, say))
            told += say["rule.turn.next_day"] if turns.first == "next_day" else ""
            yield told + (say["rule.turn.inclusive"] if turns.inclusive else "")


def _free(tariff: Tariff, say: Phrases) -> Iterator[str]:
    for free in tariff.free:
        length = length_of(micros(free.minutes), say)
        names = [*_day_words(free.days, say), *(class_in_words(name, say) for name in free.classes)]
        limited = say["for_classes"].format(classes=say["list"].join(names)) if names else ""
        told = say[f"rule.free.{free.mode}"].format(length=length, for_=limited)
        if free.mode == "gate" and not free.inclusive:
            told += say["rule.free.exclusive"].format(length=length)
        yield told + (say["rule.free.charged"] if free.measure == "charged" else "")


def _cap(cap: Cap, tariff: Tariff, say: Phrases) -> str:
    price, length = price_in_words(cap.amount_fen, tariff.currency, say), length_of(cap.hours * HOUR_US, say)
    told = say[f"rule.cap.{cap.window}"].format(price=price, length=length, at=cap.at)
    return told if cap.cuts_units or cap.window == "visit" else told + say["rule.cap.runs_on"]


def _counting(tariff: Tariff, say: Phrases) -> Iterator[str]:
    """How units are counted, and how stages are."""
    yield say[f"rule.units.{tariff.units}"]
    yield say[f"rule.end.{tariff.at_period_end}"]
    if any(len(period.stages) > 1 for period in tariff.periods):
        yield say[f"rule.restart.{tariff.stages_restart}"]
        if tariff.at_stage_end == "run_on":
            yield say["rule.stage_end.run_on"]
        if tariff.stage_clock == "elapsed":
            yield say["rule.stage_clock.elapsed"]
    if tariff.gaps == "count":
        yield say["rule.gaps.count"]
    if tariff.seconds == "cut":
        yield say["rule.seconds.cut"]


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
    if charging := tariff.charging:
        names = {key: class_in_words(getattr(charging, key), say) for key in ("charging", "idle")}
        yield say["rule.charging"].format(grace=length_of(micros(charging.grace_minutes), say), **names)
        if charging.plug_in_minutes:
            yield say["rule.plug_in"].format(length=length_of(micros(charging.plug_in_minutes), say), **names)
    if tariff.least_fen is not None:
        yield say["rule.least"].format(price=price_in_words(tariff.least_fen, tariff.currency, say))
    for name, factor in tariff.factors.items():
        yield say["rule.factor"].format(name=class_in_words(name, say), factor=factor)
    if tariff.rounding.to_fen != 1:
        to, mode = money_of(tariff.rounding.to_fen, tariff.currency), say[f"mode.{tariff.rounding.mode}"]
        yield say["rule.rounding"].format(price=to, mode=mode)
    if tariff.on_change != "entry":
        yield say["rule.change"].format(how=say[f"change.{tariff.on_change}"])


def _period(period: Period, tariff: Tariff, say: Phrases) -> str:
    prices = [_stage(stage, period, tariff, say) for stage in period.stages]
    if period.flat_fen is not None:
        prices = [say["rule.flat"].format(price=price_in_words(period.flat_fen, tariff.currency, say))]
    capped = ""
    if period.cap_fen is not None:
        capped = say["rule.period_cap"].format(price=price_in_words(period.cap_fen, tariff.currency, say))
        if any(cap.window != "visit" for cap in tariff.caps):
            capped += say["rule.period_cap.anew"]
    told = say["rule.period"].format(
        name=period_in_words(period.name, say),
        hours=say["list"].join(period.hours),
        days="".join(say["list"] + word for word in _day_words(period.days, say)),
        classes="".join(say["list"] + class_in_words(name, say) for name in period.classes),
        prices=say["stages"].join(prices),
        cap=capped,
    )
    told += say[f"rule.period_units.{period.units}"] if period.units and period.units != tariff.units else ""
    return told if period.counts else told + say["rule.uncounted"]


def _stage(stage: Stage, period: Period, tariff: Tariff, say: Phrases) -> str:
    upto = ""
    if stage.upto_minutes is None and len(period.stages) > 1:
        upto = say["rule.after"]
    elif stage.upto_minutes:
        upto = say["rule.upto"].format(length=length_of(micros(stage.upto_minutes), say))
    arrival = {"any": "", "period": say["rule.arrival"], "occurrence": say["rule.arrival.occurrence"]}[stage.arrival]
    unit, price = length_of(micros(stage.unit_minutes), say), price_in_words(stage.price_fen, tariff.currency, say)
    return say["rule.stage"].format(upto=upto, unit=unit, price=price) + arrival


def _day_words(days: list[str], say: Phrases) -> list[str]:
    return [
        say["day.event"].format(name=day.removeprefix(EVENT)) if day.startswith(EVENT) else say[f"day.{day}"]
        for day in days
    ]


def price_in_words(price: Price, currency: str, say: Phrases) -> str:
    """One price, or each class's."""
    if isinstance(price, int):
        return money_of(price, currency)
    return say["list"].join(f"{class_in_words(name, say)} {money_of(fen, currency)}" for name, fen in price.items())


def class_in_words(name: str, say: Phrases) -> str:
    """A class as people call it; one that we do not know is called what the document calls it."""
    return say.get(f"class.{name}", name)


def period_in_words(name: str, say: Phrases) -> str:
    """A period's name; the names that presets use are said in every language."""
    return say.get(f"period.{name}", name)


def _classes(names: list[str], say: Phrases) -> str:
    return say["list"].join(class_in_words(name, say) for name in names)
