"""What is said to a lot (a street section or an off-street lot), what becomes true of it, and its face."""

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.messages.section import Hold


class BayChanged(Command, frozen=True, gc=False):
    """One of the lot's bays now shows another state or type; `was` is empty when it is new to the lot."""

    bay: str
    bay_type: str
    was: str
    now: str
    was_type: str = ""


class CountQuery(Query, frozen=True, gc=False):
    """Asks a lot for its counts."""


class Counted(Fact, frozen=True, gc=False):
    """One bay moved from one state (and type) to another; empty `was` adds a bay."""

    bay: str
    bay_type: str
    was: str
    now: str
    was_type: str


class LotFace(Face, frozen=True, gc=False):
    """A lot as others see it: bays by type and shown state, `{type: {state: n}}`, and who works there (who had it last:
    a lease may be over).
    """

    counts: dict[str, dict[str, int]]
    hold: Hold | None = None


class CountAnswer(Reply, frozen=True, gc=False):
    """The lot's counts, as an answer."""

    face: LotFace
