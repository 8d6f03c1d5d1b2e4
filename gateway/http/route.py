"""What a route of the table is: one line that says everything about one address and method."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from gateway.http.forms import Call, NoQuery, Raw, Typed
from gateway.http.house import House
from gateway.identity import PUBLIC

API: Final = "/api/v1"
BODY_BYTES: Final = 64 * 1024


class Words(NamedTuple):
    """What a route is for, in one line of Chinese and one of English."""

    zh: str
    en: str


Handler = Callable[[House, Call[Any, Any]], Awaitable[object]]

ALWAYS: Final = ("invalid_query", "too_many_requests", "internal_error", "not_reachable")
SIGNED_IN: Final = ("not_signed_in", "token_expired", "forbidden")
BODIED: Final = ("invalid_body", "too_slow", "too_large")


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table: an address, who may use it, what it takes, gives and refuses.

    `reply` is the Struct of the answer, a content type for documents, or None for 204. `errors` are the codes that
    are its own; those of every route of its form are added by `codes`.
    """

    method: str
    path: str
    tag: str
    permission: str
    handler: Handler
    summary: Words
    query: type[Typed] = NoQuery
    body: type[Typed] | None = None
    reply: type[msgspec.Struct] | str | None = None
    status: int = 200
    otherwise: tuple[tuple[int, type[msgspec.Struct]], ...] = ()
    errors: tuple[str, ...] = ()
    idempotent: bool = False
    body_bytes: int = BODY_BYTES
    asks: bool = False
    """Whether it stores nothing although it takes a body: a permission to read is enough."""

    @property
    def takes(self) -> str:
        """The content type of its body."""
        return "application/octet-stream" if self.body is Raw else "application/json"

    @property
    def public(self) -> bool:
        """Whether it needs no token."""
        return self.permission == PUBLIC

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code with which this route may refuse."""
        return (
            *ALWAYS,
            *(() if self.public else SIGNED_IN),
            *((*BODIED, "not_raw" if self.body is Raw else "not_json") if self.body else ()),
            *(("invalid_key",) if self.idempotent else ()),
            *self.errors,
        )

    @property
    def name(self) -> str:
        """A word for programs: `get_bays_id`."""
        words = self.path.removeprefix(API).replace("{", "").replace("}", "").split("/")
        return "_".join([self.method.lower(), *filter(None, words)]).replace(".", "_")
