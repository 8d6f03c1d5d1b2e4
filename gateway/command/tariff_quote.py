"""`yunparking tariff quote`, `show`, `presets` and `calendar`: a stay priced, a tariff in words and in a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from actors.tariffs.document import Tariff, first_class, write_tariff
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.phrases import PHRASES
from actors.tariffs.picture import curve, sketch, svg
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.quote import quote
from actors.tariffs.running import running
from actors.tariffs.stay import Stay, Versions
from actors.tariffs.words import describe, explain, money_of
from actors.values import HOUR_US, MINUTE_US
from gateway.command.options import Language, Refusal
from gateway.command.say import Say
from gateway.command.tariff_files import Area, CalendarFile, days_of, document, instant
from gateway.day_kinds import SOURCES, NoSource, calendar_from

Named = Annotated[str, typer.Argument(help="A tariff document's file, or the name of a preset.")]
Vehicle = Annotated[str, typer.Option(help="The vehicle's class; without it, the first of the tariff, or small.")]


def quote_command(
    say: Say,
    tariff: Named,
    entry: Annotated[str, typer.Argument(help="Entry, such as 2026-03-06T09:30:00.")],
    exit_: Annotated[str, typer.Argument(metavar="EXIT", help="Exit.")],
    vehicle: Vehicle = "",
    calendar: CalendarFile = None,
    area: Area = "",
    coupon: Annotated[list[str] | None, typer.Option(help="minutes=60, rate=0.8, amount=500 or full.")] = None,
    paid: Annotated[int, typer.Option(help="What was paid before, in hundredths.")] = 0,
    charged: Annotated[
        int, typer.Option(min=0, help="At a bay with a charger: how many minutes from entry on it was charged.")
    ] = 0,
    language: Language = "",
) -> None:
    """Price one stay, line by line, and say when the fee next changes."""
    plan, days = Plan(document(tariff)), days_of(calendar, area)
    vehicle = vehicle or first_class(plan.tariff)
    since, leaving = instant(entry, plan.zone), instant(exit_, plan.zone)
    charging = [(since, since + charged * MINUTE_US)] if charged else []
    stay = Stay(entry_us=since, exit_us=leaving, vehicle=vehicle, charging=charging)
    coupons = [_coupon(text, n) for n, text in enumerate(coupon or [], 1)]
    offsets = Offsets(coupons=coupons, paid_fen=paid)
    made, change = quote(plan, stay, days, offsets), running(Versions([(0, plan)]), stay, days, offsets)
    lines = explain(made, language)
    if change.holds_until_us is not None and change.then_fen is not None:
        until = plan.zone.wall(change.holds_until_us)
        then = money_of(change.then_fen, made.currency)
        lines.append(PHRASES[language]["next"].format(until=f"{until:%m-%d %H:%M:%S}", amount=then))
    say.answer(
        {"kind": "quote", **msgspec.to_builtins(made), "words": lines, "next": change._asdict()},
        lambda: Text("\n".join(lines)),
    )


def _coupon(text: str, number: int) -> Coupon:
    kind, _, value = text.partition("=")
    forms: dict[str, Callable[[], Coupon]] = {
        "minutes": lambda: Coupon(id=f"#{number}", kind="minutes", minutes=float(value)),
        "rate": lambda: Coupon(id=f"#{number}", kind="percent", rate=value),
        "amount": lambda: Coupon(id=f"#{number}", kind="amount", amount_fen=int(value)),
        "full": lambda: Coupon(id=f"#{number}", kind="full"),
    }
    try:
        return msgspec.convert(msgspec.to_builtins(forms[kind]()), Coupon)
    except (KeyError, ValueError):
        raise Refusal(f"--coupon {text}: write minutes=60, rate=0.8, amount=500 or full.") from None


def show_command(
    say: Say,
    tariff: Named,
    vehicle: Vehicle = "",
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long the pictured stay is.")] = 24,
    entry: Annotated[str, typer.Option(help="When the pictured stay begins.")] = "2026-03-06T09:00:00",
    picture: Annotated[Path | None, typer.Option("--svg", help="Write the picture here as SVG.")] = None,
    calendar: CalendarFile = None,
    area: Area = "",
    language: Language = "",
) -> None:
    """A tariff's rules in words, and what a stay costs as it grows."""
    rules = document(tariff)
    plan = Plan(rules)
    vehicle = vehicle or first_class(rules)
    words = describe(rules, language)
    name = _name(rules, language)
    drawn = curve(plan, days_of(calendar, area), vehicle, instant(entry, plan.zone), hours * HOUR_US, vehicle)
    if picture:
        picture.write_text(svg([drawn], rules.currency, name), encoding="utf-8")
    say.answer(
        {
            "kind": "tariff",
            "document": msgspec.to_builtins(rules),
            "words": words,
            "steps": drawn.steps,
        },
        lambda: Text("\n".join([name, *(f"· {line}" for line in words), "", sketch(drawn)])),
    )


def _name(tariff: Tariff, language: str) -> str:
    return tariff.name.get(language) or next(iter(tariff.name.values()))


def presets_command(
    say: Say,
    name: Annotated[str | None, typer.Argument(help="Print this one's document.")] = None,
    language: Language = "",
) -> None:
    """The tariffs to begin with; with a name, its document, to be kept in a file and edited."""
    if name is not None:
        typer.echo(write_tariff(document(name)).decode())
        return
    listed = {key: _name(tariff, language) for key, tariff in PRESETS.items()}
    say.answer(
        {"kind": "presets", "presets": listed},
        lambda: Text("\n".join(f"{key:<16}{text}" for key, text in listed.items())),
    )


def calendar_command(
    say: Say,
    source: Annotated[str, typer.Argument(help=f"Where days come from: {', '.join(SOURCES)}, or a country code.")],
    years: Annotated[list[int], typer.Argument(help="The years.")],
    long_from: Annotated[int, typer.Option(help="Holidays of so many days on end are long ones.")] = 7,
) -> None:
    """A calendar of day kinds, to be kept in a file and edited; years that a source does not know are left out."""
    try:
        made, missing = calendar_from(source, years, long_from)
    except NoSource as no:
        raise Refusal(str(no)) from None
    for year in missing:
        say.note("warning", f"{source} knows no holidays of {year}: days of that year will be their weekdays.")
    typer.echo(msgspec.json.format(msgspec.json.encode(made), indent=1).decode())
