"""Pages of a list by key: a cursor names the last row seen, so rows that come and go move nothing else."""

import base64
import binascii
from typing import Annotated

import msgspec

from gateway.http.errors import Problem
from gateway.http.route import Typed

LIMIT_MAX = 500
CURSOR_CHARS = 256


class Paged(Typed, frozen=True):
    """The parameters of every list: how many rows, and after which (a cursor of the page before)."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX, description="Rows in one page")] = 100
    after: Annotated[
        str, msgspec.Meta(max_length=CURSOR_CHARS, description="`next` of the page before; empty: from the start")
    ] = ""


def cursor(key: str | int) -> str:
    """The opaque form of a row's key."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_after(query: Paged) -> str | None:
    """The key to go on after, or None at the start; raises `invalid_query` for what is no cursor of ours."""
    if not query.after:
        return None
    try:
        text = base64.urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text or "\0" in text or cursor(text) != query.after:
        raise Problem("invalid_query", "This is not a cursor of ours", {"path": "$.after"})
    return text


def number_after(query: Paged) -> int | None:
    """The same for lists whose key is a number."""
    key = key_after(query)
    if key is None:
        return None
    if not key.isascii() or not key.isdecimal() or len(key) > 18:
        raise Problem("invalid_query", "This is not a cursor of ours", {"path": "$.after"})
    return int(key)
