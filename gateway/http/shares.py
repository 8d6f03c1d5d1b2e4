"""Bays that their owners share: asked for by owners, decided by staff. And where the nearest free bay is."""

from datetime import date
from typing import Final

import msgspec

from actors.messages.forms import Message
from actors.messages.holding import ApplyShare, AskShare, DecideShare, HoldingAnswer, Share
from actors.tariffs.zone import EPOCH, zone_named
from actors.values import Micros, Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.holding import bay_named
from gateway.http.own.payments import payment_of
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import tell
from gateway.http.shown_holding import (
    Decision,
    FreeBays,
    HoursShown,
    NewShare,
    Shares,
    ShareShown,
    ShareWish,
    WhichFree,
    WhichShares,
    windows_of,
)
from gateway.http.typed import plain
from storage.holdings import ShareRow, Wish

_share: Final = msgspec.msgpack.Decoder(Share)


async def own(house: House, call: Call[Paged, None]) -> Shares:
    """One page of the caller's shared bays."""
    return await _page(house, call.query, WhichShares(owner=call.user.user))


async def listed(house: House, call: Call[WhichShares, None]) -> Shares:
    """One page of all."""
    return await _page(house, call.query, call.query)


async def apply(house: House, call: Call[NoQuery, NewShare]) -> ShareShown:
    """The caller wants to share a bay; staff see whether it is his."""
    body, user = call.body, call.user.user
    if not body.from_us < body.until_us:
        raise Problem("invalid_body", "It ends after it begins", {"path": "$.until_us"})
    if any(each.until_minute <= each.from_minute for each in body.hours):
        raise Problem("invalid_body", "Hours end after they begin, on one day", {"path": "$.hours"})
    bay, zone = await bay_named(house, body.number), found(await house.lists.city()).zone
    id = payment_of("share", user, call.key)
    share = Share(id, user, zone, windows_of(body.hours), body.from_us, body.until_us)
    return await _told(house, bay.lot, bay.id, ApplyShare(share), call.key)


async def wish(house: House, call: Call[NoQuery, ShareWish]) -> ShareShown:
    """The caller wants his shared bay for himself: for some days, or for good."""
    body, zone = call.body, found(await house.lists.city()).zone
    from_us, until_us = 0, 0
    if body.what == "freeze":
        if body.from_day is None or body.until_day is None or body.until_day < body.from_day:
            raise Problem("invalid_body", "From which day to which?", {"path": "$.from_day"})
        from_us, until_us = _begin(zone, body.from_day), _begin(zone, body.until_day, 1)
    asked = AskShare(call.user.user, body.what, from_us, until_us)
    return await _told(house, call.path["lot"], call.path["bay"], asked, call.key)


async def decide(house: House, call: Call[NoQuery, Decision]) -> ShareShown:
    """Staff decide what the owner asked for last."""
    body = call.body
    said = DecideShare(body.agreed, call.user.name, body.reason, body.pct)
    return await _told(house, call.path["lot"], call.path["bay"], said, call.key)


async def free_bays(house: House, call: Call[WhichFree, None]) -> FreeBays:
    """Free bays, the nearest first."""
    asked = call.query
    lot = found(await house.lists.lot(asked.lot)) if asked.lot else None
    if asked.lon is not None and asked.lat is not None:
        lon, lat = asked.lon, asked.lat
    elif lot is not None:
        lon, lat = lot.lon, lot.lat
    else:
        west, south, east, north = found(await house.lists.city()).bounds
        lon, lat = (west + east) / 2, (south + north) / 2
    wish_ = Wish(lon, lat, asked.type, asked.charging)
    return FreeBays(await house.own.holdings.nearest(wish_, asked.limit, asked.lot))


def shown(share: Share, lot: str, bay: str, now: Micros, person: str = "", reason: str = "") -> ShareShown:
    """A shared bay as people see it."""
    frozen = share.state == "active" and share.frozen_from_us <= now < share.frozen_until_us
    return ShareShown(
        id=share.share,
        lot=lot,
        bay=bay,
        owner=share.owner,
        state="frozen" if frozen else share.state,
        zone=share.zone,
        hours=[HoursShown(each.weekday, each.from_minute, each.until_minute) for each in share.windows],
        from_us=share.from_us,
        until_us=share.until_us,
        asked=share.asked,
        asked_from_us=share.asked_from_us,
        asked_until_us=share.asked_until_us,
        frozen_from_us=share.frozen_from_us,
        frozen_until_us=share.frozen_until_us,
        pct=share.pct,
        person=person,
        reason=reason,
    )


def _begin(zone: str, day: date, later: int = 0) -> Micros:
    return zone_named(zone).begin(day.toordinal() - EPOCH + later)


async def _told(house: House, lot: str, bay: str, said: Message, key: str) -> ShareShown:
    place = f"{plain(lot, '$.lot')}/{plain(bay, '$.bay')}"
    answer = await tell(house, Ref("holding", place), said, key)
    assert isinstance(answer, HoldingAnswer)
    return shown(found(answer.face.share), lot, bay, house.lookout.clock())


async def _page(house: House, asked: Paged, which: WhichShares) -> Shares:
    wanted = {"owner": which.owner, "lot": which.lot, "state": which.state}
    rows = await house.own.holdings.shares(key_after(asked), asked.limit + 1, **wanted, waits=which.waits)
    page, following = page_of(rows, asked.limit, lambda row: row.id)
    return Shares([_line(row, house.lookout.clock()) for row in page], following)


def _line(row: ShareRow, now: Micros) -> ShareShown:
    return shown(_share.decode(row.body), row.lot_id, row.bay_id, now, row.person, row.reason)
