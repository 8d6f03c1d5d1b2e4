"""The part of the table that is about stays, for the back office."""

from typing import Final

from gateway.http import sessions
from gateway.http.route import API, Route, Words

SESSIONS: Final = (
    Route(
        "GET",
        f"{API}/sessions",
        "sessions",
        "sessions.read",
        sessions.listed,
        Words("停车订单", "Stays, newest first, with sums over all that were found"),
        query=sessions.WhichSessions,
        reply=sessions.Sessions,
    ),
    Route(
        "GET",
        f"{API}/sessions/{{lot}}/{{id}}",
        "sessions",
        "sessions.read",
        sessions.one,
        Words("订单详情与取证", "A stay with its plates, payments, flags, pictures and the lines of its price"),
        reply=sessions.SessionParts,
        errors=("not_found",),
    ),
    Route(
        "POST",
        f"{API}/sessions/{{lot}}/{{id}}/charging",
        "sessions",
        "sessions.write",
        sessions.charge,
        Words("充电开始或结束", "A bay's charger says that the car is being charged, or not any more"),
        body=sessions.ChargingWord,
        reply=sessions.ChargingTaken,
        errors=("not_found", "no_charger", "refused", "busy", "outcome_unknown"),
    ),
    Route(
        "POST",
        f"{API}/sessions/{{lot}}/{{id}}/void",
        "sessions",
        "sessions.write",
        sessions.void,
        Words("作废订单", "There was no such stay: void it, with a reason, once"),
        body=sessions.WhyVoid,
        status=204,
        errors=("not_found", "refused", "busy", "outcome_unknown"),
    ),
    Route(
        "POST",
        f"{API}/sessions/{{lot}}/{{id}}/refunds",
        "sessions",
        "refunds.write",
        sessions.refund,
        Words("订单退款", "Give back a part of what one payment brought"),
        body=sessions.Refund,
        reply=sessions.Refunded,
        errors=("not_found", "refused", "busy", "outcome_unknown"),
        idempotent=True,
    ),
)
