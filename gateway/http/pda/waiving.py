"""Stays that people on the street let go free by hand, within what the back office allows in a day (`PdaRules`)."""

from datetime import date, datetime

from actors.messages.forms import Reply
from actors.messages.quota import CountFree
from actors.messages.session import Waive
from actors.values import SECOND_US, Ref
from gateway.http.house import House
from gateway.http.pda.rules import rules, tell, zone


async def waive(house: House, session: str, why: str, who: str, key: str | None = None) -> Reply | None:
    """The stay goes free; `quota_used` if the collector, or the lot, has let as many go free today as they may.

    Each counts a stay once, however often it is said; who is refused by the lot has used up one of their own.
    """
    known, stay = await rules(house), Ref("session", session)
    limits = (
        (Ref("collector", who), known.free_a_day_per_collector),
        (Ref("lot", stay.place), known.free_a_day_per_lot),
    )
    now = datetime.fromtimestamp(house.lookout.clock() / SECOND_US, await zone(house))
    day = (now.date() - date(1970, 1, 1)).days
    for ref, most in limits:
        if most is not None:
            await tell(house, ref, CountFree(session, who, day, most))
    return await tell(house, stay, Waive(-1, why, who), key)
