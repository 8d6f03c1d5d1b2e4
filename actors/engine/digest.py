"""A digest of what became true: per actor its facts in order, then over all actors; placement cannot change it."""

import hashlib
from collections.abc import Callable, Iterable

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Turned
from actors.messages.forms import Fact
from actors.values import Micros, Ref

Meaning = Callable[[Fact, Micros], object]


def all_of_it(fact: Fact, at: Micros) -> object:
    """A fact with the time of its turn: what virtual time must reproduce exactly."""
    return at, fact


class Digest:
    """Chains every actor's facts; `meaning` says what of a fact counts."""

    def __init__(self, catalogue: Catalogue, meaning: Meaning = all_of_it) -> None:
        self._catalogue = catalogue
        self._meaning = meaning
        self._chains: dict[Ref, bytes] = {}
        self.facts = 0

    def add_page(self, body: bytes) -> None:
        """The facts of one more page; `Opened`, `Acked` and the borders of pages count for nothing."""
        for entry in self._catalogue.decode_page(body):
            if isinstance(entry, Turned):
                for fact in entry.facts:
                    self._add(entry.ref, self._catalogue.encode(self._meaning(fact, entry.at)))

    def _add(self, ref: Ref, said: bytes) -> None:
        self.facts += 1
        self._chains[ref] = hashlib.blake2b(self._chains.get(ref, b"") + said, digest_size=16).digest()

    def value(self) -> str:
        """The digest of all actors."""
        whole = hashlib.blake2b(digest_size=16)
        for ref in sorted(self._chains):
            whole.update(f"{ref}".encode() + self._chains[ref])
        return whole.hexdigest()

    def of_pages(self, bodies: Iterable[bytes]) -> str:
        """The digest after these pages, too."""
        for body in bodies:
            self.add_page(body)
        return self.value()
