"""What the sandbox knows: orders, refunds and plates, in memory and, with a file, over restarts."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from actors.values import Micros

T = TypeVar("T", bound=msgspec.Struct)


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """An order at the sandbox; `state` is unpaid, paid, closed or failed."""

    channel: str
    trade: str
    fen: int
    about: str
    notify_url: str
    method: str
    made_us: Micros
    until_us: Micros
    state: str = "unpaid"
    ref: str = ""
    paid_us: Micros = 0
    payer: str = ""
    plate: str = ""
    token: str = ""


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A refund at the sandbox; `state` is processing, done or failed."""

    channel: str
    trade: str
    refund: str
    fen: int
    notify_url: str
    made_us: Micros
    state: str = "done"
    ref: str = ""
    done_us: Micros = 0


class Plate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what this plate owes may be deducted by itself (`NORMAL`) or not (`BLOCKED`, and why)."""

    plate: str
    state: str = "NORMAL"
    reason: str = ""


class Book:
    """Everything, by its key. Writing is told to the file at once, without waiting for the disk: it is a sandbox."""

    def __init__(self, file: Path | None = None) -> None:
        self.orders: dict[tuple[str, str], Sold] = {}
        self.refunds: dict[tuple[str, str], GivenBack] = {}
        self.plates: dict[str, Plate] = {}
        self._file = sqlite3.connect(file or ":memory:", isolation_level=None)
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS papers (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key))"
        )
        for order in self._kept(Sold):
            self.orders[order.channel, order.trade] = order
        for refund in self._kept(GivenBack):
            self.refunds[refund.channel, refund.refund] = refund
        for plate in self._kept(Plate):
            self.plates[plate.plate] = plate

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()

    def put_order(self, order: Sold, **changes: Any) -> Sold:
        """Keeps an order as it is now."""
        order = msgspec.structs.replace(order, **changes)
        self.orders[order.channel, order.trade] = order
        self._keep(order, f"{order.channel} {order.trade}")
        return order

    def put_refund(self, refund: GivenBack, **changes: Any) -> GivenBack:
        """Keeps a refund as it is now."""
        refund = msgspec.structs.replace(refund, **changes)
        self.refunds[refund.channel, refund.refund] = refund
        self._keep(refund, f"{refund.channel} {refund.refund}")
        return refund

    def put_plate(self, plate: Plate) -> None:
        """Keeps how a plate stands."""
        self.plates[plate.plate] = plate
        self._keep(plate, plate.plate)

    def refunds_of(self, channel: str, trade: str) -> list[GivenBack]:
        """What was given back of one order, or is about to be."""
        return [one for one in self.refunds.values() if (one.channel, one.trade) == (channel, trade)]

    def left(self, order: Sold) -> int:
        """How much of an order may still be given back."""
        back = sum(one.fen for one in self.refunds_of(order.channel, order.trade) if one.state != "failed")
        return order.fen - back

    def _keep(self, paper: msgspec.Struct, key: str) -> None:
        row = type(paper).__name__, key, msgspec.json.encode(paper)
        self._file.execute("INSERT OR REPLACE INTO papers VALUES (?, ?, ?)", row)

    def _kept(self, form: type[T]) -> Iterator[T]:
        for (body,) in self._file.execute("SELECT body FROM papers WHERE kind = ? ORDER BY rowid", (form.__name__,)):
            yield msgspec.json.decode(body, type=form)
