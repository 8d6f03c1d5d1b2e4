"""The part of the table that is about campaigns and coupons."""

from typing import Final

from gateway.http import campaigns
from gateway.http.paging import Paged
from gateway.http.route import API, Route, Words
from gateway.http.shown_campaigns import (
    CampaignList,
    CampaignShown,
    Claim,
    CouponClaimed,
    Gift,
    NewCampaign,
    TermsChange,
)

ASKED: Final = ("not_found", "refused", "busy", "outcome_unknown")

CAMPAIGNS: Final = (
    Route(
        "GET",
        f"{API}/campaigns",
        "coupons",
        "coupons.read",
        campaigns.listed,
        Words("优惠券活动列表", "Campaigns"),
        query=Paged,
        reply=CampaignList,
    ),
    Route(
        "POST",
        f"{API}/campaigns",
        "coupons",
        "coupons.write",
        campaigns.create,
        Words("新建优惠券活动", "Make a campaign"),
        body=NewCampaign,
        reply=CampaignShown,
        status=201,
        errors=("id_taken", *ASKED),
    ),
    Route(
        "GET",
        f"{API}/campaigns/{{campaign}}",
        "coupons",
        "coupons.read",
        campaigns.one,
        Words("优惠券活动", "One campaign, with what its fixed code carries"),
        reply=CampaignShown,
        errors=ASKED,
    ),
    Route(
        "PUT",
        f"{API}/campaigns/{{campaign}}",
        "coupons",
        "coupons.write",
        campaigns.change,
        Words("修改优惠券活动", "Change a campaign's terms"),
        body=TermsChange,
        reply=CampaignShown,
        errors=ASKED,
    ),
    Route(
        "POST",
        f"{API}/campaigns/{{campaign}}/gifts",
        "coupons",
        "coupons.write",
        campaigns.give,
        Words("主动赠券", "Give a coupon to an account or a plate"),
        body=Gift,
        reply=CouponClaimed,
        status=201,
        errors=ASKED,
        idempotent=True,
    ),
    Route(
        "POST",
        f"{API}/own/coupons",
        "own",
        "own.write",
        campaigns.claim,
        Words("扫码领券", "Claim a coupon by the code that was scanned"),
        body=Claim,
        reply=CouponClaimed,
        status=201,
        errors=ASKED,
        idempotent=True,
    ),
)
