"""What every sub-command shares: the flags that override settings, --json, and one form of refusal."""

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from actors.tariffs.phrases import PHRASES
from actors.tariffs.problems import TariffError
from gateway.broker import BrokerError
from gateway.command.say import Say
from gateway.settings import SettingsError, load_settings
from storage.errors import Declined
from storage.postgres import PostgresError


class Refusal(Exception):
    """A command that cannot do what was asked; the text says what to do."""


EXPECTED = (Refusal, SettingsError, PostgresError, BrokerError, Declined, TariffError)

Language = Annotated[str, typer.Option(help="zh or en; without it, what the machine speaks.")]

FLAGS: dict[str, tuple[str, Any]] = {
    "world": ("world", Annotated[str | None, typer.Option(help="The PostgreSQL schema of the city.")]),
    "data_dir": ("data_dir", Annotated[Path | None, typer.Option(help="Where our own servers keep their data.")]),
    "database_url": ("database.url", Annotated[str | None, typer.Option(help="A PostgreSQL instead of our own.")]),
    "mqtt_url": ("broker.url", Annotated[str | None, typer.Option(help="An MQTT broker instead of our own.")]),
    "ray_address": ("ray.address", Annotated[str | None, typer.Option(help="A Ray cluster instead of our own.")]),
    "http_port": ("http.port", Annotated[int | None, typer.Option(help="The port of the pages and of /api.")]),
    "live_port": ("live.port", Annotated[int | None, typer.Option(help="The port of the websockets.")]),
}
"""Flag → the setting it overrides, and how it is asked for."""

_OTHERS: dict[str, Any] = {
    "config": Annotated[Path | None, typer.Option(help="A settings file; yunparking.toml if there is one here.")],
    "settings": Annotated[list[str] | None, typer.Option("--set", help="Any other setting, as key=value.")],
    "json": Annotated[bool, typer.Option("--json", help="Answer in JSON, one object a line.")],
}


def with_settings(command: Callable[..., int | None]) -> Callable[..., None]:
    """A typer command out of `command(settings, say, …)`: its answer is the exit status, expected errors give 2."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        say = Say(given.pop("json"))
        config, others = given.pop("config"), given.pop("settings") or []
        flags = {key: str(value) for flag, (key, _) in FLAGS.items() if (value := given.pop(flag)) is not None}
        try:
            settings = load_settings(config, flags={**flags, **dict(map(_pair, others))})
            status = command(settings, say, **given)
        except EXPECTED as error:
            say.refuse(str(error))
            status = 2
        raise typer.Exit(status or 0)

    asked = {**{flag: kind for flag, (_, kind) in FLAGS.items()}, **_OTHERS}
    return _asking(run, command, ("settings", "say"), asked)


def spoken(command: Callable[..., int | None]) -> Callable[..., None]:
    """The same out of `command(say, …)`, for commands that need no settings: they know --json and, if they ask for one,
    a language, in which they also refuse.
    """

    @functools.wraps(command)
    def run(**given: Any) -> None:
        say = Say(given.pop("json"))
        try:
            if "language" in given:
                given["language"] = language_of(given["language"])
            status = command(say, **given)
        except TariffError as error:
            say.refuse("; ".join(problem.told(given.get("language", "en")) for problem in error.problems))
            status = 2
        except EXPECTED as error:
            say.refuse(str(error))
            status = 2
        raise typer.Exit(status or 0)

    return _asking(run, command, ("say",), {"json": _OTHERS["json"]})


def language_of(asked: str) -> str:
    """The language to answer in: the one asked for, else the machine's where it is Chinese, else English."""
    if not asked:
        machine = next((text for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (text := os.environ.get(name))), "")
        return "zh" if machine.lower().startswith("zh") else "en"
    if asked not in PHRASES:
        raise Refusal(f"There is no language {asked}; there are {', '.join(PHRASES)}.")
    return asked


def _asking(
    run: Callable[..., None], command: Callable[..., Any], handed: tuple[str, ...], asked: dict[str, Any]
) -> Callable[..., None]:
    """`run` with the signature that typer is to read: the command's own parameters, then what is asked for all."""
    own = list(inspect.signature(command).parameters.values())[len(handed) :]
    shared = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=False if name == "json" else None
        )
        for name, kind in asked.items()
    ]
    hidden = {*handed, "return"}
    run.__annotations__ = {k: v for k, v in command.__annotations__.items() if k not in hidden} | asked
    run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    del run.__wrapped__  # type: ignore[attr-defined]
    return run


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text}: write it as key=value, such as --set ray.cells=4.")
    return key.strip(), value.strip()
