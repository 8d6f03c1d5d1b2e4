"""`yunparking tariff import FORM FILE`: other people's tariffs as documents of ours."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from actors.tariffs.document import Tariff, write_tariff
from actors.tariffs.interchange.cds import read_cds
from actors.tariffs.interchange.curblr import read_curblr
from actors.tariffs.interchange.found import Found
from actors.tariffs.interchange.lots import read_seoul, read_taipei
from actors.tariffs.interchange.ocpi import read_ocpi
from gateway.command.options import Refusal
from gateway.command.say import Say
from gateway.command.tariff_files import content, json_of

Reader = Callable[[Path, str, str], Iterator[Found]]


def _seoul(file: Path, zone: str, currency: str) -> Iterator[Found]:
    return read_seoul(csv.DictReader(content(file).decode("utf-8-sig").splitlines()))


FORMS: dict[str, Reader] = {
    "curblr": lambda file, zone, currency: read_curblr(json_of(file)),
    "cds": lambda file, zone, currency: read_cds(json_of(file), zone, currency),
    "ocpi": lambda file, zone, currency: read_ocpi(json_of(file), zone),
    "taipei": lambda file, zone, currency: read_taipei(json_of(file)),
    "seoul": _seoul,
}


def import_command(
    say: Say,
    form: Annotated[str, typer.Argument(help=f"The file's form: {', '.join(FORMS)}.")],
    file: Annotated[Path, typer.Argument(help="The file.")],
    into: Annotated[
        Path | None, typer.Option(help="A folder for the documents; without it, they are only counted.")
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone, where the form does not say it.")] = "UTC",
    currency: Annotated[str, typer.Option(help="The currency, where the form does not say it.")] = "USD",
) -> int:
    """Translate what our documents can say; name what they cannot. The same rules twice become one document."""
    if form not in FORMS:
        raise Refusal(f"There is no form {form}; there are {', '.join(FORMS)}.")
    kept: dict[bytes, tuple[Tariff, list[str]]] = {}
    refused = 0
    for found in FORMS[form](file, zone, currency):
        if found.tariff is not None:
            same = msgspec.json.encode(msgspec.structs.replace(found.tariff, name={}))
            kept.setdefault(same, (found.tariff, []))[1].append(found.name)
        for problem in found.problems:
            refused += 1
            data = {"kind": "refused", "name": found.name, **problem._asdict()}
            say.answer(data, lambda found=found, problem=problem: Text(f"{found.name}: {problem}", "yellow"))  # type: ignore[misc]
    for number, (tariff, names) in enumerate(kept.values(), 1):
        if into is not None:
            into.mkdir(parents=True, exist_ok=True)
            (into / f"{form}-{number:04}.json").write_bytes(write_tariff(tariff))
        if say.as_json:
            say.answer({"kind": "imported", "names": names, "document": msgspec.to_builtins(tariff)})
    total = sum(len(names) for _, names in kept.values())
    say.answer(
        {"kind": "import", "read": total, "documents": len(kept), "refused": refused},
        lambda: f"{total} read, {len(kept)} different tariffs, {refused} refused",
    )
    return 0 if kept else 1
