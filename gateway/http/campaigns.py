"""Campaigns over HTTP: made and changed by staff; coupons given by them, and claimed by whoever scans the code."""

from fractions import Fraction
from typing import Any

import msgspec

from actors.messages.campaign import (
    CampaignAnswer,
    CampaignQuery,
    CampaignTerms,
    ClaimCoupon,
    CouponAnswer,
    GiveCoupon,
    SetCampaign,
)
from actors.messages.forms import Message, Reply
from actors.plates import normal
from actors.tariffs.offsets import Coupon
from actors.tariffs.problems import TariffError
from actors.tariffs.zone import zone_named
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown_campaigns import (
    CampaignList,
    CampaignShown,
    Claim,
    CouponClaimed,
    Gift,
    NewCampaign,
    Terms,
    TermsChange,
)
from storage.plates import CampaignRow

GONE = ("campaign_unknown", "code_unknown")


async def listed(house: House, call: Call[Paged, None]) -> CampaignList:
    """One page of campaigns."""
    rows = await house.plates.campaigns(key_after(call.query), call.query.limit + 1)
    page, following = page_of(rows, call.query.limit, lambda row: row.id)
    return CampaignList([_row(row) for row in page], following)


async def one(house: House, call: Call[NoQuery, None]) -> CampaignShown:
    """One campaign, as its actor says."""
    return _shown(await _told(house, call.path["campaign"], CampaignQuery()))


async def create(house: House, call: Call[NoQuery, NewCampaign]) -> CampaignShown:
    """A new campaign; the same request again finds what it made."""
    id, terms = call.body.id, _sensible(call.body.terms)
    try:
        known = _shown(await _told(house, id, CampaignQuery()))
    except Problem as problem:
        if problem.reason.code != "not_found":
            raise
        return await _set(house, call, id, terms)
    if known.terms != terms:
        raise Problem("id_taken", details={"id": id})
    return known


async def change(house: House, call: Call[NoQuery, TermsChange]) -> CampaignShown:
    """Its terms from now on."""
    id = call.path["campaign"]
    await _told(house, id, CampaignQuery())
    return await _set(house, call, id, _sensible(call.body.terms))


async def give(house: House, call: Call[NoQuery, Gift]) -> CouponClaimed:
    """A coupon for an account or a plate."""
    body = call.body
    if bool(body.account) == bool(normal(body.plate)):
        raise Problem("invalid_body", "Either an account or a plate", {"path": "$.account"})
    gift = GiveCoupon(body.account, body.plate, call.user.name)
    return _coupon(await _told(house, call.path["campaign"], gift, call.key))


async def claim(house: House, call: Call[NoQuery, Claim]) -> CouponClaimed:
    """The caller gets a coupon, within the campaign's limits."""
    id, _, secret = call.body.code.rpartition(".")
    if not id:
        raise Problem("not_found")
    return _coupon(await _told(house, id, ClaimCoupon(call.user.user, secret), call.key))


async def _set(house: House, call: Call[Any, Any], id: str, terms: Terms) -> CampaignShown:
    secret = house.identity.seal(f"campaign {id}")
    return _shown(
        await _told(house, id, SetCampaign(CampaignTerms(**msgspec.structs.asdict(terms)), secret, call.user.name))
    )


async def _told(house: House, id: str, message: Message, key: str | None = None) -> Reply | None:
    try:
        return await ask(house.post, Ref("campaign", id), message, key)
    except Problem as problem:
        if problem.details.get("refused") in GONE:
            raise Problem("not_found") from None
        raise


def _shown(answer: Reply | None) -> CampaignShown:
    assert isinstance(answer, CampaignAnswer)
    assert answer.face.terms
    return CampaignShown(
        answer.campaign, _terms(answer.face.terms), f"{answer.campaign}.{answer.face.code}", answer.face.issued
    )


def _row(row: CampaignRow) -> CampaignShown:
    terms = msgspec.msgpack.decode(row.terms, type=CampaignTerms)
    return CampaignShown(row.id, _terms(terms), f"{row.id}.{row.code}", row.issued)


def _coupon(answer: Reply | None) -> CouponClaimed:
    assert isinstance(answer, CouponAnswer)
    terms = msgspec.msgpack.decode(answer.terms, type=Coupon)
    what = (terms.kind, terms.amount_fen, terms.rate, terms.minutes, terms.most_fen, terms.stackable)
    return CouponClaimed(answer.coupon, answer.campaign, *what, answer.words, answer.until_us)


def _terms(known: CampaignTerms) -> Terms:
    return Terms(**msgspec.structs.asdict(known))


def _sensible(terms: Terms) -> Terms:
    """Terms of a coupon that takes something off, in a zone that there is."""
    says = {
        "amount": terms.amount_fen > 0,
        "percent": Fraction(terms.rate) < 1,
        "minutes": terms.minutes > 0,
        "full": True,
    }
    wrong = "" if says[terms.kind] else "$.terms.kind"
    if terms.until_us and terms.until_us <= terms.from_us:
        wrong = "$.terms.until_us"
    try:
        zone_named(terms.zone)
    except TariffError:
        wrong = "$.terms.zone"
    if wrong:
        raise Problem("invalid_body", "A coupon of these terms would be good for nothing", {"path": wrong})
    return terms
