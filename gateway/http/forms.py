"""What a handler gets and gives: typed input, the checked call, and the forms of an answer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gateway.http.errors import Problem
from gateway.identity import Claims


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


class Raw(Typed, frozen=True):
    """A body that is taken as it comes: bytes (application/octet-stream)."""

    content: bytes


class Stream(NamedTuple):
    """An answer that is sent as it is read: so many bytes of this type, or only those from first to last."""

    read: Callable[[int, int], AsyncIterator[bytes]]
    size: int
    content_type: str
    etag: str


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
