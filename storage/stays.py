"""A stay as its facts make it: the row of `sessions`, and what each fact changes of it. All of it is pure."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from actors.messages.forms import Fact
from actors.messages.money import Off
from actors.messages.session_facts import (
    ArrearsMoved,
    CoverNoted,
    EntryMoved,
    FlagCleared,
    Flagged,
    PlateNoted,
    Priced,
    Received,
    Reminded,
    Returned,
    SessionLeft,
    SessionMoved,
    SessionOpened,
    SessionResumed,
    SessionVoided,
    StandingNoted,
    Waived,
    WrittenOff,
)
from actors.values import Micros


class Stay(msgspec.Struct):
    """A row of `sessions`, in its columns' order. Words that are several are joined by spaces."""

    session: str
    lot_id: str
    bay_id: str = ""
    state: str = ""
    operator: str = ""
    mode: str = ""
    street: bool = True
    entry_us: Micros = 0
    exit_us: Micros | None = None
    source: str = ""
    device_id: str = ""
    person: str = ""
    lane: str = ""
    exit_source: str = ""
    exit_device_id: str = ""
    exit_person: str = ""
    exit_lane: str = ""
    plate: str = ""
    colour: str = ""
    plate_class: str = ""
    list: str = ""
    list_why: str = ""
    account: str = ""
    passes: str = ""
    cover: str = ""
    """Passes that cover a part of the stay."""
    disabled: bool = False
    tariff: str = ""
    tariff_version: int = 0
    charge_fen: int = 0
    off_fen: int = 0
    got_fen: int = 0
    """All that came, what was not owed included."""
    excess_fen: int = 0
    prepaid_fen: int = 0
    """What came before the vehicle left."""
    returned_fen: int = 0
    returned_excess_fen: int = 0
    written_off_fen: int = 0
    arrears_fen: int = 0
    arrears_got_fen: int = 0
    arrears_off_fen: int = 0
    """Arrears that ended without money: written off, refunded, or not owed after all."""
    due_fen: int = 0
    arrears_us: Micros | None = None
    """When it came into arrears first."""
    covers_until_us: Micros = 0
    offs: bytes = b""
    quote: bytes = b""
    free_why: str = ""
    waived_why: str = ""
    waived_by: str = ""
    void_why: str = ""
    void_by: str = ""
    flags: str = ""
    """Codes of what a person has still to look at."""
    lost: int = 0
    reminded: int = 0
    changed_us: Micros = 0
    owes_fen: int = 0
    """What the vehicle owed for other stays, as it said itself."""
    owes: int = 0
    exit_remote: bool = False
    given_up_why: str = ""
    """Why what was owed was written off, or arrears that had been paid were refunded."""
    given_up_by: str = ""
    company: bool = False

    @property
    def received_fen(self) -> int:
        """What came and was owed, less what was refunded."""
        return self.got_fen - self.excess_fen - (self.returned_fen - self.returned_excess_fen)


_COMES_AGAIN: Final = ("plate_corrected", "resumed")
"""Why a stay's arrears end that are owed anew when it is priced again."""


def offs_of(stay_offs: bytes) -> tuple[Off, ...]:
    """What was taken off a charge, as it is kept in a row."""
    return msgspec.msgpack.decode(stay_offs, type=tuple[Off, ...]) if stay_offs else ()


def learn(stay: Stay, at: Micros, fact: Fact) -> None:
    """Takes a fact into the row."""
    LEARNS[type(fact)](stay, fact)
    stay.changed_us = at


def settle(stay: Stay) -> None:
    """What follows from the row's other columns, once all facts of a batch are in it."""
    stay.due_fen = stay.charge_fen - stay.off_fen - stay.received_fen - stay.written_off_fen
    stay.state = state_of(stay)
    stay.free_why = free_why(stay) if stay.state == "free" else ""


def state_of(stay: Stay) -> str:
    """The stay's state in one word, as its actor says it too."""
    paid = stay.received_fen > 0
    if stay.void_why:
        return "void"
    if stay.exit_us is None:
        if not stay.plate:
            return "unplated"
        return "prepaid" if paid else "running"
    if stay.due_fen > 0:
        return "arrears" if stay.arrears_fen > 0 else "part_paid" if paid else "unpaid"
    if stay.written_off_fen:
        return "written_off"
    return "paid" if paid else "free"


def free_why(stay: Stay) -> str:
    """Why nothing was paid: a waiver's reason, what was taken off first, a pass, or that it was short enough."""
    if stay.waived_why:
        return f"waived:{stay.waived_why}"
    offs = offs_of(stay.offs)
    if offs:
        return f"{offs[0].kind}:{offs[0].id}"
    if stay.cover:
        return f"pass:{stay.cover}"
    return "within_free_time" if stay.tariff else "no_tariff"


def _opened(stay: Stay, fact: SessionOpened) -> None:
    stay.bay_id, stay.street, stay.entry_us = fact.bay, fact.street, fact.entry_us
    stay.source, stay.device_id, stay.person, stay.lane = fact.source, fact.device, fact.person, fact.lane
    stay.operator, stay.mode, stay.lost = fact.operator, fact.mode, fact.lost
    stay.tariff, stay.tariff_version = fact.tariff, fact.tariff_version


