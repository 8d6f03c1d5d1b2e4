"""The part of the table that is for the public account at WeChat, whose users have not signed in with us."""

from typing import Final

from gateway.http.own import by_openid
from gateway.http.own.shown import OpenidPayment, OwnPaymentShown, Stays, WhichStays
from gateway.http.route import API, Route, Words
from gateway.http.routes_own import ASKED, PAYING

WECHAT: Final = (
    Route(
        "GET",
        f"{API}/wechat/users/{{openid}}/stays",
        "accounts",
        "accounts.read",
        by_openid.listed,
        Words("微信用户的停车", "The stays of an openid: open, owed or paid"),
        query=WhichStays,
        reply=Stays,
        errors=("not_found", *ASKED),
    ),
    Route(
        "POST",
        f"{API}/wechat/users/{{openid}}/payments",
        "accounts",
        "payments.write",
        by_openid.pay_stays,
        Words("微信用户缴费", "Begin a payment inside WeChat of one, several or all stays of an openid"),
        body=OpenidPayment,
        reply=OwnPaymentShown,
        status=201,
        errors=PAYING,
        idempotent=True,
    ),
)
