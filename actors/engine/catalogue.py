"""All kinds of one city together: who hears what, and the one encoding of pages, letters, replies and faces."""

import hashlib
import inspect
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from sys import modules
from typing import Any, Union

import msgspec

from actors.engine.actor import Actor
from actors.engine.entries import Answer, Entry, Letter, Silent, Told, Turned
from actors.engine.journal import Snapshot
from actors.engine.law import LawBroken, must_be_answered, must_be_heard, named_types, parts
from actors.engine.roll import Held, Thaw
from actors.messages.forms import Fact, Message, Refused, Reply, Request
from actors.values import Ref

_HERE = Path(__file__).parent
_FOLDING = ("dedup.py", "marks.py", "roll.py", "slot.py")
"""What folds beside the kinds themselves, and what it folds into."""


def union(types: set[type]) -> Any:
    """One type that is any of these, in a stable order."""
    return Union[tuple(sorted(types, key=lambda t: t.__name__))]  # noqa: UP007


class Catalogue:
    """The kinds of a city, what they say to each other as bytes, and the ports to the outside that they may ask."""

    encode = staticmethod(msgspec.msgpack.Encoder().encode)
    """Any of our values as MessagePack."""

    def __init__(self, kinds: tuple[type[Actor], ...], ports: frozenset[str] = frozenset()) -> None:
        self.kinds: dict[str, type[Actor]] = {cls.kind: cls for cls in kinds}
        if len(self.kinds) != len(kinds):
            raise LawBroken("two kinds have one name")
        handlers: Callable[[Any], set[type[Message]]] = lambda cls: set(cls.handlers)  # noqa: E731
        must_be_heard(dict(self.kinds), handlers)
        must_be_answered(dict(self.kinds), ports, handlers)
        self.leaving = frozenset(cls.kind for cls in kinds if cls.leaves)
        self.messages = {message for cls in kinds for message in cls.handlers}
        self.facts = {fact for cls in kinds for fact in cls.folds}
        self.replies = {reply for cls in kinds for reply in named_types(cls, Reply)} | {Refused}
        self._asked = {(cls.kind, request) for cls in kinds for request in named_types(cls, Request)}
        self._heard = {(cls.kind, message) for cls in kinds for message in cls.handlers}
        message, fact = union(set(self.messages)), union(set(self.facts))
        self._pages = msgspec.msgpack.Decoder(list[Turned[message, fact] | Silent])  # type: ignore[valid-type]
        self._told = msgspec.msgpack.Decoder(list[Told[fact] | Silent])  # type: ignore[valid-type]
        self._letters = msgspec.msgpack.Decoder(list[Letter[message]])  # type: ignore[valid-type]
        self._message: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(message)
        self._fact: msgspec.msgpack.Decoder[Fact] = msgspec.msgpack.Decoder(fact)
        self._replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(union(set(self.replies)))
        held = msgspec.msgpack.Decoder(Held[union(set(self.kinds.values()))])  # type: ignore[misc]
        self.thaw: Thaw = held.decode
        """What a slot holds of one identity, from bytes."""
        requests = union({request for _, request in self._asked} or {Request})
        self._requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(requests)
        self._answers = msgspec.msgpack.Decoder(list[Answer])

    def hears(self, kind: str, message: type[Message]) -> bool:
        """Whether actors of this kind take this message."""
        return (kind, message) in self._heard

    def asks(self, kind: str, request: type[Request]) -> bool:
        """Whether actors of this kind may ask this of the outside."""
        return (kind, request) in self._asked

    def new(self, ref: Ref) -> Actor:
        """An actor to whom nothing has happened yet; KeyError for an unknown kind."""
        return self.kinds[ref.kind]()

    def decode_page(self, body: bytes) -> list[Entry[Any, Any]]:
        """The entries of a page; msgspec.ValidationError for an unknown tag (the cell must stop)."""
        return self._pages.decode(body)

    def decode_told(self, body: bytes) -> list[Told[Any]]:
        """What a page made true; msgspec.ValidationError as above."""
        return [entry for entry in self._told.decode(body) if type(entry) is Told]

    def decode_letters(self, body: bytes) -> list[Letter[Any]]:
        """A batch of letters."""
        return self._letters.decode(body)

    def decode_answers(self, body: bytes) -> list[Answer]:
        """The answers to a batch, in its order."""
        return self._answers.decode(body)

    def after(self, snapshot: Snapshot | None) -> int:
        """From which page on a slot is read that has this snapshot: from the first, if other code made it."""
        return snapshot.seq if snapshot is not None and snapshot.fold == self.fingerprint else 0

    def decode_message(self, body: bytes) -> Message:
        """One message."""
        return self._message.decode(body)

    def decode_fact(self, body: bytes) -> Fact:
        """One fact."""
        return self._fact.decode(body)

    def decode_reply(self, body: bytes) -> Reply:
        """One reply, refusals included."""
        return self._replies.decode(body)

    def decode_request(self, body: bytes) -> Request:
        """One request to the outside."""
        return self._requests.decode(body)

    @cached_property
    def fingerprint(self) -> str:
        """Of the fold code and the state types: a snapshot made by other code is used only if pages are gone.

        Whole files: what a fold calls stands beside its class, and a cell that starts is in no mood to parse them.
        """
        kinds = self.kinds.values()
        folding = {part.__module__ for cls in kinds for part in parts(cls)} | {fact.__module__ for fact in self.facts}
        files = [_HERE / name for name in _FOLDING] + [Path(inspect.getfile(modules[name])) for name in sorted(folding)]
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
