"""A topic: a body that changes in ticks, and the last deltas, kept so that whoever was away can catch up."""

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from actors.values import MINUTE_US, Micros

RING_BYTES = 1 << 20

Body = dict[str, Any]

_encode = msgspec.msgpack.Encoder().encode


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """One step of a topic: a delta from `prev` to `seq`, or (without `prev`) the whole body; `body` is MessagePack."""

    topic: str
    epoch: str
    prev: int | None
    seq: int
    at: Micros
    body: bytes


class Topic:
    """One named body with its place in time, (epoch, seq), and the ring of deltas that led there.

    What is written between two cuts is pending: a snapshot shows the last cut only, so every snapshot lies exactly
    between two deltas.
    """

    lossless: ClassVar[bool] = False
    ring_weight: ClassVar[int] = RING_BYTES
    ring_us: ClassVar[Micros] = MINUTE_US

    def __init__(self, name: str, epoch: str) -> None:
        self.name = name
        self.epoch = epoch
        self.seq = 0
        self.at: Micros = 0
        self.body: Body = {}
        self._ring: deque[tuple[Piece, int]] = deque()
        self._weight = 0
        self._snapshot: bytes | None = None

    def snapshot(self) -> Piece:
        """The whole body as of the last cut."""
        if self._snapshot is None:
            self._snapshot = _encode(self.body)
        return Piece(self.name, self.epoch, None, self.seq, self.at, self._snapshot)

    def join(self, epoch: str | None = None, seq: int | None = None) -> list[Piece]:
        """What brings a subscriber at (epoch, seq) here: deltas while they are kept, else the whole body."""
        deltas = self._since(seq) if epoch == self.epoch and seq is not None else None
        whole = self.snapshot()
        if deltas is None or (not self.lossless and sum(len(delta.body) for delta in deltas) > len(whole.body)):
            return [whole]
        return deltas or [_still(whole)]

    def _since(self, seq: int) -> list[Piece] | None:
        if seq == self.seq:
            return []
        kept = [piece for piece, _ in self._ring if piece.prev is not None and piece.prev >= seq]
        return kept if kept and kept[0].prev == seq else None

    def _keep(self, seq: int, at: Micros, body: Body, weight: int) -> Piece:
        piece = Piece(self.name, self.epoch, self.seq, seq, at, _encode(body))
        self.seq, self.at, self._snapshot = seq, at, None
        weight = weight or len(piece.body)
        self._ring.append((piece, weight))
        self._weight += weight
        while self._too_much(at):
            self._weight -= self._ring.popleft()[1]
        return piece

    def _too_much(self, at: Micros) -> bool:
        old = bool(self._ring) and self._ring[0][0].at < at - self.ring_us
        return old or self._weight > self.ring_weight


def _still(whole: Piece) -> Piece:
    """The delta that changes nothing: the answer to a subscriber who is here already."""
    return Piece(whole.topic, whole.epoch, whole.seq, whole.seq, whole.at, _encode({}))


class RowTopic(Topic):
    """A topic of values and of rows by id; within a tick the latest wins, and what ends as it was is not sent."""

    def __init__(self, name: str, epoch: str, *sections: str) -> None:
        super().__init__(name, epoch)
        self.body = {section: {} for section in sections}
        self._rows: dict[str, Body] = {section: {} for section in sections}
        self._values: Body = {}

    def put(self, section: str, key: str, row: Any) -> None:
        """Row `key` of a section is now this (None: gone)."""
        self._rows[section][key] = row

    def say(self, name: str, value: Any) -> None:
        """A value of the body is now this."""
        self._values[name] = value

    def begin(self, seq: int, at: Micros) -> None:
        """Make what is pending the first state, named `seq`; there is no delta that leads here."""
        self._merge()
        self.seq, self.at, self._snapshot = seq, at, None

    def cut(self, at: Micros, seq: int | None = None) -> Piece | None:
        """Close the tick: the delta of what differs from the last cut, or None."""
        changed = self._merge()
        return self._keep(self.seq + 1 if seq is None else seq, at, changed, 0) if changed else None

    def _merge(self) -> Body:
        changed: Body = {name: value for name, value in self._values.items() if self.body.get(name) != value}
        self.body.update(changed)
        self._values.clear()
        for section, pending in self._rows.items():
            shown = self.body[section]
            rows = {key: row for key, row in pending.items() if shown.get(key) != row}
            if rows:
                changed[section] = rows
                _merge_rows(shown, rows)
            pending.clear()
        return changed


def _merge_rows(shown: Body, rows: Body) -> None:
    for key, row in rows.items():
        if row is None:
            shown.pop(key, None)
        else:
            shown[key] = row


class LogTopic(Topic):
    """A topic of events, counted one by one by `seq`; `apply` folds them into the body that a newcomer gets."""

    def __init__(self, name: str, epoch: str, key: str, apply: Callable[[Body, list[Any]], None], body: Body) -> None:
        super().__init__(name, epoch)
        self.body = body
        self._key = key
        self._apply = apply
        self._pending: list[Any] = []

    def tell(self, event: Any) -> None:
        """One more event."""
        self._pending.append(event)

    def cut(self, at: Micros) -> Piece | None:
        """Close the tick: the delta of its events, or None."""
        if not self._pending:
            return None
        events, self._pending = self._pending, []
        self._apply(self.body, events)
        return self._keep(self.seq + len(events), at, {self._key: self._sent(events)}, len(events))

    def _sent(self, events: list[Any]) -> list[Any]:
        return events
