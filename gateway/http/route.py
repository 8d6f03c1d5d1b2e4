"""What a route of the table is, and what its handler gets and gives; nothing here knows aiohttp."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from gateway.http.errors import Problem
from gateway.identity import PUBLIC, Claims

if TYPE_CHECKING:
    from gateway.http.house import House

BODY_BYTES = 64 * 1024


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes from outside: a query or a body; an unknown name in it is an error."""


class Shown(msgspec.Struct, frozen=True):
    """What goes out in an answer."""


class NoQuery(Typed, frozen=True):
    """A route that takes no parameters."""


Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request as a handler sees it, checked: who asks, what, and with which idempotency key."""

    path: dict[str, str]
    query: Q
    body: B
    claims: Claims | None
    client: str
    host: str
    key: str
    trace_id: str

    @property
    def user(self) -> Claims:
        """The bearer; only a route that is not public may ask."""
        if self.claims is None:
            raise Problem("not_signed_in")
        return self.claims


class Document(NamedTuple):
    """An answer that is ready to send: bytes and what they are; with an `etag` it can be answered by 304."""

    body: bytes
    content_type: str
    etag: str = ""
    gzipped: bytes = b""
    status: int = 200


class Answer(NamedTuple):
    """An answer with a status of its own: one of the route's `otherwise`."""

    content: Shown
    status: int


class Words(NamedTuple):
    """What a route is for, in one line of Chinese and one of English."""

    zh: str
    en: str


Handler = Callable[["House", Call[Any, Any]], Awaitable[object]]

ALWAYS = ("invalid_query", "too_many_requests", "internal_error", "not_reachable")
SIGNED_IN = ("not_signed_in", "token_expired", "forbidden")
BODIED = ("invalid_body", "too_large", "not_json")


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
    otherwise: tuple[tuple[int, type[Shown]], ...] = ()
    errors: tuple[str, ...] = ()
    idempotent: bool = False
    body_bytes: int = BODY_BYTES

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
            *(BODIED if self.body else ()),
            *(("invalid_key",) if self.idempotent else ()),
            *self.errors,
        )

    @property
    def name(self) -> str:
        """A word for programs: `get_bays_id`."""
        words = self.path.removeprefix("/api/v1").replace("{", "").replace("}", "").split("/")
        return "_".join([self.method.lower(), *filter(None, words)]).replace(".", "_")
