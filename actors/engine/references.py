"""Reference data in a cell: every version of every name, and which one is in force when."""

from bisect import bisect_right
from typing import Any

import msgspec

from actors.engine.turn import Reference
from actors.values import Micros


class References:
    """Versions of tariffs, lists and switches; `effective_from` decides which is in force, not arrival."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Reference]] = {}
        self.known: dict[str, int] = {}

    def add(self, name: str, version: int, effective_from: Micros, body: bytes) -> None:
        """One more version; the same version again is ignored."""
        if version <= self.known.get(name, 0):
            return
        self.known[name] = version
        value: Any = msgspec.msgpack.decode(body)
        versions = self._versions.setdefault(name, [])
        versions.append(Reference(name, version, effective_from, value))
        versions.sort(key=lambda r: (r.effective_from, r.version))

    def at(self, name: str, now: Micros) -> Reference:
        """The version in force at `now`; KeyError if there is none."""
        versions = self._versions.get(name, [])
        place = bisect_right(versions, now, key=lambda r: r.effective_from)
        if place == 0:
            raise KeyError(f"no version of {name} is in force")
        return versions[place - 1]

    def version(self, name: str, number: int) -> Reference:
        """This very version; KeyError if it is not known here."""
        for each in self._versions.get(name, ()):
            if each.version == number:
                return each
        raise KeyError(f"version {number} of {name} is not known here")

    def after(self, reference: Reference, until: Micros) -> list[Reference]:
        """The versions that take effect after that one, up to `until`, in that order."""
        own = (reference.effective_from, reference.version)
        later = (each for each in self._versions.get(reference.name, ()) if each.effective_from <= until)
        return [each for each in later if (each.effective_from, each.version) > own]
