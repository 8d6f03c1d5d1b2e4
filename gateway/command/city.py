"""`yunparking city load` and `city export`: a city's records in and out of a file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gateway.command import wiring
from gateway.command.options import Refusal, with_settings
from gateway.command.say import Say
from gateway.settings import Settings
from sim.city import save
from storage.postgres import Postgres, running_url


def load_command(
    settings: Settings,
    say: Say,
    file: Annotated[Path | None, typer.Argument(help="A city file; without it, the one of the settings.")] = None,
) -> None:
    """Make the world's regions, roads, lots, bays and devices be as the file says, all or none."""
    path = file or wiring.city_file(settings)
    with say.step(f"reading {path.name}"):
        register = wiring.read_city(path)
    with with_database(settings, say) as ready, say.step("loading"):
        wiring.prepare_world(ready)
        loaded = wiring.load_city(ready, register)
    counts = loaded._asdict()
    say.answer({"kind": "loaded", **counts}, lambda: ", ".join(f"{count} {how}" for how, count in counts.items()))


def export_command(
    settings: Settings,
    say: Say,
    file: Annotated[Path | None, typer.Argument(help="Where to write it (.gz: compressed); else to stdout.")] = None,
) -> None:
    """Write the city as it is now into a file that `city load` reads."""
    with with_database(settings, say) as ready:
        wiring.prepare_world(ready)
        register = wiring.export_city(ready)
    if register is None:
        raise Refusal("No city is loaded in this world: yunparking city load FILE.")
    if file is None:
        typer.echo(msgspec.json.format(msgspec.json.encode(register), indent=1).decode())
        return
    save(register, file)
    say.answer({"kind": "exported", "file": str(file), "records": register.size}, lambda: f"{register.size} records")


@contextlib.contextmanager
def with_database(settings: Settings, say: Say) -> Iterator[Settings]:
    """The settings with a database that answers: the one given, our own if it runs, else our own for this while."""
    folder = settings.folder / "postgres"
    url = settings.database.url or running_url(folder)
    server = None if url else Postgres(folder, settings.database.port)
    if server:
        with say.step("PostgreSQL"):
            url = server.start()
    database = msgspec.structs.replace(settings.database, url=url)
    try:
        yield msgspec.structs.replace(settings, database=database)
    finally:
        if server:
            server.stop()


city = typer.Typer(help="The city's records, in and out of a file.", no_args_is_help=True)
city.command("load")(with_settings(load_command))
city.command("export")(with_settings(export_command))
