"""`yunparking tariff compare A B STAYS`: two tariffs over the same stays."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Group
from rich.table import Table

from actors.tariffs.compare import Comparison, Tally, chart, compare
from actors.tariffs.plan import Plan
from actors.tariffs.words import money_of
from gateway.command.options import Language, Refusal
from gateway.command.say import Say
from gateway.command.tariff_files import Area, CalendarFile, days_of, document, stays_of
from gateway.command.tariff_words import WORDS

Named = Annotated[str, typer.Argument(help="A tariff document's file, or the name of a preset.")]


def compare_command(
    say: Say,
    a: Named,
    b: Named,
    stays: Annotated[Path, typer.Argument(help="A CSV file with the columns entry, exit and vehicle.")],
    calendar: CalendarFile = None,
    area: Area = "",
    picture: Annotated[Path | None, typer.Option("--svg", help="Write a chart by hour of entry here.")] = None,
    language: Language = "",
) -> None:
    """How many stays, what each tariff brings, who pays more and who less, by class and by hour of entry."""
    one, other = document(a), document(b)
    if one.currency != other.currency:
        raise Refusal(WORDS[language]["two_currencies"].format(a=a, one=one.currency, b=b, other=other.currency))
    first, second = Plan(one), Plan(other)
    found = compare(first, second, stays_of(stays, first), days_of(calendar, area))
    if picture:
        picture.write_text(chart(found, (a, b), one.currency), encoding="utf-8")
    say.answer(
        {"kind": "comparison", **msgspec.to_builtins(found)}, lambda: _shown(found, a, b, one.currency, language)
    )


def _shown(found: Comparison, a: str, b: str, currency: str, language: str) -> Group:
    table = Table(title=f"{a} → {b}", title_justify="left")
    stays, change, dearer, cheaper, same, everything = WORDS[language]["compared"].split()
    for column in ("", stays, a, b, change, dearer, cheaper, same):
        table.add_column(column, justify="right" if column else "left")
    rows = [(everything, found.all), *sorted(found.by_class.items())]
    rows += [(f"{hour:02}:00", tally) for hour, tally in found.by_hour.items() if tally.stays]
    for name, tally in rows:
        table.add_row(name, *_cells(tally, currency))
    most = max([1, *(max(tally.a_fen, tally.b_fen) for tally in found.by_hour.values())])
    bars = [
        f"{hour:02} {name} {'█' * (40 * fen // most)} {money_of(fen, currency)}"
        for hour, tally in found.by_hour.items()
        if tally.stays
        for name, fen in (("A", tally.a_fen), ("B", tally.b_fen))
    ]
    return Group(table, *bars)


def _cells(tally: Tally, currency: str) -> list[str]:
    change = f"{(tally.b_fen - tally.a_fen) / tally.a_fen:+.1%}" if tally.a_fen else "–"
    money = (money_of(fen, currency) for fen in (tally.a_fen, tally.b_fen))
    return [f"{tally.stays:,}", *money, change, *(f"{n:,}" for n in (tally.dearer, tally.cheaper, tally.same))]
