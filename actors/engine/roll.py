"""The roll of a slot: everybody of whom it keeps something. Those lately heard of are objects, all others bytes."""

from collections.abc import Callable, Container, Iterator
from sys import intern
from typing import Generic, TypeVar

import msgspec

from actors.engine.actor import Actor
from actors.engine.dedup import Window
from actors.engine.marks import Marks
from actors.values import Ref

A = TypeVar("A")

_encode = msgspec.msgpack.Encoder().encode
NO_MOST = 1 << 62
_PLACES = tuple(range(1 << 13))
"""One object for each of the first numbers: most of these are kept by every slot."""


class Held(msgspec.Struct, Generic[A], array_like=True, gc=False):
    """All that a slot keeps of one identity: its actor (None: nothing ever happened to it), the window over its own
    numbers (None: it never used any), and the numbers of the wakes that it has set.
    """

    actor: A | None = None
    window: Window | None = None
    wakes: tuple[int, ...] = ()


Thaw = Callable[[bytes], Held[Actor]]
"""Makes bytes an object again, in the types of one catalogue."""

_NOBODY: Held[Actor] = Held()


class Roll:
    """Ref → what is held of it. What `of` and `join` give may be changed until the next `rest`."""

    __slots__ = (
        "_again",
        "_came",
        "_free",
        "_held",
        "_keys",
        "_last",
        "_last_held",
        "_last_place",
        "_places",
        "_thaw",
        "left",
    )

    def __init__(self, thaw: Thaw) -> None:
        self._thaw = thaw
        self._places: dict[str, dict[str, int]] = {}
        self._keys: list[str] = []
        self._held: list[Held[Actor] | bytes] = []
        self._came: list[int] = []  # who became objects
        self._again = bytearray()  # of whom something was noted since
        self._free: list[int] = []  # places of those who left
        self.left = Marks()
        self._last: Ref | None = None  # who was asked for last, an object: a turn asks for him some times
        self._last_held = _NOBODY
        self._last_place = 0

    def __len__(self) -> int:
        return len(self._keys) - len(self._free)

    def of(self, ref: Ref) -> Held[Actor] | None:
        """What is held of it; None: nothing."""
        if ref is self._last or ref == self._last:
            return self._last_held
        place = self._place(ref)
        return None if place is None else self._find(ref, place)

    def actor(self, ref: Ref) -> Actor | None:
        """Its actor, if anything ever happened to it."""
        held = self.of(ref)
        return None if held is None else held.actor

    def join(self, ref: Ref) -> Held[Actor]:
        """What is held of it, from now on, to note something in it."""
        if ref is self._last or ref == self._last:
            self._again[self._last_place] = True
            return self._last_held
        place = self._place(ref)
        if place is None:
            place = self._new(ref.kind, ref.key, Held())
        self._again[place] = True
        return self._find(ref, place)

    def leave(self, refs: list[Ref]) -> None:
        """These are no longer here, and it is remembered that they were."""
        for kind, key in refs:
            places = self._places[kind]
            place = places.pop(key)
            if not places:  # as if none of them had ever come: a snapshot has no empty kinds either
                del self._places[kind]
            self._keys[place], self._held[place], self._again[place] = "", b"", False
            self._free.append(place)
        self.left.add(refs)
        self._last, self._last_held = None, _NOBODY

    def back(self, ref: Ref, body: bytes) -> None:
        """Somebody who left is here again."""
        self._new(ref.kind, ref.key, body)

    def away(self, ref: Ref) -> bool:
        """Whether somebody left and is not back."""
        return self._place(ref) is None and ref in self.left

    def name(self, ref: Ref) -> tuple[str, str]:
        """The kind and key of one who is on the roll, as the very objects that the roll keeps."""
        place = self._place(ref)
        assert place is not None
        return intern(ref.kind), self._keys[place]

    def came(self) -> list[int]:
        """The places of all who became objects since this was asked last."""
        came = self._came
        if came:
            self._came = []
            for place in came:
                self._again[place] = False
        return came

    def rest(self, places: list[int], most: int = NO_MOST) -> list[int]:
        """Turns those who have these places into bytes; gives who goes on as he is: of whom something was noted since
        he came, or since this was asked last, and who would be more than `most` bytes.
        """
        self._last, self._last_held = None, _NOBODY
        again, all_held = self._again, self._held
        going_on: list[int] = []
        for place in places:
            held = all_held[place]
            if again[place]:
                again[place] = False
                going_on.append(place)
            elif not isinstance(held, bytes):
                body = _encode(held)
                if len(body) > most:
                    going_on.append(place)
                else:
                    all_held[place] = body
        return going_on

    def peek(self, ref: Ref) -> Actor | None:
        """The actor as it is now, only to be looked at."""
        place = self._place(ref)
        return None if place is None else self._look(place).actor

    def actors(self) -> Iterator[tuple[Ref, Actor]]:
        """All actors, only to be looked at."""
        for kind, places in self._places.items():
            for key, place in places.items():
                actor = self._look(place).actor
                if actor is not None:
                    yield Ref(kind, key), actor

    def bodies(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """The key of each one of a kind, and all that is held of him as bytes."""
        for key, place in self._places.get(kind, {}).items():
            yield key, self._bytes(place)

    def body(self, ref: Ref) -> bytes | None:
        """All that is held of one as bytes; None: nothing."""
        place = self._place(ref)
        return None if place is None else self._bytes(place)

    def packed(self) -> dict[str, dict[str, msgspec.Raw]]:
        """All of it as bytes, by kind and key, in the order of joining."""
        return {
            kind: {key: msgspec.Raw(self._bytes(place)) for key, place in places.items()}
            for kind, places in self._places.items()
        }

    def unpack(self, packed: dict[str, dict[str, msgspec.Raw]]) -> None:
        """Fills an empty roll; nobody is made an object before he is heard of."""
        for kind, held in packed.items():
            for key, body in held.items():
                self._new(kind, key, bytes(body))

    def only(self, kinds: Container[str]) -> "Roll":
        """Another one, of these kinds alone."""
        kept = Roll(self._thaw)
        kept.unpack({kind: held for kind, held in self.packed().items() if kind in kinds})
        return kept

    def check(self) -> None:
        """Reads all that is bytes; raises msgspec.ValidationError for what this code cannot read."""
        for held in self._held:
            if isinstance(held, bytes):
                self._thaw(held)

    def _place(self, ref: Ref) -> int | None:
        kind, key = ref
        places = self._places.get(kind)
        return None if places is None else places.get(key)

    def _new(self, kind: str, key: str, held: Held[Actor] | bytes) -> int:
        if self._free:
            place = self._free.pop()
            self._keys[place], self._held[place] = key, held
        else:
            place = len(self._keys)
            self._keys.append(key)
            self._held.append(held)
            self._again.append(False)
        if place < len(_PLACES):
            place = _PLACES[place]
        self._places.setdefault(intern(kind), {})[key] = place
        if not isinstance(held, bytes):
            self._came.append(place)
        return place

    def _find(self, ref: Ref, place: int) -> Held[Actor]:
        held = self._held[place]
        if isinstance(held, bytes):
            held = self._held[place] = self._thaw(held)
            self._came.append(place)
        self._last, self._last_held, self._last_place = ref, held, place
        return held

    def _look(self, place: int) -> Held[Actor]:
        held = self._held[place]
        return self._thaw(held) if isinstance(held, bytes) else held

    def _bytes(self, place: int) -> bytes:
        held = self._held[place]
        return held if isinstance(held, bytes) else _encode(held)
