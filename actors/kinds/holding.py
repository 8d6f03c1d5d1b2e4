"""Who may use one bay, and when: who has reserved it, when its owner shares it, and whether it is out of service."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.holder import HoldOver, HoldSaid, HoldWrong
from actors.messages.holding import (
    ApplyShare,
    AskShare,
    BayClosed,
    BayGuarded,
    BayHeld,
    BayTurned,
    CloseBay,
    ClosingDue,
    DecideShare,
    ExtendHold,
    GuardBay,
    Hold,
    HoldBay,
    HoldEnded,
    HoldExtended,
    HoldingAnswer,
    HoldingFace,
    HoldingQuery,
    HoldLapsed,
    LockAsked,
    LockLowered,
    LowerFor,
    MoveLock,
    Occupied,
    PlateAtBay,
    ReleaseBay,
    Share,
    ShareApplied,
    ShareAsked,
    ShareDecided,
    WrongCar,
)
from actors.values import MINUTE_US, SECOND_US, Micros, Ref

LAPSE, CLOSING = "lapse", "closing"
DAY_MINUTES = 24 * 60


def in_windows(share: Share, from_us: Micros, until_us: Micros) -> bool:
    """Whether an owner gives his bay away for all of this time: one window of the weekday has to hold it."""
    zone = ZoneInfo(share.zone)
    begins = datetime.fromtimestamp(from_us / SECOND_US, zone)
    ends = datetime.fromtimestamp(until_us / SECOND_US, zone)
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    start = (begins - midnight) / timedelta(minutes=1)
    end = (ends - midnight) / timedelta(minutes=1)
    return any(
        each.weekday == begins.weekday() and each.from_minute <= start and end <= each.until_minute
        for each in share.windows
    )


def given_away(share: Share, from_us: Micros, until_us: Micros) -> bool:
    """Whether others than the owner may use the bay for all of this time."""
    frozen = from_us < share.frozen_until_us and share.frozen_from_us < until_us
    there = share.state == "active" and share.from_us <= from_us and until_us <= share.until_us
    return there and not frozen and in_windows(share, from_us, until_us)


class Holding(Actor, kind="holding"):
    """Who may use one bay. A bay that nobody has reserved, shared or closed has none."""

    hold: Hold | None = None
    share: Share | None = None
    closed_from_us: Micros = 0
    closed_until_us: Micros = 0
    closed_why: str = ""
    occupied: bool = False
    shown: str = ""
    guarded: bool = False

    # -- reservations

    def on_hold_bay(self, ask: HoldBay, turn: Turn) -> None:
        holder = ask.reservation.partition("/")[0]
        if self.hold is not None and self.hold.reservation == ask.reservation:
            return
        why = self._kept_from(holder, ask.from_us, ask.until_us)
        if why:
            turn.send(Ref("holder", holder), HoldSaid(ask.reservation, 0, why))
            return
        hold = Hold(ask.reservation, holder, ask.plate, ask.from_us, ask.until_us)
        turn.record(BayHeld(hold))
        turn.wake(LAPSE, ask.until_us, HoldLapsed(ask.reservation))
        turn.send(Ref("holder", holder), HoldSaid(ask.reservation, ask.until_us))
        self._guard(turn, hold, self.share)
        turn.send(self._bay(turn), MoveLock("raise"))

    def on_extend_hold(self, said: ExtendHold, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == said.reservation:
            turn.record(HoldExtended(said.reservation, said.until_us))
            turn.wake(LAPSE, said.until_us, HoldLapsed(said.reservation))

    def on_release_bay(self, said: ReleaseBay, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == said.reservation:
            self._end_hold(said.why, turn)

    def on_hold_lapsed(self, wake: HoldLapsed, turn: Turn) -> None:
        if self.hold is not None and self.hold.reservation == wake.reservation:
            self._end_hold("expired", turn)

    def on_bay_turned(self, said: BayTurned, turn: Turn) -> None:
        if said.occupied != self.occupied:
            turn.record(Occupied(said.occupied, said.at_us))
        if not said.occupied and self.share is not None:
            turn.send(self._bay(turn), MoveLock("raise"))

    def on_plate_at_bay(self, seen: PlateAtBay, turn: Turn) -> None:
        hold = self.hold
        if hold is None or seen.plate == hold.wrong:
            return
        if seen.plate == hold.plate:
            self._end_hold("used", turn)
        else:
            turn.record(WrongCar(hold.reservation, seen.plate, seen.at_us))
            turn.send(Ref("holder", hold.holder), HoldWrong(hold.reservation, seen.plate, seen.at_us))

    def on_lower_for(self, ask: LowerFor, turn: Turn) -> None:
        until_us = ask.at_us + MINUTE_US
        hold, share = self.hold, self.share
        if hold is not None and hold.holder != ask.account:
            turn.refuse("bay_reserved", "The bay is kept for somebody else", until_us=str(hold.until_us))
        elif self._closed(ask.at_us, until_us):
            turn.refuse("bay_closed", "The bay is out of service", why=self.closed_why)
        elif self.occupied:
            turn.refuse("bay_taken", "A car stands there")
        elif (
            hold is None
            and share is not None
            and share.owner != ask.account
            and not given_away(share, ask.at_us, until_us)
        ):
            turn.refuse("outside_window", "Its owner does not share the bay now")
        elif hold is None and share is None:
            turn.refuse("not_kept", "Nobody keeps this bay: its lock obeys payments only")
        else:
            as_what = "holder" if hold else "owner" if share and share.owner == ask.account else "guest"
            turn.record(LockAsked(ask.account, as_what, ask.at_us))
            turn.send(self._bay(turn), MoveLock("lower"))
            turn.reply(LockLowered(as_what))

    # -- an owner's windows

    def on_apply_share(self, ask: ApplyShare, turn: Turn) -> None:
        known = self.share
        if known is not None and known.state in ("applied", "active") and known.share != ask.share.share:
            turn.refuse("share_there", "The bay is shared already, or it was asked for", share=known.share)
        elif known is None or known.share != ask.share.share:
            turn.record(ShareApplied(msgspec.structs.replace(ask.share, state="applied")))

    def on_ask_share(self, ask: AskShare, turn: Turn) -> None:
        share = self.share
        if share is None or share.owner != ask.owner or share.state != "active":
            turn.refuse("no_share", "You do not share this bay now")
        elif ask.what not in ("freeze", "cancel"):
            turn.refuse("unknown_wish", "A share can be frozen or cancelled")
        else:
            turn.record(ShareAsked(ask.what, ask.from_us, ask.until_us))

    def on_decide_share(self, said: DecideShare, turn: Turn) -> None:
        share = self.share
        if share is None or (share.state != "applied" and not share.asked):
            turn.refuse("nothing_asked", "Nothing waits for a decision here")
            return
        after = _decided(share, said.agreed)
        turn.record(ShareDecided(after, said.agreed, said.person, said.reason, turn.now))
        self._guard(turn, self.hold, after)
        if after.state == "active" and share.state == "applied" and not self.occupied:
            turn.send(self._bay(turn), MoveLock("raise"))

    # -- out of service

    def on_close_bay(self, ask: CloseBay, turn: Turn) -> None:
        turn.record(BayClosed(ask.from_us, ask.until_us, ask.reason, ask.person))
        if self.hold is not None and ask.from_us < self.hold.until_us and self.hold.from_us < ask.until_us:
            self._end_hold("closed", turn)
        turn.wake(CLOSING, max(ask.from_us, turn.now + 1), ClosingDue())

    def on_closing_due(self, wake: ClosingDue, turn: Turn) -> None:
        self._guard(turn, self.hold, self.share)
        if turn.now < self.closed_until_us:
            turn.wake(CLOSING, self.closed_until_us, ClosingDue())

    def on_holding_query(self, query: HoldingQuery, turn: Turn) -> None:
        turn.reply(HoldingAnswer(self.face()))

    # -- deciding

    def _kept_from(self, holder: str, from_us: Micros, until_us: Micros) -> str:
        """Why this holder may not have the bay then; nothing: he may."""
        share = self.share
        if self.hold is not None:
            return "bay_reserved"
        if self._closed(from_us, until_us):
            return "bay_closed"
        if self.occupied:
            return "bay_taken"
        shared = share is not None and share.state == "active" and share.owner != holder
        return "outside_window" if share and shared and not given_away(share, from_us, until_us) else ""

    def _closed(self, from_us: Micros, until_us: Micros) -> bool:
        return from_us < self.closed_until_us and self.closed_from_us < until_us

    def _end_hold(self, why: str, turn: Turn) -> None:
        hold = self.hold
        assert hold is not None
        turn.record(HoldEnded(hold.reservation, why, turn.now))
        turn.cancel(LAPSE)
        turn.send(Ref("holder", hold.holder), HoldOver(hold.reservation, why, turn.now))
        self._guard(turn, None, self.share)
        if why != "used" and (self.share is None or self.share.state != "active"):
            turn.send(self._bay(turn), MoveLock("lower"))

    def _guard(self, turn: Turn, hold: Hold | None, share: Share | None) -> None:
        """Tells the bay what it shows, and whether to tell what happens there, if that is another than before."""
        closed = self.closed_from_us <= turn.now < self.closed_until_us
        held = "closed" if closed else "reserved" if hold is not None else ""
        guarded = hold is not None or (share is not None and share.state == "active")
        if (held, guarded) != (self.shown, self.guarded):
            turn.record(BayGuarded(held, guarded))
            turn.send(self._bay(turn), GuardBay(held, guarded))

    def _bay(self, turn: Turn) -> Ref:
        return Ref("bay", turn.me.key)

    # -- remembering

    def fold_bay_held(self, fact: BayHeld) -> None:
        self.hold = fact.hold

    def fold_hold_ended(self, fact: HoldEnded) -> None:
        self.hold = None

    def fold_hold_extended(self, fact: HoldExtended) -> None:
        if self.hold is not None:
            self.hold = msgspec.structs.replace(self.hold, until_us=fact.until_us)

    def fold_wrong_car(self, fact: WrongCar) -> None:
        if self.hold is not None:
            self.hold = msgspec.structs.replace(self.hold, wrong=fact.plate)

    def fold_share_applied(self, fact: ShareApplied) -> None:
        self.share = fact.share

    def fold_share_asked(self, fact: ShareAsked) -> None:
        if self.share is not None:
            said = {"asked": fact.what, "asked_from_us": fact.from_us, "asked_until_us": fact.until_us}
            self.share = msgspec.structs.replace(self.share, **said)

    def fold_share_decided(self, fact: ShareDecided) -> None:
        self.share = fact.share

    def fold_bay_closed(self, fact: BayClosed) -> None:
        self.closed_from_us, self.closed_until_us, self.closed_why = fact.from_us, fact.until_us, fact.reason

    def fold_lock_asked(self, fact: LockAsked) -> None:
        pass  # kept for whoever asks who opened the bay

    def fold_bay_guarded(self, fact: BayGuarded) -> None:
        self.shown, self.guarded = fact.held, fact.guarded

    def fold_occupied(self, fact: Occupied) -> None:
        self.occupied = fact.occupied

    def face(self) -> HoldingFace:
        return HoldingFace(self.hold, self.share, self.closed_from_us, self.closed_until_us, self.closed_why)


def _decided(share: Share, agreed: bool) -> Share:
    """The share after staff have decided what its owner asked for last."""
    if share.state == "applied":
        return msgspec.structs.replace(share, state="active" if agreed else "refused")
    if share.asked == "cancel" and agreed:
        return msgspec.structs.replace(share, state="cancelled", asked="")
    if share.asked == "freeze" and agreed:
        frozen = {"frozen_from_us": share.asked_from_us, "frozen_until_us": share.asked_until_us}
        return msgspec.structs.replace(share, asked="", **frozen)
    return msgspec.structs.replace(share, asked="")
