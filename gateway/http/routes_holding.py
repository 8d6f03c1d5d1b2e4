"""The part of the table that is about reservations, shared bays, their locks, and free bays."""

from typing import Final

from gateway.http import shares
from gateway.http import shown_holding as told
from gateway.http.own import by_bay, holding
from gateway.http.own.shown import MaskedBill, MaskedPayment, OwnPaymentShown
from gateway.http.paging import Paged
from gateway.http.route import API, Route, Words
from gateway.identity import PUBLIC

ASKED: Final = ("not_found", "refused", "busy", "outcome_unknown")
PAYING: Final = (*ASKED, "no_merchant", "provider_refused", "provider_away", "key_used")


def _own(method: str, path: str, handler: object, words: Words, body: type | None, reply: type) -> Route:
    """Something that an owner does with one of his reservations, or with a bay."""
    said = {"body": body, "reply": reply, "errors": PAYING, "idempotent": body is not None}
    permission = "own.write" if body else "own.read"
    return Route(method, f"{API}/own{path}", "reservations", permission, handler, words, **said)  # type: ignore[arg-type]


RESERVATIONS: Final = (
    _own(
        "GET",
        "/reservations",
        holding.listed,
        Words("我的预约", "One's own reservations"),
        None,
        told.OwnReservations,
    ),
    _own(
        "POST",
        "/reservations",
        holding.reserve,
        Words("预约车位", "Have a bay kept"),
        told.NewReservation,
        told.ReservationShown,
    ),
    _own(
        "POST",
        "/reservations/{id}/cancel",
        holding.cancel,
        Words("取消预约", "Give a reservation up"),
        told.Nothing,
        told.ReservationShown,
    ),
    _own(
        "POST",
        "/reservations/{id}/bay",
        holding.move,
        Words("改用其他车位", "Take another bay than the one that a car has taken"),
        told.OtherBay,
        told.ReservationShown,
    ),
    _own(
        "POST",
        "/reservations/{id}/payments",
        holding.pay,
        Words("支付预约押金", "Pay the deposit of a reservation"),
        told.DepositPayment,
        OwnPaymentShown,
    ),
    _own(
        "POST",
        "/bays/{number}/lock",
        holding.lower,
        Words("降下车位锁", "Lower the lock of a bay"),
        told.LowerLock,
        told.LockShown,
    ),
    Route(
        "GET",
        f"{API}/reservations",
        "reservations",
        "reservations.read",
        holding.everybodys,
        Words("预约列表", "Anybody's reservations"),
        query=told.WhichReservations,
        reply=told.Reservations,
    ),
)

SHARES: Final = (
    Route(
        "GET",
        f"{API}/own/shares",
        "reservations",
        "own.read",
        shares.own,
        Words("我的共享车位", "One's own shared bays"),
        query=Paged,
        reply=told.Shares,
    ),
    _own(
        "POST",
        "/shares",
        shares.apply,
        Words("申请共享车位", "Ask to share one's own bay"),
        told.NewShare,
        told.ShareShown,
    ),
    _own(
        "POST",
        "/shares/{lot}/{bay}/requests",
        shares.wish,
        Words("申请冻结或取消共享", "Ask to freeze or to end sharing a bay"),
        told.ShareWish,
        told.ShareShown,
    ),
    Route(
        "GET",
        f"{API}/shares",
        "reservations",
        "reservations.read",
        shares.listed,
        Words("共享车位列表", "Shared bays"),
        query=told.WhichShares,
        reply=told.Shares,
    ),
    Route(
        "POST",
        f"{API}/shares/{{lot}}/{{bay}}/decision",
        "reservations",
        "reservations.write",
        shares.decide,
        Words("审核共享车位", "Decide what the owner of a shared bay asked for"),
        body=told.Decision,
        reply=told.ShareShown,
        errors=ASKED,
        idempotent=True,
    ),
)

BAYS: Final = (
    Route(
        "GET",
        f"{API}/free-bays",
        "reservations",
        "city.read",
        shares.free_bays,
        Words("查找空闲车位", "The nearest free bays"),
        query=told.WhichFree,
        reply=told.FreeBays,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/bay-codes/{{number}}/bill",
        "plates",
        PUBLIC,
        by_bay.bill,
        Words("扫码查询车位账单", "What the stay in a bay costs, for whoever scans its code"),
        reply=MaskedBill,
        errors=ASKED,
    ),
    Route(
        "POST",
        f"{API}/bay-codes/{{number}}/payments",
        "plates",
        PUBLIC,
        by_bay.pay_bill,
        Words("扫码缴费", "Pay the stay in a bay by its code"),
        body=told.BayBillPayment,
        reply=MaskedPayment,
        status=201,
        errors=PAYING,
        idempotent=True,
    ),
)

HOLDING: Final = (*RESERVATIONS, *SHARES, *BAYS)
