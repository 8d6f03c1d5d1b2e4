"""How a vehicle stands in one lot at one time: which list counts there, which passes may cover it."""

from collections.abc import Iterable
from typing import NamedTuple

from actors.messages.vehicle import Listing, Pass
from actors.values import Micros


class Place(NamedTuple):
    """Where and when somebody asks: a lot, its groups, a time."""

    lot: str
    groups: tuple[str, ...]
    at_us: Micros


class ListWord(NamedTuple):
    """`black`, `white`, `special` or nothing, and why. Beside it, whose it is: that changes nothing of what it pays."""

    list: str
    why: str
    disabled: bool
    company: bool


def list_word(lists: Iterable[Listing], special: str, place: Place) -> ListWord:
    """Black goes before white, and white before a special plate (`special` is its class, or empty)."""
    here = {each.list: each for each in sorted(lists, key=lambda each: each.id) if _holds(each, place)}
    whose = ("disabled" in here, "company" in here)
    for word in ("black", "white"):
        if word in here:
            return ListWord(word, here[word].reason, *whose)
    return ListWord("special" if special else "", special, *whose)


def passes_here(passes: Iterable[Pass], place: Place, begun: bool) -> tuple[str, ...]:
    """The passes for this place that have not ended then, the one that lasts longest first; `begun`: and have begun."""
    fitting = [
        each
        for each in passes
        if (place.lot in each.lots or set(place.groups) & set(each.groups))
        and place.at_us < each.until_us
        and not (begun and place.at_us < each.from_us)
    ]
    return tuple(each.id for each in sorted(fitting, key=lambda each: (-each.until_us, each.id)))


def _holds(listing: Listing, place: Place) -> bool:
    inside = listing.from_us <= place.at_us and not (listing.until_us and listing.until_us <= place.at_us)
    return inside and (not listing.lots or place.lot in listing.lots)
