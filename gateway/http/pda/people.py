"""Collectors sign in on one device, work in shifts on sections that are theirs alone, and leave."""

from typing import Annotated

import msgspec

from actors.messages.collector import (
    CloseShift,
    CollectorAnswer,
    CollectorFace,
    ComeOnline,
    GoOffline,
    OpenShift,
    Shift,
    Spot,
    StayOnline,
)
from actors.messages.section import FreeSection, SectionHeld, TakeSection
from actors.values import MINUTE_US, Micros, Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.lot_rules import rules_now
from gateway.http.pda.rules import Text, Word, collector, key_of, lot, rules, tell
from gateway.http.session import NAME_CHARS, PASSWORD_CHARS, Session
from gateway.identity import ROLES

HOLD_US = MINUTE_US
"""How long a section is held for a shift that is not open yet: a gateway that dies between the two costs this."""

Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lots = Annotated[list[Word], msgspec.Meta(min_length=1, max_length=50)]


class DeviceSignIn(Typed, frozen=True):
    """A name, a password, and the device they are typed into."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARS)]
    device: Word
    device_name: Text = ""


class OnDevice(Typed, frozen=True):
    """The device that speaks."""

    device: Word


class DeviceSpot(Typed, frozen=True, kw_only=True):
    """The device that speaks, where it is, and the picture that was taken there (an evidence's id)."""

    device: Word
    lon: Degrees = 0.0
    lat: Degrees = 0.0
    place: Text = ""
    picture: Text = ""

    @property
    def spot(self) -> Spot:
        """Where this is."""
        return Spot(self.lon, self.lat, self.place, self.picture)


class ShiftBeginning(DeviceSpot, frozen=True, kw_only=True):
    """Work begins on these sections."""

    sections: Lots


class Supervision(Typed, frozen=True):
    """Why a supervisor does this; it stands in the facts."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SumShown(Shown, frozen=True):
    """How often and how much was taken by a channel."""

    channel: str
    n: int
    fen: int


class ShiftShown(Shown, frozen=True):
    """A shift with what was taken in it; `closed_us` null: it goes on."""

    id: str
    sections: tuple[str, ...]
    opened_us: Micros
    opened_at: str
    closed_us: Micros | None
    takings: list[SumShown]
    n: int
    fen: int
    by: str = ""
    why: str = ""


class CollectorShown(Shown, frozen=True):
    """A collector as they are now: the device, the open shift, cash in hand, and what of it is offered."""

    collector: str
    name: str
    device: str | None
    device_name: str | None
    until_us: Micros | None
    shift: ShiftShown | None
    cash_fen: int
    offered_fen: int | None


class DeviceSession(Shown, frozen=True):
    """A session, and until when the device is the collector's unless it is heard of again."""

    session: Session
    collector: CollectorShown


async def sign_in(house: House, call: Call[NoQuery, DeviceSignIn]) -> DeviceSession:
    """A session on this device; `online_elsewhere` names the device that has the collector already."""
    body, keeper = call.body, house.doorkeeper
    user = await keeper.known(body.name, body.password, call.client)
    if "shift.write" not in ROLES.get(user.role, ()):
        raise Problem("forbidden", details={"permission": "shift.write"})
    family, lease_us = keeper.family(), (await rules(house)).device_us
    come = ComeOnline(body.device, body.device_name or body.device, user.name, family, lease_us)
    face = _face(await tell(house, Ref("collector", user.id), come))
    session = await keeper.begin(user, family, house.live_at(call.host))
    return DeviceSession(session, shown(user.id, face))


async def stay(house: House, call: Call[NoQuery, OnDevice]) -> CollectorShown:
    """The device is still there: it keeps the collector, and their sections keep them."""
    known, me = await rules(house), call.user.user
    still = StayOnline(call.body.device, known.device_us, known.section_us)
    return shown(me, _face(await tell(house, Ref("collector", me), still)))


async def sign_out(house: House, call: Call[NoQuery, OnDevice]) -> CollectorShown:
    """The device is free for others; an open shift goes on, on whatever device comes next."""
    me = call.user.user
    face = _face(await tell(house, Ref("collector", me), GoOffline(call.body.device)))
    await house.doorkeeper.sign_out(call.user)
    return shown(me, face)


async def begin(house: House, call: Call[NoQuery, ShiftBeginning]) -> ShiftShown:
    """A shift on these sections: all of them, or none and who holds the first that could not be had."""
    body, me, known = call.body, call.user, await rules(house)
    wanted = sorted(set(body.sections))  # in one order for all: of two who want the same, one gets them all
    known_lots = [await lot(house, each) for each in wanted]
    operator = (await rules_now(house, wanted[0])).operator or known_lots[0].operator
    names = await collector(house, me.user)
    device_name = names.online.device_name if names.online else body.device
    mine: list[str] = []
    try:
        for each in wanted:
            take = TakeSection(me.user, me.name, body.device, device_name, HOLD_US)
            await tell(house, Ref("lot", each), take)
            mine.append(each)
        opening = OpenShift(body.device, tuple(wanted), operator, body.spot, known.section_us)
        face = _face(await tell(house, Ref("collector", me.user), opening))
    except Problem:
        for each in mine:
            await tell(house, Ref("lot", each), FreeSection(me.user, ""))
        raise
    assert face.shift is not None
    return shift_shown(face.shift)


async def end(house: House, call: Call[NoQuery, DeviceSpot]) -> ShiftShown:
    """The shift is over, with the sums of what was taken."""
    close = CloseShift(call.body.device, call.body.spot)
    face = _face(await tell(house, Ref("collector", call.user.user), close, key_of(call, "close")))
    return shift_shown(face.shifts[-1])


async def one(house: House, call: Call[NoQuery, None]) -> CollectorShown:
    """A collector as they are now."""
    user = found(await house.users.get(call.path["id"]))
    return shown(user.id, await collector(house, user.id))


async def force_out(house: House, call: Call[NoQuery, Supervision]) -> ShiftShown:
    """A supervisor ends somebody's shift; their device and session end with it."""
    user = found(await house.users.get(call.path["id"]))
    known = await collector(house, user.id)
    close = CloseShift("", Spot(), call.user.name, call.body.reason)
    face = _face(await tell(house, Ref("collector", user.id), close))
    if known.online is not None:
        await house.users.revoke(known.online.session)
    return shift_shown(face.shifts[-1])


async def free_device(house: House, call: Call[NoQuery, Supervision]) -> CollectorShown:
    """A supervisor takes somebody's device from them: it was lost, or its battery is empty."""
    user = found(await house.users.get(call.path["id"]))
    known = await collector(house, user.id)
    face = _face(await tell(house, Ref("collector", user.id), GoOffline("", call.user.name)))
    if known.online is not None:
        await house.users.revoke(known.online.session)
    return shown(user.id, face)


class SectionShown(Shown, frozen=True):
    """Who works on a section (null: nobody)."""

    section: str
    collector: str | None
    name: str | None
    device_name: str | None
    until_us: Micros | None


async def free_section(house: House, call: Call[NoQuery, Supervision]) -> SectionShown:
    """A supervisor takes a section from whoever holds it."""
    known = await lot(house, call.path["id"])
    reply = await tell(house, Ref("lot", known.id), FreeSection("", "", call.user.name))
    assert isinstance(reply, SectionHeld)
    hold = reply.hold
    if hold is None:
        return SectionShown(known.id, None, None, None, None)
    return SectionShown(known.id, hold.collector, hold.name, hold.device_name, hold.until_us)


def shown(id: str, face: CollectorFace) -> CollectorShown:
    """A collector as answers show them."""
    online, offer = face.online, face.offer
    return CollectorShown(
        collector=id,
        name=face.name,
        device=online.device if online else None,
        device_name=online.device_name if online else None,
        until_us=online.until_us if online else None,
        shift=shift_shown(face.shift) if face.shift else None,
        cash_fen=face.cash_fen,
        offered_fen=offer.counted_fen if offer else None,
    )


def shift_shown(shift: Shift) -> ShiftShown:
    """A shift as answers show it."""
    sums = [SumShown(each.channel, each.n, each.fen) for each in shift.takings]
    n, fen = sum(each.n for each in sums), sum(each.fen for each in sums)
    said = (shift.opened_us, shift.opened_at.place, shift.closed_us or None, sums, n, fen, shift.by, shift.why)
    return ShiftShown(shift.id, shift.lots, *said)


def _face(reply: object) -> CollectorFace:
    assert isinstance(reply, CollectorAnswer)
    return reply.face
