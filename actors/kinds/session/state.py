"""What a session remembers: every fold, the sums of its money, and how it looks from outside."""

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.bay import LetOut
from actors.messages.forms import Fact
from actors.messages.lane import StayTold
from actors.messages.money import Off
from actors.messages.session_facts import (
    ArrearsMoved,
    AutoPayAsked,
    BillDropped,
    BillHeld,
    ChargingNoted,
    CoverNoted,
    EntryMoved,
    EvidenceAdded,
    FlagCleared,
    Flagged,
    OwnerShared,
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
    SharedBy,
    SightedAgain,
    StandingNoted,
    Waived,
    WrittenOff,
)
from actors.messages.session_shown import Bill, Got, PlateSeen, SessionFace
from actors.values import Micros, Ref

Span = tuple[Micros, Micros]


def used_of(bill: Bill) -> bytes:
    """The terms of those of a bill's coupons that took something off; empty if none did."""
    if not bill.coupons:
        return b""
    spent = {each.id for each in bill.off}
    used = [each for each in msgspec.msgpack.decode(bill.coupons) if each["id"] in spent]
    return msgspec.msgpack.encode(used) if used else b""


class Remembered(Actor):
    """The state of a session; folds replace what they change, for handlers go on deciding on a copy."""

    bay: str = ""
    street: bool = True
    entry_us: Micros = 0
    exit_us: Micros | None = None
    source: str = ""
    device: str = ""
    lane: str = ""
    operator: str = ""
    mode: str = ""
    tariff: str = ""
    tariff_version: int = 0
    lost: int = 0
    fixed_fen: int = -1
    factor: str = "1"
    charger: bool = False
    plate: str = ""
    colour: str = ""
    plate_class: str = ""
    plate_pct: int = 0
    plate_person: str = ""
    plates: tuple[PlateSeen, ...] = ()
    list: str = ""
    list_why: str = ""
    account: str = ""
    automatic: bool = False
    owes_fen: int = 0
    owes: int = 0
    passes: tuple[str, ...] = ()
    visits: tuple[Span, ...] = ()
    covers: dict[str, Span] = {}
    charging: tuple[Span, ...] = ()
    charge_fen: int = 0
    off: tuple[Off, ...] = ()
    quote: bytes = b""
    received_fen: int = 0
    refunded_fen: int = 0
    written_off_fen: int = 0
    arrears_fen: int = 0
    got: dict[str, Got] = {}
    refunds: dict[str, str] = {}
    shared_by: str = ""
    shared_pct: int = 0
    shared_fen: int = 0
    bill: Bill | None = None
    coupons: tuple[bytes, ...] = ()
    covers_until_us: Micros = 0
    priced_at_us: Micros = 0
    waived_fen: int = 0
    waived_why: str = ""
    asked: int = 0
    reminded: int = 0
    flags: dict[str, str] = {}
    void: bool = False

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once; on the copy of a handler."""
        turn.record(fact)
        self.remember(fact)

    def tell_lot(self, turn: Turn) -> None:
        """What holds the vehicle (a gate, a lock) hears how the stay stands, and opens when nothing is due any more."""
        if self.mode == "gate":
            inside = self.exit_us is None and not self.void
            told = StayTold(turn.me.key, self.plate, inside, self.due_fen, self.charge_fen, turn.now, self.void)
            turn.send(Ref("lot", turn.me.place), told)
        elif self.mode == "lock" and self.exit_us is None and self.received_fen and self.due_fen <= 0:
            turn.send(Ref("bay", f"{turn.me.place}/{self.bay}"), LetOut(turn.me.key))

    @property
    def off_fen(self) -> int:
        """What is taken off the charge."""
        return sum(each.fen for each in self.off)

    @property
    def due_fen(self) -> int:
        """What is owed of the price as it was last made; negative: too much was paid."""
        return self.charge_fen - self.off_fen - self.received_fen + self.refunded_fen - self.written_off_fen

    # -- folds: the stay

    def fold_session_opened(self, fact: SessionOpened) -> None:
        self.bay, self.street, self.entry_us = fact.bay, fact.street, fact.entry_us
        self.source, self.device, self.lane = fact.source, fact.device, fact.lane
        self.operator, self.mode, self.lost = fact.operator, fact.mode, fact.lost
        self.tariff, self.tariff_version, self.fixed_fen = fact.tariff, fact.tariff_version, fact.fixed_fen
        self.factor, self.charger = fact.factor, fact.charger

    def fold_plate_noted(self, fact: PlateNoted) -> None:
        said = (fact.source, fact.device, fact.confidence_pct, fact.at_us, fact.person, fact.taken)
        self.plates = (*self.plates, PlateSeen(fact.plate, fact.colour, *said))
        if not fact.taken:
            return
        if fact.plate != self.plate:
            self.list, self.list_why, self.account, self.automatic = "", "", "", False
            self.owes_fen, self.owes, self.passes, self.covers, self.visits = 0, 0, (), {}, ()
        self.plate, self.colour, self.plate_class = fact.plate, fact.colour, fact.plate_class
        self.plate_pct, self.plate_person = fact.confidence_pct, fact.person

    def fold_entry_moved(self, fact: EntryMoved) -> None:
        self.entry_us, self.source, self.device = fact.entry_us, fact.source, fact.device

    def fold_sighted_again(self, fact: SightedAgain) -> None:
        pass  # kept for whoever asks who saw the stay

    def fold_session_moved(self, fact: SessionMoved) -> None:
        self.bay = fact.bay

    def fold_standing_noted(self, fact: StandingNoted) -> None:
        self.list, self.list_why, self.passes = fact.list, fact.why, fact.passes
        self.account, self.automatic = fact.account, fact.automatic
        self.owes_fen, self.owes, self.visits = fact.owes_fen, fact.owes, fact.visits

    def fold_cover_noted(self, fact: CoverNoted) -> None:
        others = {name: span for name, span in self.covers.items() if name != fact.pass_}
        spans = {fact.pass_: (fact.from_us, fact.until_us)} if fact.from_us < fact.until_us else {}
        self.covers = {**others, **spans}

    def fold_charging_noted(self, fact: ChargingNoted) -> None:
        running = self.charging and not self.charging[-1][1]
        if fact.on and not running:
            self.charging = (*self.charging, (fact.at_us, 0))
        elif not fact.on and running:
            self.charging = (*self.charging[:-1], (self.charging[-1][0], fact.at_us))

    def fold_session_left(self, fact: SessionLeft) -> None:
        self.exit_us = fact.exit_us
        self.lost += fact.lost

    def fold_session_resumed(self, fact: SessionResumed) -> None:
        self.exit_us = None

    def fold_session_voided(self, fact: SessionVoided) -> None:
        self.void = True

    def fold_flagged(self, fact: Flagged) -> None:
        self.flags = {**self.flags, fact.code: fact.detail}

    def fold_flag_cleared(self, fact: FlagCleared) -> None:
        self.flags = {code: detail for code, detail in self.flags.items() if code != fact.code}

    def fold_evidence_added(self, fact: EvidenceAdded) -> None:
        pass  # the list of evidence is a table; the stay decides nothing by it

    # -- folds: its money

    def fold_priced(self, fact: Priced) -> None:
        self.charge_fen, self.off, self.quote, self.priced_at_us = fact.charge_fen, fact.off, fact.quote, fact.at_us

    def fold_bill_held(self, fact: BillHeld) -> None:
        self.bill = fact.bill

    def fold_bill_dropped(self, fact: BillDropped) -> None:
        self.bill = None

    def fold_received(self, fact: Received) -> None:
        if self.bill and self.bill.payment == fact.payment:
            if used := used_of(self.bill):
                self.coupons = (*self.coupons, used)
            self.bill = None
        known = self.got.get(fact.payment)
        fen = fact.fen + (known.fen if known else 0)
        arrears_fen = fact.arrears_fen + (known.arrears_fen if known else 0)
        said = (fact.paid_us, fact.payer, fact.person)
        got = Got(fact.payment, fact.channel, fen, *said, arrears_fen=arrears_fen)
        self.got = {**self.got, fact.payment: got}
        self.received_fen += fact.fen - fact.excess_fen
        self.arrears_fen -= fact.arrears_fen
        self.covers_until_us = fact.covers_until_us

    def fold_returned(self, fact: Returned) -> None:
        got = self.got[fact.payment]
        sums = {"returned_fen": got.returned_fen + fact.fen, "arrears_fen": got.arrears_fen - fact.arrears_fen}
        self.got = {**self.got, fact.payment: msgspec.structs.replace(got, returns=fact.n, **sums)}
        self.refunded_fen += fact.fen - fact.excess_fen
        if fact.key:
            self.refunds = {**self.refunds, fact.key: fact.payment}

    def fold_shared_by(self, fact: SharedBy) -> None:
        self.shared_by, self.shared_pct = fact.owner, fact.pct

    def fold_owner_shared(self, fact: OwnerShared) -> None:
        self.shared_fen += fact.fen

    def fold_arrears_moved(self, fact: ArrearsMoved) -> None:
        self.arrears_fen += fact.fen

    def fold_written_off(self, fact: WrittenOff) -> None:
        self.written_off_fen += fact.fen
        self.arrears_fen -= fact.arrears_fen

    def fold_waived(self, fact: Waived) -> None:
        self.waived_fen, self.waived_why = fact.fen, fact.reason

    def fold_auto_pay_asked(self, fact: AutoPayAsked) -> None:
        self.asked += 1

    def fold_reminded(self, fact: Reminded) -> None:
        self.reminded = fact.n

    # -- seen from outside

    def over_us(self) -> Micros | None:
        """What comes of a stay that is over comes by its wakes, or seldom: an old debt, a refund, a correction."""
        return self.entry_us if self.void else self.exit_us

    def state(self) -> str:
        """The stay's state in one word; `SessionFace` says which there are."""
        if self.void:
            return "void"
        if self.exit_us is None:
            if not self.plate:
                return "unplated"
            return "prepaid" if self.received_fen > self.refunded_fen else "running"
        if self.due_fen > 0:
            return self._owing()
        if self.written_off_fen:
            return "written_off"
        return "paid" if self.received_fen > self.refunded_fen else "free"

    def _owing(self) -> str:
        if self.arrears_fen > 0:
            return "arrears"
        return "part_paid" if self.received_fen > self.refunded_fen else "unpaid"

    def face(self) -> SessionFace:
        return SessionFace(
            self.state(),
            self.bay,
            self.plate,
            self.colour,
            self.plate_class,
            self.entry_us,
            self.exit_us,
            self.source,
            self.tariff,
            self.tariff_version,
            self.charge_fen,
            self.off_fen,
            self.received_fen - self.refunded_fen,
            self.due_fen,
            self.covers_until_us,
            self.list,
            tuple(sorted(self.flags)),
            self.account,
            self.lost,
        )
