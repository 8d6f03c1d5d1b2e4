"""How a parking session looks: its bill, its words on the plate, its payments, its face, and what it answers."""

import msgspec

from actors.messages.forms import Face, Reply
from actors.messages.money import Off
from actors.values import Micros


class Bill(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A price that is held for one payment until a time: what is due, of which charge, less what is taken off."""

    payment: str
    channel: str
    due_fen: int
    charge_fen: int
    off: tuple[Off, ...]
    at_us: Micros
    until_us: Micros
    payer: str = ""
    covers_until_us: Micros = 0
    quote: bytes = b""
    coupons: bytes = b""


class PlateSeen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One word on the plate of a stay: by whom, how sure, and whether it was taken as the stay's."""

    plate: str
    colour: str
    source: str
    device: str
    confidence_pct: int
    at_us: Micros
    person: str
    taken: bool


class Got(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Money that came for a stay by one payment, and how much of it went back; `arrears_fen` of what is left of it were
    arrears.
    """

    payment: str
    channel: str
    fen: int
    paid_us: Micros
    payer: str = ""
    person: str = ""
    returned_fen: int = 0
    returns: int = 0
    arrears_fen: int = 0


class SessionFace(Face, frozen=True, gc=False):
    """A stay as others see it. `state`: `unplated`, `running`, `prepaid`, `free`, `paid`, `part_paid`, `unpaid`,
    `arrears`, `written_off`, `void`. due = charge - off - received + returned - written off.
    """

    state: str
    bay: str
    plate: str
    colour: str
    vehicle: str
    entry_us: Micros
    exit_us: Micros | None
    source: str
    tariff: str
    tariff_version: int
    charge_fen: int
    off_fen: int
    received_fen: int
    due_fen: int
    covers_until_us: Micros
    list: str
    flags: tuple[str, ...]
    account: str = ""
    lost: int = 0


class SessionAnswer(Reply, frozen=True, gc=False):
    """A stay, what it costs (`charge_fen` at `at_us`, `due_fen` of it), until when that holds and what comes then
    (None: it does not change), and the quote with its lines (`tariffs.quote.Quote` as MessagePack).
    """

    session: str
    face: SessionFace
    at_us: Micros
    charge_fen: int
    due_fen: int
    holds_until_us: Micros | None
    then_fen: int | None
    quote: bytes
    bill: Bill | None
    plates: tuple[PlateSeen, ...] = ()
    got: tuple[Got, ...] = ()


class Step(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Leaving up to and at that time, `due_fen` are owed."""

    until_us: Micros
    due_fen: int


class Schedule(Reply, frozen=True, gc=False):
    """What leaving costs, step by step; after the last step nobody knows yet."""

    session: str
    face: SessionFace
    steps: tuple[Step, ...]


class PlateTaken(Reply, frozen=True, gc=False):
    """What became of a word on the plate: `taken`, or kept beside a surer one; the stay's plate now."""

    session: str
    plate: str
    plate_class: str
    taken: bool


class SessionPaid(Reply, frozen=True, gc=False):
    """Money was taken: so much is still due; leaving until then costs no more."""

    session: str
    payment: str
    fen: int
    due_fen: int
    covers_until_us: Micros


class SessionChanged(Reply, frozen=True, gc=False):
    """What staff said of the stay is done."""

    session: str
    state: str
    due_fen: int


class BillOpened(Reply, frozen=True, gc=False):
    """A price is held: pay it before it expires."""

    bill: Bill
