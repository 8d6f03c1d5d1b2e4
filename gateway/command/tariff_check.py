"""`yunparking tariff check FILE…`: price the worked examples of neutral files, and show what differs."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from actors.tariffs.interchange.examples import Outcome, price_examples
from actors.tariffs.interchange.neutral_form import NeutralFile, NeutralTariff
from actors.tariffs.problems import Problem
from actors.tariffs.words import explain, money_of
from gateway.command.options import Refusal
from gateway.command.say import Say
from gateway.command.tariff_files import content


def check_command(
    say: Say,
    files: Annotated[list[Path], typer.Argument(help="Files of tariffs with worked examples, in the neutral form.")],
    language: Annotated[str, typer.Option(help="The language of the lines: zh or en.")] = "en",
    every: Annotated[bool, typer.Option("--all", help="Show right examples too, not only those that differ.")] = False,
) -> int:
    """Price every worked example; status 1 if any differs or any tariff cannot be read."""
    right, wrong, unread = 0, 0, 0
    for file in files:
        for source in _tariffs(file):
            outcomes, problems = price_examples(source)
            unread += len(problems)
            for problem in problems:
                _unread(say, source, problem)
            right += sum(outcome.right for outcome in outcomes)
            wrong += sum(not outcome.right for outcome in outcomes)
            _show(say, source, outcomes, language, every)
    say.answer(
        {"kind": "checked", "right": right, "wrong": wrong, "unread": unread},
        lambda: f"{right} right, {wrong} differ, {unread} problems",
    )
    return 1 if wrong or unread or not right else 0


def _tariffs(file: Path) -> list[NeutralTariff]:
    try:
        return msgspec.json.decode(content(file), type=NeutralFile).tariffs
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} is no file of the neutral form: {error}.") from None


def _unread(say: Say, source: NeutralTariff, problem: Problem) -> None:
    data = {"kind": "unread", "tariff": source.id, **problem._asdict()}
    say.answer(data, lambda: Text(f"{source.id}: {problem}", "red"))


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
    for column in ("entry", "exit", "class", "what", "expected", "got", ""):
        table.add_column(column, justify="right" if column in ("expected", "got") else "left")
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
