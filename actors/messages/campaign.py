"""What is said to a campaign (a stock of coupons), what becomes true of it, and its face."""

from typing import Literal

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class CampaignTerms(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a campaign gives, to how many, and when. A coupon takes `amount_fen` off (`amount`), leaves `rate` of the
    price to be paid (`percent`), takes everything off (`full`), or `minutes` off the stay's end (`minutes`); none takes
    off more than `most_fen`. Coupons are given out from `from_us` until `until_us` (0: for good), unless it is `off`,
    and are good for `good_days`. Limits are numbers of coupons, days those of `zone`; 0 means without a limit. `words`
    are the rule as people read it; `by_code`: whoever scans the campaign's code gets one. The `merchant` bears what its
    coupons take off (empty: we do).
    """

    name: str
    kind: Literal["amount", "percent", "full", "minutes"]
    amount_fen: int = 0
    rate: str = "1"
    minutes: int = 0
    most_fen: int | None = None
    stackable: bool = True
    from_us: Micros = 0
    until_us: Micros = 0
    good_days: int = 30
    total: int = 0
    per_person: int = 0
    per_day: int = 0
    per_person_per_day: int = 0
    words: str = ""
    by_code: bool = True
    off: bool = False
    zone: str = "Asia/Shanghai"
    merchant: str = ""


class SetCampaign(Command, frozen=True, gc=False):
    """Staff make a campaign, or give it other terms; `code` is what its fixed code carries, decided once."""

    terms: CampaignTerms
    code: str
    person: str


class ClaimCoupon(Command, frozen=True, gc=False):
    """An owner has scanned the campaign's code."""

    account: str
    code: str


class GiveCoupon(Command, frozen=True, gc=False):
    """Staff give a coupon to an account, or to a plate whether or not it has one."""

    account: str
    plate: str
    person: str


class CampaignQuery(Query, frozen=True, gc=False):
    """Asks a campaign for its face."""


class CampaignSet(Fact, frozen=True, gc=False):
    """These are the campaign's terms now."""

    terms: CampaignTerms
    code: str
    person: str
    at_us: Micros


class CouponIssued(Fact, frozen=True, gc=False):
    """A coupon went to an account or a plate, on that local day; `person` gave it (empty: the code was scanned)."""

    coupon: str
    account: str
    plate: str
    day: int
    until_us: Micros
    person: str
    at_us: Micros


class CampaignFace(Face, frozen=True, gc=False):
    """A campaign as others see it: its terms, and how many coupons it has given out, altogether and on its last day."""

    terms: CampaignTerms | None
    code: str
    issued: int
    day: int
    issued_that_day: int


class CampaignAnswer(Reply, frozen=True, gc=False):
    """A campaign, as an answer."""

    campaign: str
    face: CampaignFace


class CouponAnswer(Reply, frozen=True, gc=False):
    """The coupon that was given: its terms (`tariffs.offsets.Coupon` as MessagePack), its rule in words, until when."""

    coupon: str
    campaign: str
    terms: bytes
    words: str
    until_us: Micros
