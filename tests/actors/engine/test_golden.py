"""What was ever written can be read for ever: fields are only appended, with defaults, and tags never change."""

from typing import Any

import msgspec
import pytest

from actors.engine.entries import FromSlot, Send, Turned
from actors.engine.slot import Slot
from actors.messages.forms import Fact, Message
from actors.values import Ref
from tests.actors.engine.golden import CITY, example, pinned, said

PINNED = pinned()


def test_everything_the_city_says_is_pinned() -> None:
    missing = sorted(set(said()) - set(PINNED))
    assert not missing, f"new: {missing}; pin it with: python -m tests.actors.engine.golden"


def test_nothing_that_was_pinned_has_gone() -> None:
    assert not sorted(set(PINNED) - set(said()))


@pytest.mark.parametrize("name", PINNED)
def test_what_was_written_is_read_as_it_was_meant(name: str) -> None:
    body = bytes.fromhex(PINNED[name])
    value = read(said()[name], body)
    assert begins(msgspec.msgpack.decode(msgspec.msgpack.encode(value)), msgspec.msgpack.decode(body))


def read(cls: type[msgspec.Struct], body: bytes) -> Any:
    """A value as the city reads it: out of all that it might be."""
    if issubclass(cls, Message):
        return CITY.decode_message(body)
    if issubclass(cls, Fact):
        return CITY.decode_fact(body)
    if cls is Turned:
        (turned,) = CITY.decode_page(b"\x91" + body)
        return turned
    return msgspec.msgpack.decode(body, type=cls)


def begins(now: Any, then: Any) -> bool:
    """Whether all that was written stands where it stood; more may have been appended."""
    if isinstance(then, list):
        return len(now) >= len(then) and all(map(begins, now, then))
    return bool(now == then)


def test_a_page_from_before_here_is_folded_as_it_was_meant() -> None:
    """What was taken in its own commit stood in full among what was sent; it waits in no outbox."""
    ref, message = Ref("bay", "20042/1"), example(sorted(CITY.messages, key=lambda cls: cls.__name__)[0])
    turned = Turned(
        FromSlot(1, 1), ref, 7, [], [Send(879, 5, 7, ref, ref, message, True), Send(3, 2, 7, ref, ref, message)]
    )
    (entry,) = CITY.decode_page(CITY.encode([msgspec.to_builtins(turned)[:-1]]))
    slot = Slot(2, CITY.thaw)
    slot.fold(entry, CITY)
    assert (slot.sent, list(slot.outbox)) == ({879: 5, 3: 2}, [3])
