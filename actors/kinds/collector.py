"""A collector: the one device they work on, their shifts, and the money in their hands."""

from copy import copy

from msgspec.structs import replace

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.kinds.quota import Freed, count_free
from actors.messages.collector import (
    AcceptCash,
    CameOnline,
    CashHandedOver,
    CashOffered,
    CloseShift,
    CollectorAnswer,
    CollectorFace,
    CollectorQuery,
    ComeOnline,
    GoOffline,
    LeftDevice,
    Offer,
    OfferCash,
    Online,
    OpenShift,
    SectionGone,
    SectionLost,
    Shift,
    ShiftClosed,
    ShiftOpened,
    StayedOnline,
    StayOnline,
    Sum,
    TakingsAdded,
    TakingsNoted,
)
from actors.messages.forms import Fact
from actors.messages.quota import CountFree, FreeCount, FreeCounted
from actors.messages.section import FreeSection, KeepSection
from actors.values import Micros, Ref

CASH = "cash"
SHIFTS_KEPT = 32
"""Shifts whose sums still grow when something comes late; older ones are for the tables to tell."""


class Collector(Actor, kind="collector"):
    """One collector. The sums of a shift are kept as the takings come, so that ending it is one turn, however many.

    `n` counts shifts, `open` is the one that goes on; `cash_fen` is what was taken in cash and not handed over.
    """

    name: str = ""
    online: Online | None = None
    n: int = 0
    open: str = ""
    shifts: dict[str, Shift] = {}
    cash_fen: int = 0
    offer: Offer | None = None
    freed: Freed = Freed()

    # -- the device

    def on_come_online(self, asked: ComeOnline, turn: Turn) -> None:
        held = self._held(turn.now)
        if held is not None and held.device != asked.device:
            _elsewhere(held, turn)
            return
        until = turn.now + asked.lease_us
        online = Online(asked.device, asked.device_name, asked.session, turn.now, until)
        self._done(turn, CameOnline(online, asked.name))

    def on_stay_online(self, asked: StayOnline, turn: Turn) -> None:
        if not self._works_on(asked.device, turn):
            return
        after = self._done(turn, StayedOnline(turn.now + asked.lease_us))
        after._keep_sections(asked.section_lease_us, turn)

    def on_go_offline(self, asked: GoOffline, turn: Turn) -> None:
        known = self.online
        if known is None or not (asked.by or known.device == asked.device):
            turn.reply(CollectorAnswer(self.face()))
        else:
            self._done(turn, LeftDevice(known.device, turn.now, asked.by))

    # -- shifts

    def on_open_shift(self, asked: OpenShift, turn: Turn) -> None:
        if not self._works_on(asked.device, turn):
            return
        going_on = self.shifts.get(self.open)
        if going_on is not None and going_on.lots != asked.lots:
            turn.refuse("shift_open", "Another shift is open", shift=going_on.id, sections=" ".join(going_on.lots))
        elif going_on is not None:
            turn.reply(CollectorAnswer(self.face()))
        else:
            id = f"{turn.me.key}-{self.n + 1}"
            shift = Shift(id, asked.lots, asked.operator, asked.device, turn.now, asked.spot)
            after = self._done(turn, ShiftOpened(shift, self.name))
            after._keep_sections(asked.section_lease_us, turn)

    def on_close_shift(self, asked: CloseShift, turn: Turn) -> None:
        if not asked.by and not self._works_on(asked.device, turn):
            return
        shift = self.shifts.get(self.open)
        if shift is None:
            turn.refuse("no_shift", "No shift is open")
            return
        closed = replace(shift, closed_us=turn.now, closed_at=asked.spot, by=asked.by, why=asked.why)
        facts: list[Fact] = [ShiftClosed(closed)]
        if asked.by and self.online is not None:
            facts.append(LeftDevice(self.online.device, turn.now, asked.by))
        self._done(turn, *facts)
        for lot in shift.lots:
            turn.send(Ref("lot", lot), FreeSection(turn.me.key, shift.id))

    def on_section_gone(self, gone: SectionGone, turn: Turn) -> None:
        shift = self.shifts.get(self.open)
        if shift is not None and gone.lot in shift.lots:
            turn.record(SectionLost(shift.id, gone.lot, gone.to, gone.by, turn.now))

    # -- money

    def on_takings_added(self, taken: TakingsAdded, turn: Turn) -> None:
        said = (taken.shift, taken.session, taken.payment, taken.channel, taken.fen, taken.at_us)
        turn.record(TakingsNoted(*said, late=taken.shift != self.open))

    def on_count_free(self, ask: CountFree, turn: Turn) -> None:
        n = count_free(self.freed, ask, turn)
        if n:
            turn.reply(FreeCount(n))

    def on_offer_cash(self, asked: OfferCash, turn: Turn) -> None:
        last = self.open or next(reversed(self.shifts), "")
        self._done(turn, CashOffered(Offer(last, asked.counted_fen, self.cash_fen, turn.now)))

    def on_accept_cash(self, asked: AcceptCash, turn: Turn) -> None:
        offer = self.offer
        if offer is None:
            turn.refuse("no_offer", "The collector has offered no cash")
        elif asked.by == turn.me.key:
            turn.refuse("own_signature", "The collector's cash is counted by somebody else")
        elif offer.counted_fen != asked.counted_fen:
            said = {"collector_fen": str(offer.counted_fen), "cashier_fen": str(asked.counted_fen)}
            turn.refuse("count_differs", "The two counts differ", **said)
        else:
            shift = self.shifts.get(offer.shift)
            sums = (offer.counted_fen, offer.expected_fen, asked.by, turn.now, shift.operator if shift else "")
            self._done(turn, CashHandedOver(offer.shift, *sums, offered_us=offer.at_us))

    def on_collector_query(self, query: CollectorQuery, turn: Turn) -> None:
        turn.reply(CollectorAnswer(self.face()))

    # -- deciding

    def _done(self, turn: Turn, *facts: Fact) -> "Collector":
        """Records these and answers with what they make of the collector, which is returned."""
        after = copy(self)
        for fact in facts:
            turn.record(fact)
            after.remember(fact)
        turn.reply(CollectorAnswer(after.face()))
        return after

    def _held(self, now: Micros) -> Online | None:
        return self.online if self.online is not None and self.online.until_us > now else None

    def _works_on(self, device: str, turn: Turn) -> bool:
        """Whether this is the collector's device, its lease over or not, as long as no other came; else refuses."""
        if self.online is not None and self.online.device == device:
            return True
        if self.online is not None:
            _elsewhere(self.online, turn)
        else:
            turn.refuse("not_online", "Sign in on this device first")
        return False

    def _keep_sections(self, lease_us: Micros, turn: Turn) -> None:
        shift, online = self.shifts.get(self.open), self.online
        if shift is not None and online is not None:
            who = (turn.me.key, self.name, online.device, online.device_name)
            for lot in shift.lots:
                turn.send(Ref("lot", lot), KeepSection(*who, shift.id, lease_us))

    # -- remembering

    def fold_came_online(self, fact: CameOnline) -> None:
        self.online, self.name = fact.online, fact.name

    def fold_stayed_online(self, fact: StayedOnline) -> None:
        if self.online is not None:
            self.online = replace(self.online, until_us=fact.until_us)

    def fold_left_device(self, fact: LeftDevice) -> None:
        self.online = None

    def fold_shift_opened(self, fact: ShiftOpened) -> None:
        kept = list(self.shifts.items())[1 - SHIFTS_KEPT :]
        self.shifts = {**dict(kept), fact.shift.id: fact.shift}
        self.open, self.n = fact.shift.id, self.n + 1

    def fold_shift_closed(self, fact: ShiftClosed) -> None:
        self.shifts = {**self.shifts, fact.shift.id: fact.shift}
        self.open = ""

    def fold_section_lost(self, fact: SectionLost) -> None:
        shift = self.shifts[fact.shift]
        lots = tuple(lot for lot in shift.lots if lot != fact.lot)
        self.shifts = {**self.shifts, shift.id: replace(shift, lots=lots)}

    def fold_takings_noted(self, fact: TakingsNoted) -> None:
        self.cash_fen += fact.fen if fact.channel == CASH else 0
        shift = self.shifts.get(fact.shift)
        if shift is not None:
            takings = _added(shift.takings, fact.channel, fact.fen)
            self.shifts = {**self.shifts, shift.id: replace(shift, takings=takings)}

    def fold_free_counted(self, fact: FreeCounted) -> None:
        self.freed = self.freed.learnt(fact)

    def fold_cash_offered(self, fact: CashOffered) -> None:
        self.offer = fact.offer

    def fold_cash_handed_over(self, fact: CashHandedOver) -> None:
        self.cash_fen -= fact.expected_fen
        self.offer = None

    def face(self) -> CollectorFace:
        shift = self.shifts.get(self.open)
        return CollectorFace(self.name, self.online, shift, tuple(self.shifts.values()), self.cash_fen, self.offer)


def _elsewhere(held: Online, turn: Turn) -> None:
    said = {"device": held.device, "device_name": held.device_name}
    times = {"since_us": str(held.since_us), "until_us": str(held.until_us)}
    turn.refuse("online_elsewhere", f"Signed in on {held.device_name}", **said, **times)


def _added(sums: tuple[Sum, ...], channel: str, fen: int) -> tuple[Sum, ...]:
    known = next((each for each in sums if each.channel == channel), Sum(channel, 0, 0))
    grown = Sum(channel, known.n + (fen > 0), known.fen + fen)
    return tuple(sorted((*(each for each in sums if each.channel != channel), grown), key=lambda each: each.channel))
