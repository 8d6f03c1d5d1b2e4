"""A window of virtual time: letters at their own times, wakes up to its end, and what its actors say to others."""

import msgspec

from actors.engine.entries import FromSlot
from actors.engine.host import Host
from actors.engine.outgoing import OUTBOX_MOST
from actors.values import Micros


def let_pass(host: Host, payload: bytes) -> None:
    """`[letters, end_us]`: takes them, and rings what is due by then."""
    raw, end_us = msgspec.msgpack.decode(payload, type=tuple[msgspec.Raw, Micros])
    answers = host.deliver(host.catalogue.decode_letters(bytes(raw)), 0)
    refused = [answer.how for answer in answers if answer.how != "done"]
    if refused:
        raise RuntimeError(f"{host.cell} could not take a window: {refused[:3]}")
    while (due := host.tick(end_us)) is not None and due <= end_us:
        pass


def said(host: Host) -> bytes:
    """`[letters that its actors say to others, when the next wake is due]`, once all of it is durable."""
    letters = [letter for pair in host.pairs() for letter in host.outgoing(*pair, most=OUTBOX_MOST)]
    for letter in letters:
        if isinstance(letter.input, FromSlot):
            host.acked(letter.input.slot, letter.slot, letter.input.n)
    return host.catalogue.encode((letters, host.next_wake()))
