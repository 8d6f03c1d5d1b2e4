"""What a page says: the entries of a slot's journal, the identities of messages, and the letters that carry them."""

from typing import Generic, TypeVar

import msgspec

from actors.values import Micros, Ref

M = TypeVar("M")
F = TypeVar("F")


class FromSlot(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="s"):
    """The n-th message of one slot to another."""

    slot: int
    n: int


class FromDevice(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="d"):
    """A device's own number; it grows within a boot, with gaps, and boots grow."""

    ref: Ref
    boot: int
    n: int


class ByKey(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="k"):
    """A caller's key, with the checksum of what it asked for."""

    key: str
    body_crc: int


class FromWake(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="w"):
    """The slot's own n-th wake."""

    n: int


class FromStream(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="n"):
    """The n-th message of a numbered stream (simulator, replay) to this slot."""

    name: str
    n: int


class FromOutside(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="o"):
    """The answer to the n-th thing that the slot asked of the outside."""

    n: int


Input = FromSlot | FromDevice | ByKey | FromWake | FromStream | FromOutside


class Send(msgspec.Struct, Generic[M], array_like=True, frozen=True, gc=False):
    """One message to another actor: the n-th of its slot to slot `to`. `here`: taken in the same commit; pages have had
    such ones in `Turned.here` alone since that is there.
    """

    to: int
    n: int
    at: Micros
    sender: Ref
    ref: Ref
    message: M
    here: bool = False


class SetWake(msgspec.Struct, Generic[M], array_like=True, frozen=True, gc=False, tag="w"):
    """A durable alarm of an actor; the same name again replaces it."""

    n: int
    at: Micros
    name: str
    message: M


class CancelWake(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="c"):
    """The alarm is taken back."""

    n: int


class Ask(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The slot's n-th request to the outside, encoded, for this port; kept until its answer is taken."""

    n: int
    port: str
    request: bytes


class Turned(msgspec.Struct, Generic[M, F], array_like=True, frozen=True, gc=False, tag="t"):
    """One message taken: who decided, when, and all that follows; also when nothing follows.

    `here`: (slot, n) of each message that was taken in the same commit. What it said is in no page, for nobody has to
    say it again, and what came of it stands in the turn that took it.
    """

    input: Input
    ref: Ref
    at: Micros
    facts: list[F] = []
    sends: list[Send[M]] = []
    wakes: list[SetWake[M] | CancelWake] = []
    reply: bytes | None = None
    asks: list[Ask] = []
    here: list[tuple[int, int]] = []


class Acked(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="a"):
    """Slot `to` has durably taken my messages up to n."""

    to: int
    n: int


class Opened(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="o"):
    """A process took the slot over."""

    cell: str


class Marked(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="m"):
    """Nothing happened until then: a page that lets older ones go."""

    at: Micros


class Parked(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="p"):
    """A message (encoded) whose turn failed: taken, without effect, kept for staff."""

    input: Input
    ref: Ref
    at: Micros
    error: str
    message: bytes = b""


class Left(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="l"):
    """These are on the roll no more: what they were was durable in the table `absent` before."""

    refs: list[Ref]


class Returned(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="r"):
    """One who left is on the roll again, as he was (all that a slot holds of him, encoded)."""

    ref: Ref
    held: bytes


Silent = Acked | Opened | Marked | Parked | Left | Returned
"""What makes nothing true that others may see."""

Entry = Turned[M, F] | Silent


class Told(msgspec.Struct, Generic[F], array_like=True, frozen=True, gc=False, tag="t"):
    """A `Turned` as others read it: what became true of whom, and when; the rest of it is passed over unread."""

    input: msgspec.Raw
    ref: Ref
    at: Micros
    facts: list[F] = []


class Letter(msgspec.Struct, Generic[M], array_like=True, frozen=True, gc=False):
    """A message on its way to a slot. A query has no input. `at` is its own time in virtual time, else 0."""

    slot: int
    input: Input | None
    ref: Ref
    message: M
    at: Micros = 0


class Answer(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a cell says to a letter.

    `how`: done (durable), moved (try `cell`), gap (I have up to `n`), busy, again (untouched: something before it in
    this batch was not done). `note` of a done one: "", repeat, or late. `reply` is the encoded reply, if any.
    """

    how: str
    reply: bytes | None = None
    n: int = 0
    note: str = ""
    cell: str = ""


DONE = Answer("done")
REPEAT = Answer("done", note="repeat")
LATE = Answer("done", note="late")
BUSY = Answer("busy")
AGAIN = Answer("again")
