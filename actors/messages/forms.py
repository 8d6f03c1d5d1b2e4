"""The five forms of what is said: command, query, request, fact, reply; all array-like MessagePack with a tag."""

from typing import ClassVar

import msgspec


class Message(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=True):
    """Something said to one actor; fields are only ever appended, with defaults."""


class Command(Message, frozen=True, gc=False):
    """A message that may change something: its turn is durable before it is answered."""


class Order(Command, frozen=True, gc=False, kw_only=True):
    """The register's word on an actor. `order` grows with every one, so that whoever has taken a later one knows that
    this one is old; 0 if it was not the register that said it. Further fields of orders are `kw_only`, to come last.
    """

    order: int = 0


class Query(Message, frozen=True, gc=False):
    """A message that only asks: its turn may record, send and wake nothing."""


class Request(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=True):
    """Something an actor asks of a port to the outside; it hears one of `answers`, once, whenever that comes."""

    port: ClassVar[str] = ""
    answers: ClassVar[tuple[type[Command], ...]] = ()


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=True):
    """Something that became true, kept for ever; the only thing that changes an actor."""


class Reply(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=True):
    """What an actor answers to a command or a query."""


class Refused(Reply, frozen=True, gc=False):
    """An answer that says no: a stable machine word, a sentence, and what it is about."""

    code: str
    message: str
    details: dict[str, str] = {}


class Face(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=True):
    """What others may see of one actor: its observable state, taken from committed pages only."""
