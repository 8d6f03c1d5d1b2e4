"""When the owner of a bay shares it with others."""

from datetime import date

from actors.messages.holding import Share
from actors.tariffs.zone import EPOCH, zone_named
from actors.values import MINUTE_US, Micros

WINDOWS_MOST = 64
"""So many windows on end are looked at: whoever stays longer than these reserves again."""


def given_away(share: Share, from_us: Micros, until_us: Micros) -> bool:
    """Whether others than the owner may use the bay for all of this time."""
    there = share.state == "active" and share.from_us <= from_us and until_us <= share.until_us
    frozen = from_us < share.frozen_until_us and share.frozen_from_us < until_us
    return there and not frozen and _in_windows(share, from_us, until_us)


def _in_windows(share: Share, from_us: Micros, until_us: Micros) -> bool:
    """Whether the owner's windows hold all of this time, one after the other without a gap."""
    at_us = from_us
    for _ in range(WINDOWS_MOST):
        end_us = _end_of_window(share, at_us)
        if end_us is None or end_us >= until_us:
            return end_us is not None
        at_us = end_us
    return False


def _end_of_window(share: Share, at_us: Micros) -> Micros | None:
    """When the window ends that holds this instant; None if none does."""
    zone = zone_named(share.zone)
    day = zone.day_of(at_us)
    weekday = date.fromordinal(EPOCH + day).weekday()
    spans = [
        (zone.instant(day, each.from_minute * MINUTE_US), zone.instant(day, each.until_minute * MINUTE_US))
        for each in share.windows
        if each.weekday == weekday
    ]
    return max((end for begin, end in spans if begin <= at_us < end), default=None)
