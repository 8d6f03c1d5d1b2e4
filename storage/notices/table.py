"""Which fact means which notice, to whom, and with which words: the one table of it. All of it is pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from actors.messages.account import WalletMoved
from actors.messages.account_facts import CouponTaken, PlateTold
from actors.messages.forms import Fact
from actors.messages.holder import ReservationTurned
from actors.messages.holding import ShareDecided
from actors.messages.ownership import LockedCarTried
from actors.messages.passes import HolderReminded
from actors.messages.session_facts import (
    PlateNoted,
    Priced,
    Received,
    Reminded,
    Returned,
    SessionLeft,
    SessionMoved,
    SessionOpened,
    SessionResumed,
    StandingNoted,
)
from actors.values import Micros, Ref

TOLD: Final = frozenset({"held", "refused", "wrong_car", "expired"})
"""States of a reservation that its holder is told of."""
RETURNS: Final = frozenset({"refund", "excess", "credit"})


class Stay(msgspec.Struct):
    """A row of `notice_stays`, in its columns' order; `exit_us` is 0 while the vehicle is there."""

    session: str
    account: str = ""
    plate: str = ""
    lot_id: str = ""
    bay_id: str = ""
    entry_us: Micros = 0
    exit_us: Micros = 0
    charge_fen: int = 0
    paid_fen: int = 0
    greeted: str = ""


class Notice(NamedTuple):
    """Something to be told to an account's owner (or to a phone, if there is no account), in these words."""

    template: str
    account: str
    about: str
    words: dict[str, Any]
    phone: str = ""


def learn(stay: Stay, fact: Fact) -> None:
    """Takes a session's fact into what is known of its stay."""
    match fact:
        case Priced():
            stay.charge_fen = fact.charge_fen - sum(each.fen for each in fact.off)
        case Received():
            stay.paid_fen += fact.fen - fact.excess_fen
        case Returned():
            stay.paid_fen -= fact.fen - fact.excess_fen
        case PlateNoted() if fact.taken:
            stay.account = stay.account if fact.plate == stay.plate else ""
            stay.plate = fact.plate
        case StandingNoted():
            stay.account = fact.account
        case _:
            _move(stay, fact)


def _move(stay: Stay, fact: Fact) -> None:
    match fact:
        case SessionOpened():
            stay.bay_id, stay.entry_us = fact.bay, fact.entry_us
        case SessionMoved():
            stay.bay_id = fact.bay
        case SessionLeft():
            stay.exit_us = fact.exit_us
        case SessionResumed():
            stay.exit_us = 0


def of_stay(stay: Stay, fact: Fact) -> Notice | None:
    """What a session's fact means to the owner, once all facts of its page are known."""
    if not stay.account and not isinstance(fact, Received):
        return None
    where = {"session": stay.session, "plate": stay.plate, "lot": stay.lot_id, "bay": stay.bay_id}
    match fact:
        case StandingNoted() if stay.greeted != stay.account and not stay.exit_us:
            stay.greeted = stay.account
            return Notice("entry", stay.account, stay.session, {**where, "entry_us": stay.entry_us})
        case SessionLeft():
            due_fen = max(0, stay.charge_fen - stay.paid_fen)
            sums = {"exit_us": fact.exit_us, "charge_fen": stay.charge_fen, "due_fen": due_fen}
            return Notice("exit", stay.account, stay.session, {**where, **sums})
        case Received() if fact.payer:
            return Notice("paid", fact.payer, stay.session, {**where, "fen": fact.fen})
        case Reminded():
            return Notice("arrears", stay.account, stay.session, {**where, "fen": fact.fen, "n": fact.n})
    return None


def of_wallet(ref: Ref, fact: WalletMoved) -> Notice | None:
    """Money that came into a wallet."""
    words = {"fen": fact.fen + fact.gift_fen, "balance_fen": fact.balance_fen + fact.balance_gift_fen}
    if fact.why == "top_up":
        return Notice("topped_up", ref.key, fact.payment, words)
    return Notice("returned", ref.key, fact.payment, words) if fact.why in RETURNS else None


def of_plate(ref: Ref, fact: PlateTold) -> Notice | None:
    """What became of a plate that the owner wanted or had."""
    return Notice(f"plate_{fact.state}", ref.key, fact.plate, {"plate": fact.plate, "reason": fact.reason})


def of_coupon(ref: Ref, fact: CouponTaken) -> Notice | None:
    """A coupon that the owner has now."""
    return Notice("coupon", ref.key, fact.coupon, {"until_us": fact.until_us})


def of_pass(ref: Ref, fact: HolderReminded) -> Notice | None:
    """A pass that ends soon."""
    words = {"plates": " ".join(fact.plates), "until_us": fact.until_us}
    return Notice("pass_ends", fact.account, ref.key, words, fact.phone)


def of_lock(ref: Ref, fact: LockedCarTried) -> Notice | None:
    """A locked car that somebody tried to drive away."""
    words = {"plate": ref.key, "lot": fact.lot, "at_us": fact.at_us}
    return Notice("locked_car", fact.account, ref.key, words)


def of_reservation(ref: Ref, fact: ReservationTurned) -> Notice | None:
    """What became of a reservation that its holder did not do himself."""
    said = fact.said
    if said.state not in TOLD or said.wanted:
        return None
    words = {"lot": said.lot, "bay": said.bay, "plate": said.plate, "until_us": said.until_us}
    return Notice(f"reservation_{said.state}", ref.key, said.reservation, words)


def of_share(ref: Ref, fact: ShareDecided) -> Notice | None:
    """What staff made of an owner's wish to share his bay, to freeze that or to end it."""
    words = {"lot": ref.place, "bay": ref.own_id, "reason": fact.reason}
    return Notice("share_agreed" if fact.agreed else "share_refused", fact.share.owner, fact.share.share, words)


STAYS: Final[tuple[type[Fact], ...]] = (
    SessionOpened,
    PlateNoted,
    StandingNoted,
    SessionMoved,
    SessionLeft,
    SessionResumed,
    Priced,
    Received,
    Returned,
    Reminded,
)
"""Facts of sessions that are learned, and some of which are told."""

OTHERS: Final[Mapping[type[Fact], Callable[[Ref, Any], Notice | None]]] = {
    WalletMoved: of_wallet,
    PlateTold: of_plate,
    CouponTaken: of_coupon,
    HolderReminded: of_pass,
    LockedCarTried: of_lock,
    ReservationTurned: of_reservation,
    ShareDecided: of_share,
}
"""Facts of other actors that are told."""
