"""The stays of whoever has this openid at WeChat: for the public account, whose users have not signed in with us."""

from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.payments import Wanted, pay, payment_of
from gateway.http.own.shown import OpenidPayment, OwnPaymentShown, Stays, WhichStays
from gateway.http.own.stays import chosen, stays_of
from gateway.http.typed import plain


async def listed(house: House, call: Call[WhichStays, None]) -> Stays:
    """One page of the stays of an openid's plates."""
    return await stays_of(house, (await _owner(house, call.path["openid"]))[1], call.query)


async def pay_stays(house: House, call: Call[NoQuery, OpenidPayment]) -> OwnPaymentShown:
    """Begins a payment inside WeChat, which the user of this openid has to confirm there."""
    openid, account = await _owner(house, call.path["openid"])
    stays = await chosen(house, account, call.body.stays)
    payment = payment_of("openid", openid, call.key)
    return await pay(house, Wanted(payment, account, stays, "wechat", "jsapi", openid))


async def _owner(house: House, said: str) -> tuple[str, str]:
    """The openid and its account: `not_found`, or refused as `openid_shared`, since several may claim to have it."""
    openid = plain(said, "$.openid")
    accounts = await house.own.contacts.with_openid(openid) if openid else []
    if len(accounts) > 1:
        raise Problem("refused", "Several accounts say that this openid is theirs", {"refused": "openid_shared"})
    return openid, found(next(iter(accounts), None))
