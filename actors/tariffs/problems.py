"""What is wrong with a tariff or a question about it: a stable machine word, where, and a sentence."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from actors.tariffs.refusals import in_chinese, value_words


class Problem(NamedTuple):
    """One thing wrong: `code` is stable, `where` is a path such as `periods[1].stages[0].unit_minutes`."""

    code: str
    where: str
    sentence: str
    zh: str = ""
    """The sentence in Chinese, where the code alone does not say it."""

    def said(self, language: str) -> str:
        """What is wrong, in zh or en."""
        return self.zh or in_chinese(self.code, self.sentence) if language == "zh" else self.sentence

    def told(self, language: str) -> str:
        """Where, what is wrong, and its code, in zh or en."""
        where = self.where or ("全文" if language == "zh" else "document")
        return f"{where}: {self.said(language)} [{self.code}]"

    def __str__(self) -> str:
        return self.told("en")


class TariffError(Exception):
    """A tariff that cannot be used, or a question that it cannot answer; `problems` says all that was found."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems

    def of(self, file: str) -> "TariffError":
        """The same, said of a file that somebody named."""
        return TariffError(*(one._replace(where=": ".join(filter(None, (file, one.where)))) for one in self.problems))

    @property
    def code(self) -> str:
        """The word of the first problem."""
        return self.problems[0].code


_UNKNOWN = re.compile(r"unknown field `(.*?)`")
_AT = re.compile(r" - at (?:`key` in )?`\$\.?(.*)`$")


def from_validation(error: Exception, known: Iterable[str]) -> Problem:
    """What msgspec found, as a problem of ours; an unknown field names the nearest of the known ones."""
    text = str(error)
    place = _AT.search(text)
    where = place.group(1) if place else ""
    sentence = _AT.sub("", text)
    if unknown := _UNKNOWN.search(text):
        return unknown_field(unknown.group(1), where, known)
    return Problem("wrong_value", where, *value_words(sentence, where))


def unknown_field(name: str, where: str, known: Iterable[str]) -> Problem:
    """A field that the form does not have, with the nearest one that it has."""
    path = f"{where}.{name}" if where else name
    near = get_close_matches(name, list(known), n=1, cutoff=0.65)
    return Problem(
        "unknown_field", path, f"there is no field `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
    )
