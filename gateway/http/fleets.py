"""Fleets over HTTP: which are quarantined, what they hold, and what staff decide on that, in bulk."""

import asyncio
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.fleet import (
    DecideHeld,
    FleetAnswer,
    FleetDecided,
    FleetFace,
    FleetQuery,
    HeldDeparture,
    LiftQuarantine,
    fleet_key,
)
from actors.messages.forms import Message
from actors.values import Micros, Ref
from gateway.http.asking import Post, ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown import Next
from storage.rows import FleetRow

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
DECIDED_MOST: Final = 500
"""So many departures a fleet decides in one turn."""


class FleetShown(Shown, frozen=True):
    """A fleet: how many devices it has, since when none of its departures is believed (null: they are), how many came
    in the present window, how many are usual, how many wait for a decision. Not `reachable`: what it says is not known.
    """

    id: str
    kind: str
    firmware: str
    devices: int
    quarantined_us: Micros | None
    counted: int
    usual: int
    held: int
    reachable: bool = True


class Fleets(Shown, frozen=True):
    """All fleets, those that are quarantined first."""

    items: list[FleetShown]


class HeldShown(Shown, frozen=True):
    """A departure that waits for a decision; `ended`: its stay had been ended by it, and was opened again."""

    session: str
    bay: str
    exit_us: Micros
    ended: bool


class Held(Shown, frozen=True):
    """One page of what a fleet holds, in order of session."""

    items: list[HeldShown]
    next: Next


class Decision(Typed, frozen=True):
    """What staff decide: `reverse` (they never left) or `confirm` (they did), for these sessions, or for all that are
    held now if none is named, however many they are.
    """

    verdict: Literal["reverse", "confirm"]
    reason: Reason
    sessions: Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=DECIDED_MOST)] = []


class Decided(Shown, frozen=True):
    """So many were decided; `left`: so many more have come to be held meanwhile, on which nothing was decided."""

    decided: int
    left: int


class Lift(Typed, frozen=True):
    """Why the fleet may be believed again."""

    reason: Reason


async def listed(house: House, call: Call[NoQuery, None]) -> Fleets:
    """All fleets."""
    rows = await house.lists.fleets()
    faces = await asyncio.gather(*(_face(house, fleet_key(row.kind, row.firmware)) for row in rows))
    shown = [_shown(row, face) for row, face in zip(rows, faces, strict=True)]
    return Fleets(sorted(shown, key=lambda each: (each.quarantined_us is None, each.id)))


async def held(house: House, call: Call[Paged, None]) -> Held:
    """One page of what a fleet holds: the preview of a decision in bulk."""
    await _known(house, call.path["id"])
    asked = call.query
    answer = await _ask(house, call.path["id"], FleetQuery(key_after(asked) or "", asked.limit + 1))
    page, following = page_of(list(answer.held), asked.limit, lambda one: one.session)
    return Held([_held(one) for one in page], following)


async def decide(house: House, call: Call[NoQuery, Decision]) -> Decided:
    """Departures reversed or confirmed in one command, however many they are."""
    await _known(house, call.path["id"])
    body = call.body
    said = DecideHeld(body.verdict, call.user.name, body.reason, tuple(body.sessions), DECIDED_MOST)
    return await decided(house.post, Ref("fleet", call.path["id"]), said, call.key)


async def decided(post: Post | None, fleet: Ref, said: DecideHeld, key: str) -> Decided:
    """A decision on all that were held at the first batch, oldest first, and on none that came since.

    Each batch has a key made of the caller's: whoever asks again after an interruption goes on where it was.
    """
    first = await _batch(post, fleet, said, f"{key}#0")
    meant, done, left, n = first.decided + first.left, first.decided, first.left, 0
    while done < meant:
        n += 1
        part = msgspec.structs.replace(said, most=min(said.most, meant - done))
        more = await _batch(post, fleet, part, f"{key}#{n}")
        done, left = done + more.decided, more.left
        if not more.decided:
            break  # somebody else has decided on the rest
    return Decided(done, left)


async def _batch(post: Post | None, fleet: Ref, said: DecideHeld, key: str) -> FleetDecided:
    """One batch of a decision; `#` is in no caller's key."""
    reply = await ask(post, fleet, said, key)
    if not isinstance(reply, FleetDecided):
        raise Problem("outcome_unknown")
    return reply


async def lift(house: House, call: Call[NoQuery, Lift]) -> FleetShown:
    """The fleet is believed again."""
    row = await _known(house, call.path["id"])
    answer = await _ask(house, call.path["id"], LiftQuarantine(call.user.name, call.body.reason), call.key)
    return _shown(row, answer.face)


async def _known(house: House, id: str) -> FleetRow:
    for row in await house.lists.fleets():
        if fleet_key(row.kind, row.firmware) == id:
            return row
    raise Problem("not_found")


async def _ask(house: House, id: str, message: Message, key: str | None = None) -> FleetAnswer:
    reply = await ask(house.post, Ref("fleet", id), message, key)
    if not isinstance(reply, FleetAnswer):
        raise Problem("outcome_unknown")
    return reply


async def _face(house: House, id: str) -> FleetFace | None:
    try:
        return (await _ask(house, id, FleetQuery(most=0))).face
    except Problem:
        return None


def _shown(row: FleetRow, said: FleetFace | None) -> FleetShown:
    face = said or FleetFace(0, 0, 0, 0)
    return FleetShown(
        id=fleet_key(row.kind, row.firmware),
        kind=row.kind,
        firmware=row.firmware,
        devices=row.devices,
        quarantined_us=face.quarantined_us or None,
        counted=face.counted,
        usual=face.usual,
        held=face.held,
        reachable=said is not None,
    )


def _held(one: HeldDeparture) -> HeldShown:
    return HeldShown(one.session, one.bay, one.exit_us, one.ended)
