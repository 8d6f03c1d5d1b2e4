"""Pages of a list by key: a cursor names the last row seen, so rows that come and go move nothing else."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import msgspec

from gateway.http.errors import Problem
from gateway.http.forms import Typed

R = TypeVar("R")

LIMIT_MAX: Final = 500
CURSOR_CHARS: Final = 256
ANY: Final = re.compile(r"[^\0]+")
NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)


class Paged(Typed, frozen=True):
    """The parameters of every list: how many rows, and after which (a cursor of the page before)."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX, description="Rows in one page")] = 100
    after: Annotated[
        str, msgspec.Meta(max_length=CURSOR_CHARS, description="`next` of the page before; empty: from the start")
    ] = ""


def cursor(key: str | int) -> str:
    """The opaque form of a row's key."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_after(query: Paged, form: re.Pattern[str] = ANY) -> str | None:
    """The key to go on after, or None at the start; raises `invalid_query` for what is no key of this form."""
    if not query.after:
        return None
    try:
        text = base64.urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not form.fullmatch(text) or cursor(text) != query.after:
        raise Problem("invalid_query", "This is not a cursor of ours", {"path": "$.after"})
    return text


def number_after(query: Paged) -> int | None:
    """The same for lists whose key is a number."""
    key = key_after(query, NUMBER)
    return None if key is None else int(key)


def page_of(rows: list[R], limit: int, key: Callable[[R], str | int]) -> tuple[list[R], str | None]:
    """A page of `limit` rows and the cursor of the next, from one row more than was asked for."""
    page = rows[:limit]
    return page, cursor(key(page[-1])) if len(rows) > limit else None
