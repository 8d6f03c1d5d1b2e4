"""Types of what HTTP says of campaigns and the coupons that they give."""

from typing import Annotated, Literal

import msgspec

from gateway.http.forms import Shown, Typed
from gateway.http.shown import Next
from gateway.http.shown_passes import Id, Person
from gateway.http.shown_vehicles import Moment

Fen = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Limit = Annotated[int, msgspec.Meta(ge=0, le=10**7, description="0: without a limit")]
Merchant = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$", description="A merchant's id")]


class Terms(Typed, frozen=True):
    """What a campaign gives, to how many, and when: `actors.messages.campaign.CampaignTerms` says what each means."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    kind: Literal["amount", "percent", "full", "minutes"]
    amount_fen: Fen = 0
    rate: Annotated[str, msgspec.Meta(pattern=r"^(0(\.\d{1,4})?|1)$")] = "1"
    minutes: Annotated[int, msgspec.Meta(ge=0, le=44_640)] = 0
    most_fen: Fen | None = None
    stackable: bool = True
    from_us: Moment = 0
    until_us: Moment = 0
    good_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    total: Limit = 0
    per_person: Limit = 0
    per_day: Limit = 0
    per_person_per_day: Limit = 0
    words: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    by_code: bool = True
    off: bool = False
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "Asia/Shanghai"
    merchant: Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,47})?$")] = ""


class NewCampaign(Typed, frozen=True):
    """A campaign that is not there yet."""

    id: Id
    terms: Terms


class TermsChange(Typed, frozen=True):
    """What the campaign's terms are from now on; coupons that were given out keep theirs."""

    terms: Terms


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
    terms: Terms
    code: str
    issued: int


class CampaignList(Shown, frozen=True):
    """One page of campaigns."""

    items: list[CampaignShown]
    next: Next


class CouponClaimed(Shown, frozen=True):
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
