"""A bay that its owner shares: applied for, decided by staff, frozen for some days, given up."""

from copy import copy

from msgspec.structs import replace

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.kinds.windows import given_away
from actors.messages.forms import Fact
from actors.messages.holding import (
    ApplyShare,
    AskShare,
    BayGuarded,
    DecideShare,
    GuardBay,
    Hold,
    HoldingAnswer,
    HoldingFace,
    LockAsked,
    MoveLock,
    Share,
    ShareApplied,
    ShareAsked,
    ShareDecided,
    StayAtBay,
)
from actors.messages.session import ShareStay
from actors.values import Ref

OPEN = ("applied", "active")


class Shared(Actor):
    """The owner's part of who may use a bay; what he wants, staff decide."""

    hold: Hold | None = None
    share: Share | None = None
    reserved: bool = False
    guarded: bool = False
    occupied: bool = False
    let_in: LockAsked | None = None

    def on_apply_share(self, ask: ApplyShare, turn: Turn) -> None:
        known, after = self.share, copy(self)
        other = known is not None and known.share != ask.share.share
        if known is not None and other and known.state in OPEN:
            turn.refuse("share_there", "The bay is shared already, or it was asked for")
            return
        if known is None or other:
            after.learn(ShareApplied(replace(ask.share, state="applied")), turn)
        turn.reply(after.answer())

    def on_ask_share(self, ask: AskShare, turn: Turn) -> None:
        share, after = self.share, copy(self)
        if share is None or share.owner != ask.owner or share.state != "active":
            turn.refuse("no_share", "You do not share this bay now")
            return
        wished = replace(share, asked=ask.what, asked_from_us=ask.from_us, asked_until_us=ask.until_us)
        if wished != share:
            after.learn(ShareAsked(wished), turn)
        turn.reply(after.answer())

    def on_decide_share(self, said: DecideShare, turn: Turn) -> None:
        share = self.share
        if share is None or (share.state != "applied" and not share.asked):
            turn.refuse("nothing_asked", "Nothing waits for a decision here")
            return
        after, what = copy(self), "apply" if share.state == "applied" else share.asked
        decided = _decided(share, said)
        after.learn(ShareDecided(decided, what, said.agreed, said.person, said.reason, turn.now), turn)
        after.guard(turn)
        if self.guarded and not after.guarded:
            turn.send(self.bay(turn), MoveLock("lower"))
        turn.reply(after.answer())

    def on_stay_at_bay(self, said: StayAtBay, turn: Turn) -> None:
        share = self.share
        if share is not None and share.pct and given_away(share, said.at_us, said.at_us + 1):
            turn.send(Ref("session", said.session), ShareStay(share.owner, share.pct))

    # -- deciding; on the copy of a handler

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once."""
        turn.record(fact)
        self.remember(fact)

    def guard(self, turn: Turn) -> None:
        """Tells the bay what it shows, and whether to tell what happens there, if that is another than before."""
        reserved = self.hold is not None and self.hold.begun
        guarded = reserved or (self.share is not None and self.share.state == "active")
        if (reserved, guarded) != (self.reserved, self.guarded):
            self.learn(BayGuarded(reserved, guarded), turn)
            turn.send(self.bay(turn), GuardBay(reserved, guarded))

    def bay(self, turn: Turn) -> Ref:
        """The bay that this is about."""
        return Ref("bay", turn.me.key)

    def answer(self) -> HoldingAnswer:
        """The face, as an answer."""
        return HoldingAnswer(HoldingFace(self.hold, self.share))

    # -- remembering

    def fold_share_applied(self, fact: ShareApplied) -> None:
        self.share = fact.share

    def fold_share_asked(self, fact: ShareAsked) -> None:
        self.share = fact.share

    def fold_share_decided(self, fact: ShareDecided) -> None:
        self.share = fact.share

    def fold_bay_guarded(self, fact: BayGuarded) -> None:
        self.reserved, self.guarded = fact.reserved, fact.guarded
        if not fact.guarded:  # from now on nobody says what happens there
            self.occupied, self.let_in = False, None


def _decided(share: Share, said: DecideShare) -> Share:
    """The share after staff have decided what its owner asked for last."""
    if share.state == "applied":
        return replace(share, state="active", pct=said.pct) if said.agreed else replace(share, state="refused")
    if share.asked == "cancel" and said.agreed:
        return replace(share, state="cancelled", asked="")
    if share.asked == "freeze" and said.agreed:
        return replace(share, asked="", frozen_from_us=share.asked_from_us, frozen_until_us=share.asked_until_us)
    return replace(share, asked="")
