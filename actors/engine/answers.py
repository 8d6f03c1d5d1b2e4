"""What a host answers to a letter that it took now or has taken before."""

from typing import TypeGuard

import msgspec

from actors.engine.dedup import Taken
from actors.engine.entries import BUSY, DONE, LATE, REPEAT, Answer, ByKey, FromDevice, FromSlot, FromStream, Input
from actors.messages.forms import Refused

ASKERS = frozenset((ByKey, FromDevice))
"""Who hears what an actor replies; to all others a letter is taken, and that is all."""


def done(taken: Taken, source: Input, reply: bytes | None) -> Answer:
    """To a letter that was taken now."""
    if _counted(source):
        return Answer("done", n=taken.highest(source))
    return Answer("done", reply=reply) if reply is not None else DONE


def known(taken: Taken, source: Input, verdict: str) -> Answer:
    """To a letter that is not new: the remembered reply, or how far its source has come."""
    if _counted(source):
        seen = taken.highest(source)
        return Answer("gap", n=seen) if verdict == "gap" else Answer("done", n=seen, note="repeat")
    if isinstance(source, ByKey):
        kept = taken.keys[source.key]
        if kept.body_crc != source.body_crc:
            return no("key_reused", "This key was used for another request. Use a new key.")
        return Answer("done", reply=kept.reply, note="repeat")
    return {"late": LATE, "gap": BUSY}.get(verdict, REPEAT)


def _counted(source: Input) -> TypeGuard[FromSlot | FromStream]:
    """Whether its numbers have no holes: then it wants to know how far it has come."""
    return type(source) is FromSlot or type(source) is FromStream


def no(code: str, sentence: str) -> Answer:
    """To a letter that the engine itself refuses; nothing is remembered of it."""
    return Answer("done", reply=msgspec.msgpack.encode(Refused(code, sentence)))
