"""Types of what HTTP says of campaigns and the coupons that they give."""

from typing import Annotated

import msgspec

from actors.messages.campaign import CampaignTerms
from gateway.http.forms import Shown, Typed
from gateway.http.shown import Next
from gateway.http.shown_passes import Id, Person


class NewCampaign(Typed, frozen=True):
    """A campaign that is not there yet."""

    id: Id
    terms: CampaignTerms


class TermsChange(Typed, frozen=True):
    """What the campaign's terms are from now on; coupons that were given out keep theirs."""

    terms: CampaignTerms


class Gift(Typed, frozen=True):
    """To whom a coupon goes: an account, or a plate whether or not it has one; exactly one of them."""

    account: Person = ""
    plate: Annotated[str, msgspec.Meta(max_length=32)] = ""


class Claim(Typed, frozen=True):
    """What the fixed code carries: `<campaign>.<secret>`."""

    code: Annotated[str, msgspec.Meta(min_length=3, max_length=128)]


class CampaignShown(Shown, frozen=True):
    """A campaign: its terms, what its fixed code carries, how many coupons it has given out."""

    id: str
    terms: CampaignTerms
    code: str
    issued: int


class CampaignList(Shown, frozen=True):
    """One page of campaigns."""

    items: list[CampaignShown]
    next: Next


class CouponShown(Shown, frozen=True):
    """A coupon: what it takes off, its rule in words, until when it is good."""

    id: str
    campaign: str
    kind: str
    amount_fen: int
    rate: str
    minutes: float
    most_fen: int | None
    stackable: bool
    words: str
    until_us: int
