"""The part of the table that is about arrears, for the back office."""

from typing import Final

from gateway.http import arrears
from gateway.http.route import API, Route, Words

ASKED: Final = ("not_found", "refused", "busy", "outcome_unknown")

ARREARS: Final = (
    Route(
        "GET",
        f"{API}/arrears/plates",
        "arrears",
        "sessions.read",
        arrears.owing,
        Words("欠费车辆", "Plates that owe, by sum or by number of stays"),
        query=arrears.WhichOwing,
        reply=arrears.Owing,
    ),
    Route(
        "GET",
        f"{API}/arrears",
        "arrears",
        "sessions.read",
        arrears.records,
        Words("欠费记录", "Stays that came into arrears, with sums over all that were found"),
        query=arrears.WhichRecords,
        reply=arrears.ArrearsRecords,
    ),
    Route(
        "POST",
        f"{API}/arrears/{{lot}}/{{id}}/payments",
        "arrears",
        "cash.write",
        arrears.settle,
        Words("补缴", "Take money for what a stay owes"),
        body=arrears.ArrearsPayment,
        reply=arrears.ArrearsPaid,
        errors=(*ASKED, "needs_confirmation"),
        idempotent=True,
    ),
    Route(
        "POST",
        f"{API}/arrears/{{lot}}/{{id}}/void",
        "arrears",
        "refunds.write",
        arrears.give_up,
        Words("作废欠费", "Give up what a stay owes, with a reason, once"),
        body=arrears.GivenUp,
        status=204,
        errors=ASKED,
        idempotent=True,
    ),
)
