"""What is said about how many stays may be let go free by hand in a day: by one collector, and in one lot."""

from actors.messages.forms import Command, Fact, Reply


class CountFree(Command, frozen=True, gc=False):
    """To a collector or a lot: this person wants to let a stay go free on this day (days since 1970 in the city).
    Refused with `quota_used` if `most` others went free already; the same stay again counts once.
    """

    session: str
    person: str
    day: int
    most: int


class FreeCounted(Fact, frozen=True, gc=False):
    """One more stay of this day goes free by hand."""

    session: str
    person: str
    day: int


class FreeCount(Reply, frozen=True, gc=False):
    """So many of this day's stays go free by hand, with this one."""

    n: int
