"""What belongs together: which pictures and video a report has to bring to be whole."""

from collections.abc import Iterable
from typing import Final

import msgspec

ROLES: Final = ("entry", "exit", "plate", "tail", "panorama", "head", "video", "other")
"""What a picture or video shows of what it is about."""

SOURCES: Final = ("pda", "patrol", "camera", "pile", "lane", "device", "staff")
"""Who or what took it."""

WHOLE: Final[dict[str, tuple[str, ...]]] = {"patrol": ("tail", "panorama", "head", "video")}
"""What one report of a source has to bring; sources that are not named here may bring what they like."""


class Report(msgspec.Struct, frozen=True):
    """One report as its evidence stands: complete, or what is missing of it."""

    report: str
    source: str
    missing: list[str]
    complete: bool


def reports(items: Iterable[tuple[str, str, str]]) -> list[Report]:
    """(report, source, role) of each item → the reports that have to be whole, in the order in which they began."""
    roles: dict[tuple[str, str], set[str]] = {}
    for report, source, role in items:
        if source in WHOLE:
            roles.setdefault((report, source), set()).add(role)
    found = []
    for (report, source), there in roles.items():
        missing = [role for role in WHOLE[source] if role not in there]
        found.append(Report(report, source, missing, not missing))
    return found
