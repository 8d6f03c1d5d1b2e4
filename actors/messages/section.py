"""What is said about who works on a street section: a lock that is a lease, held by one collector at a time."""

import msgspec

from actors.messages.forms import Command, Fact, Query, Reply
from actors.values import Micros


class Hold(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Who has a section, on which device, for which shift (empty: not opened yet), since when and until when."""

    collector: str
    name: str
    device: str
    device_name: str
    shift: str
    since_us: Micros
    until_us: Micros


class TakeSection(Command, frozen=True, gc=False):
    """A collector wants to work here: theirs for `lease_us`, which is short, until their shift is open. Answered by
    `SectionHeld`, or refused with `section_taken` and who holds it. `by`: a supervisor says so, whoever holds it.
    """

    collector: str
    name: str
    device: str
    device_name: str
    lease_us: Micros
    by: str = ""


class KeepSection(Command, frozen=True, gc=False):
    """From a collector whose shift is open or goes on: theirs for `lease_us` from now. If another has it, they hear
    `SectionGone`.
    """

    collector: str
    name: str
    device: str
    device_name: str
    shift: str
    lease_us: Micros


class FreeSection(Command, frozen=True, gc=False):
    """A collector works here no longer (`shift` empty: has not begun to). `by`: a supervisor says so, of whoever
    holds it.
    """

    collector: str
    shift: str
    by: str = ""


class SectionQuery(Query, frozen=True, gc=False):
    """Asks a section who works there."""


class SectionTaken(Fact, frozen=True, gc=False):
    """A collector has the section; `by` is the supervisor who said so over another's head."""

    hold: Hold
    by: str = ""


class SectionKept(Fact, frozen=True, gc=False):
    """Who has the section has it for this shift until then."""

    shift: str
    until_us: Micros


class SectionFreed(Fact, frozen=True, gc=False):
    """Nobody has the section."""

    collector: str
    at_us: Micros
    by: str = ""


class SectionHeld(Reply, frozen=True, gc=False):
    """Who has a section now; None: nobody."""

    lot: str
    hold: Hold | None
