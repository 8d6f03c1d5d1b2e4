"""`yunparking tariff import FORM FILE`: other people's tariffs as documents of ours."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from actors.tariffs.document import write_tariff
from actors.tariffs.problems import Problem, TariffError
from gateway.command.options import Language, Refusal
from gateway.command.say import Say
from gateway.command.tariff_files import text_of
from gateway.command.tariff_words import WORDS
from gateway.tariff_forms import FORMS, merged


def import_command(
    say: Say,
    form: Annotated[str, typer.Argument(help=f"The file's form: {', '.join(FORMS)}.")],
    file: Annotated[Path, typer.Argument(help="The file.")],
    into: Annotated[
        Path | None, typer.Option(help="A folder for the documents; without it, they are only counted.")
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone, where the form does not say it.")] = "UTC",
    currency: Annotated[str, typer.Option(help="The currency, where the form does not say it.")] = "USD",
    language: Language = "",
) -> int:
    """Translate what our documents can say; name what they cannot. The same rules twice become one document."""
    if form not in FORMS:
        raise Refusal(f"There is no form {form}; there are {', '.join(FORMS)}.")
    try:
        everything = list(FORMS[form](text_of(file), zone, currency))
    except TariffError as error:
        raise error.of(str(file)) from None
    if not everything:
        raise TariffError(Problem("nothing_found", "", f"it holds nothing that the form `{form}` has")).of(str(file))
    problems = [(found.name, problem) for found in everything for problem in found.problems]
    for name, problem in problems:
        data = {"kind": "refused", "name": name, **problem._asdict()}
        say.answer(data, lambda name=name, problem=problem: Text(f"{name}: {problem.told(language)}", "yellow"))  # type: ignore[misc]
    kept = merged(everything)
    for number, (tariff, names) in enumerate(kept, 1):
        if into is not None:
            into.mkdir(parents=True, exist_ok=True)
            (into / f"{form}-{number:04}.json").write_bytes(write_tariff(tariff))
        if say.as_json:
            say.answer({"kind": "imported", "names": names, "document": msgspec.to_builtins(tariff)})
    total = sum(len(names) for _, names in kept)
    say.answer(
        {"kind": "import", "read": total, "documents": len(kept), "refused": len(problems)},
        lambda: WORDS[language]["imported"].format(read=total, documents=len(kept), refused=len(problems)),
    )
    return 0 if kept else 1
