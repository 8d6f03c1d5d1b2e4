"""The `yunparking` command: one file per sub-command, and this list of them."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer

from gateway.command.options import with_settings


class SubCommand(NamedTuple):
    """A sub-command, or a group of them: its word, and where it stands."""

    word: str
    path: str
    hidden: bool = False


COMMANDS = (
    SubCommand("city", "city:city"),
    SubCommand("tariff", "tariff:tariff"),
    SubCommand("up", "up:up_command"),
    SubCommand("replay", "programs:replay_command"),
    SubCommand("sandbox", "programs:sandbox_command"),
    SubCommand("cells", "cells:cells_command"),
    SubCommand("doctor", "doctor:doctor_command"),
    SubCommand("password", "password:password_command"),
    SubCommand("tour", "tour:tour_command"),
    SubCommand("settings", "settings:settings_command"),
    SubCommand("metrics", "metrics:metrics_command"),
    SubCommand("gateway", "gateway:gateway_command"),
    SubCommand("carriers", "carriers:carriers_command", hidden=True),
)


def app_for(words: Sequence[str]) -> typer.Typer:
    """The command line that takes these words: with the one sub-command that they name, for each imports much that the
    others do not need; with all of them where they name none.
    """
    app = typer.Typer(
        name="yunparking",
        help="A city's parking as actors: live, durable, explainable.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.callback()(lambda: None)  # one sub-command alone is named too
    for each in [one for one in COMMANDS if one.word in words[:1]] or COMMANDS:
        module, _, name = each.path.partition(":")
        found: Any = getattr(import_module(f"{__name__}.{module}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=each.word)
        else:
            app.command(each.word, hidden=each.hidden)(with_settings(found))
    return app


def main() -> None:
    """Run the command line."""
    app_for(sys.argv[1:])()
