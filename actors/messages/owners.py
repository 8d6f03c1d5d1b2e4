"""What holds for every owner's account, as reference data carries it (`owners`)."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

OWNERS: Final = "owners"
"""The name of these rules."""

Fen = Annotated[int, Meta(ge=0, le=100_000_00)]
Score = Annotated[int, Meta(ge=0, le=10_000)]


class TopUpOffer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pays `fen` into the wallet is given `gift_fen` on top."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    fen: Annotated[int, Meta(ge=1, le=100_000_00)]
    gift_fen: Fen


class OwnerRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Plates an owner may have, offers for top-ups, and what paying on time or late does to the credit score."""

    plates_most: Annotated[int, Meta(ge=1, le=20)] = 3
    top_up_most_fen: Annotated[int, Meta(ge=1, le=1_000_000_00)] = 5_000_00
    offers: Annotated[list[TopUpOffer], Meta(max_length=50)] = []
    score_start: Score = 600
    score_most: Score = 1_000
    on_time: Annotated[int, Meta(ge=-1_000, le=1_000)] = 2
    late: Annotated[int, Meta(ge=-1_000, le=1_000)] = -10
    stays_before_binding: bool = True
    """Whether owners see stays of their plates from before they were theirs."""
    coupon_hold_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 30


def owner_rules_in(body: bytes) -> OwnerRules:
    """The rules that a version holds."""
    return msgspec.convert(msgspec.msgpack.decode(body), OwnerRules)
