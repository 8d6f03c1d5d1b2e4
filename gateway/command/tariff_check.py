"""`yunparking tariff check FILE…`: price the worked examples of neutral files, and show what differs."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from actors.tariffs.interchange.examples import Outcome, price_examples, read_tariffs
from actors.tariffs.interchange.neutral_form import NeutralTariff
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.words import explain, money_of
from gateway.command.options import Language
from gateway.command.say import Say
from gateway.command.tariff_files import content
from gateway.command.tariff_words import WORDS


def check_command(
    say: Say,
    files: Annotated[list[Path], typer.Argument(help="Files of tariffs with worked examples, in the neutral form.")],
    language: Language = "",
    every: Annotated[bool, typer.Option("--all", help="Show right examples too, not only those that differ.")] = False,
) -> int:
    """Price every worked example; status 1 if any differs or any tariff cannot be read."""
    right, wrong, unread = 0, 0, 0
    for file in files:
        try:
            sources = [*read_tariffs(content(file))]
        except TariffError as error:
            unread += _unread(say, str(file), error.problems, language)
            continue
        for source in sources:
            if isinstance(source, tuple):
                unread += _unread(say, source[0], source[1].problems, language)
                continue
            outcomes, problems = price_examples(source)
            right += sum(outcome.right for outcome in outcomes)
            wrong += sum(not outcome.right for outcome in outcomes)
            _show(say, source, outcomes, language, every)
            unread += _unread(say, source.id, problems, language)
    say.answer(
        {"kind": "checked", "right": right, "wrong": wrong, "unread": unread},
        lambda: WORDS[language]["checked"].format(right=right, wrong=wrong, unread=unread),
    )
    return 1 if wrong or unread or not right else 0


def _unread(say: Say, name: str, problems: Sequence[Problem], language: str) -> int:
    """Say what cannot be read; how much that is."""
    for problem in problems:
        data = {"kind": "unread", "tariff": name, **problem._asdict()}
        say.answer(data, functools.partial(Text, f"{name}: {problem.told(language)}", "red"))
    return len(problems)


def _show(say: Say, source: NeutralTariff, outcomes: list[Outcome], language: str, every: bool) -> None:
    shown = outcomes if every else [outcome for outcome in outcomes if not outcome.right]
    if say.as_json:
        for outcome in shown:
            data = {**outcome._asdict(), "right": outcome.right, "lines": explain(outcome.quote, language)}
            say.answer({"kind": "example", **data, "quote": msgspec.to_builtins(outcome.quote)})
    elif shown:
        say.answer(None, lambda: _table(source, shown, language))


def _table(source: NeutralTariff, outcomes: list[Outcome], language: str) -> Group:
    table = Table(title=f"{source.id} ({source.city})", title_justify="left")
    for n, column in enumerate([*WORDS[language]["example"].split(), ""]):
        table.add_column(column, justify="right" if n in (4, 5) else "left")
    behind: list[Text] = []
    for one in outcomes:
        expected, got = (money_of(fen, source.currency) for fen in (one.expected, one.got))
        what = f"{one.what} {one.policy}".strip()
        mark = "[green]✓[/]" if one.right else "[red]✗[/]"
        table.add_row(one.entry, one.exit, one.vehicle, what, expected, got, mark)
        if not one.right:
            behind += [
                Text(f"  {line}", "dim") for line in (f"{one.entry} – {one.exit}", *explain(one.quote, language))
            ]
    return Group(table, *behind)