def _plate_noted(stay: Stay, fact: PlateNoted) -> None:
    if not fact.taken:
        return
    if fact.plate != stay.plate:
        stay.list = stay.list_why = stay.account = stay.passes = stay.cover = ""
        stay.disabled = stay.company = False
        stay.owes_fen = stay.owes = 0
    stay.plate, stay.colour, stay.plate_class = fact.plate, fact.colour, fact.plate_class


def _entry_moved(stay: Stay, fact: EntryMoved) -> None:
    stay.entry_us, stay.source, stay.device_id = fact.entry_us, fact.source, fact.device


def _moved(stay: Stay, fact: SessionMoved) -> None:
    stay.bay_id = fact.bay


def _standing(stay: Stay, fact: StandingNoted) -> None:
    stay.list, stay.list_why, stay.account, stay.disabled = fact.list, fact.why, fact.account, fact.disabled
    stay.company = fact.company
    stay.passes = " ".join(fact.passes)
    stay.owes_fen, stay.owes = fact.owes_fen, fact.owes


def _covered(stay: Stay, fact: CoverNoted) -> None:
    covers = {*stay.cover.split()} - {fact.pass_}
    stay.cover = " ".join(sorted(covers | {fact.pass_} if fact.from_us < fact.until_us else covers))


def _left(stay: Stay, fact: SessionLeft) -> None:
    stay.exit_us, stay.exit_source, stay.exit_device_id = fact.exit_us, fact.source, fact.device
    stay.exit_person, stay.exit_lane = fact.person, fact.lane
    stay.exit_remote = fact.remote
    stay.lost += fact.lost


def _resumed(stay: Stay, fact: SessionResumed) -> None:
    stay.exit_us = None
    stay.exit_source = stay.exit_device_id = stay.exit_person = stay.exit_lane = ""


def _priced(stay: Stay, fact: Priced) -> None:
    stay.charge_fen, stay.quote = fact.charge_fen, fact.quote
    stay.off_fen = sum(each.fen for each in fact.off)
    stay.offs = msgspec.msgpack.encode(fact.off) if fact.off else b""


def _received(stay: Stay, fact: Received) -> None:
    stay.got_fen += fact.fen
    stay.excess_fen += fact.excess_fen
    stay.arrears_fen -= fact.arrears_fen
    stay.arrears_got_fen += fact.arrears_fen
    if stay.exit_us is None:
        stay.prepaid_fen += fact.fen - fact.excess_fen
    stay.covers_until_us = fact.covers_until_us


def _returned(stay: Stay, fact: Returned) -> None:
    stay.returned_fen += fact.fen
    stay.returned_excess_fen += fact.excess_fen
    stay.arrears_got_fen -= fact.arrears_fen
    stay.arrears_off_fen += fact.arrears_fen
    if fact.arrears_fen and fact.person:
        stay.given_up_why, stay.given_up_by = fact.why, fact.person


def _arrears_moved(stay: Stay, fact: ArrearsMoved) -> None:
    stay.arrears_fen += fact.fen
    if stay.arrears_us is None:
        stay.arrears_us = fact.at_us
    if fact.fen < 0 and fact.why not in _COMES_AGAIN:
        stay.arrears_off_fen -= fact.fen


def _written_off(stay: Stay, fact: WrittenOff) -> None:
    stay.written_off_fen += fact.fen
    stay.arrears_fen -= fact.arrears_fen
    stay.arrears_off_fen += fact.arrears_fen
    stay.given_up_why, stay.given_up_by = fact.reason, fact.person


def _voided(stay: Stay, fact: SessionVoided) -> None:
    stay.void_why, stay.void_by = fact.reason or "void", fact.person


def _waived(stay: Stay, fact: Waived) -> None:
    stay.waived_why, stay.waived_by = fact.reason, fact.person


def _flagged(stay: Stay, fact: Flagged) -> None:
    stay.flags = " ".join(sorted({*stay.flags.split(), fact.code}))


def _flag_cleared(stay: Stay, fact: FlagCleared) -> None:
    stay.flags = " ".join(sorted({*stay.flags.split()} - {fact.code}))


def _reminded(stay: Stay, fact: Reminded) -> None:
    stay.reminded = fact.n


LEARNS: Final[dict[type[Fact], Callable[[Stay, Any], None]]] = {
    SessionOpened: _opened,
    PlateNoted: _plate_noted,
    EntryMoved: _entry_moved,
    SessionMoved: _moved,
    StandingNoted: _standing,
    CoverNoted: _covered,
    SessionLeft: _left,
    SessionResumed: _resumed,
    Priced: _priced,
    Received: _received,
    Returned: _returned,
    ArrearsMoved: _arrears_moved,
    WrittenOff: _written_off,
    SessionVoided: _voided,
    Waived: _waived,
    Flagged: _flagged,
    FlagCleared: _flag_cleared,
    Reminded: _reminded,
}
"""Each fact that changes the row, and how."""
