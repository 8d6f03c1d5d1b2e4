"""From what came over the wire to typed values, or to a refusal that says where and why."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from gateway.http.errors import Problem

S = TypeVar("S", bound=msgspec.Struct)

WHERE: Final = re.compile(r"^(?P<sentence>.*?)(?: - at `(?P<path>.+)`)?$", re.DOTALL)
KEY: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def refusal(code: str, wrong: Exception) -> Problem:
    """The refusal for what msgspec found wrong: its sentence and the path to it (`$` is the whole)."""
    found = WHERE.match(str(wrong))
    sentence, path = (found["sentence"], found["path"]) if found else (str(wrong), None)
    return Problem(code, sentence, {"path": path or "$"})


def body_of(form: type[S], raw: bytes) -> S:
    """A JSON body as this Struct; raises `invalid_body`."""
    try:
        body = msgspec.json.decode(raw, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise refusal("invalid_body", wrong) from None
    if b"\\u0000" in raw or b"\0" in raw:
        raise Problem("invalid_body", "Text may not contain the character U+0000", {"path": "$"})
    return body


def query_of(form: type[S], pairs: Iterable[tuple[str, str]]) -> S:
    """Query parameters as this Struct, numbers and booleans read from their text; raises `invalid_query`."""
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise Problem("invalid_query", "A parameter may come once", {"path": f"$.{name}"})
        values[name] = plain(value, f"$.{name}")
    try:
        return msgspec.convert(values, form, strict=False)
    except msgspec.ValidationError as wrong:
        raise refusal("invalid_query", wrong) from None


def path_of(values: Mapping[str, str]) -> dict[str, str]:
    """The variable parts of an address; raises `invalid_query` for what cannot be text in the database."""
    return {name: plain(value, f"$.{name}") for name, value in values.items()}


def plain(value: str, where: str) -> str:
    """The text itself, if every character of it can be kept; raises `invalid_query`."""
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Problem("invalid_query", "Text may not contain U+0000 or broken UTF-8", {"path": where})
    return value


def key_of(header: str | None, otherwise: str) -> str:
    """The caller's Idempotency-Key, or `otherwise` if none came; raises `invalid_key`."""
    if header is None:
        return otherwise
    if not KEY.fullmatch(header):
        raise Problem("invalid_key")
    return header
