"""Vehicles by plate: what they owe, on which lists they are, whose they are, and which plates park free."""

from hashlib import blake2b
from typing import Any

import msgspec

from actors.messages.ownership import DecideClaim, LockCar
from actors.messages.rules import SPECIAL_PLATES, SpecialPlates
from actors.messages.vehicle import DropListing, Listing, PutListing, VehicleAnswer, VehicleQuery
from actors.plates import normal, plate_class
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown_vehicles import (
    Claims,
    ClaimShown,
    Listings,
    ListingShown,
    Lock,
    NewListing,
    OpenStay,
    OwedShown,
    SpecialChange,
    SpecialShown,
    VehicleShown,
    Verdict,
    WhichClaims,
    WhichListings,
)
from storage.plates import ListingRow, StayPlace
from storage.published import Publication


async def one(house: House, call: Call[Any, Any]) -> VehicleShown:
    """A vehicle as its actor says, with where and when its unpaid stays were."""
    plate = _plate(call)
    answer = await ask(house.post, Ref("vehicle", plate), VehicleQuery())
    assert isinstance(answer, VehicleAnswer)
    face = answer.face
    places = await house.plates.places([owed.session for owed in face.owed])
    arrears = [_owed(owed.session, owed.fen, owed.since_us, owed.operator, places) for owed in face.owed]
    return VehicleShown(
        plate=plate,
        plate_class=plate_class(plate),
        present=[OpenStay(each.session, each.lot, each.bay, each.entry_us, each.street) for each in face.present],
        arrears=sorted(arrears, key=lambda each: (each.entry_us, each.session)),
        arrears_fen=sum(each.fen for each in arrears),
        lists=[_listing(plate, each) for each in face.lists],
        passes=[each.id for each in face.passes],
        account=face.account,
        credit_fen=face.credit_fen,
        locked=face.locked,
    )


async def listed(house: House, call: Call[WhichListings, None]) -> Listings:
    """One page of plates on lists."""
    asked = call.query
    wanted = {"list": asked.list, "plate": normal(asked.plate)}
    rows = await house.plates.listings(pair_after(asked), asked.limit + 1, **wanted, at_us=asked.at_us)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.plate} {row.id}")
    return Listings([_row(row) for row in page], following)


async def put(house: House, call: Call[NoQuery, NewListing]) -> ListingShown:
    """A plate on a list; the same key again finds what it made."""
    body, plate = call.body, _plate(call)
    if body.until_us and body.until_us <= body.from_us:
        raise Problem("invalid_body", "It ends before it begins", {"path": "$.until_us"})
    id = blake2b(f"{call.user.user} {call.key}".encode(), digest_size=8).hexdigest()
    listing = Listing(id, body.list, body.from_us, body.until_us, body.lots, body.reason)
    await ask(house.post, Ref("vehicle", plate), PutListing(listing, call.user.name), call.key)
    return _listing(plate, listing)


async def drop(house: House, call: Call[NoQuery, None]) -> None:
    """The plate is off that list."""
    await ask(house.post, Ref("vehicle", _plate(call)), DropListing(call.path["listing"], call.user.name))


async def claims(house: House, call: Call[WhichClaims, None]) -> Claims:
    """One page of claims on plates that others have."""
    asked = call.query
    rows = await house.plates.claims(pair_after(asked), asked.limit + 1, state=asked.state)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.plate} {row.account}")
    return Claims([ClaimShown(**msgspec.structs.asdict(row)) for row in page], following)


async def decide(house: House, call: Call[NoQuery, Verdict]) -> VehicleShown:
    """The plate changes hands, or not."""
    verdict = DecideClaim(call.path["account"], call.body.accept, call.user.name, call.body.reason)
    await ask(house.post, Ref("vehicle", _plate(call)), verdict)
    return await one(house, call)


async def lock(house: House, call: Call[NoQuery, Lock]) -> None:
    """The caller's car is locked, or not."""
    await ask(house.post, Ref("vehicle", _plate(call)), LockCar(call.user.user, call.body.on))


async def special(house: House, call: Call[NoQuery, None]) -> SpecialShown:
    """Which classes of plates park free."""
    newest = next(iter(await house.published.versions(SPECIAL_PLATES, limit=1)), None)
    known = msgspec.msgpack.decode(newest.body, type=SpecialPlates) if newest else SpecialPlates()
    return SpecialShown(newest.version if newest else 0, list(known.classes))


async def change_special(house: House, call: Call[NoQuery, SpecialChange]) -> SpecialShown:
    """Other classes, from now on."""
    value = msgspec.msgpack.encode(SpecialPlates(classes=tuple(dict.fromkeys(call.body.classes))))
    publication = Publication(SPECIAL_PLATES, house.lookout.clock(), value, after=call.body.version)
    await house.desk.publish(call.user.name, [publication])
    return SpecialShown(call.body.version + 1, list(dict.fromkeys(call.body.classes)))


def pair_after(query: Paged) -> tuple[str, str] | None:
    """The cursor of a list whose key is a plate and a word."""
    plate, _, rest = (key_after(query) or "").partition(" ")
    return (plate, rest) if plate else None


def _plate(call: Call[Any, Any]) -> str:
    plate = normal(call.path["plate"])
    if not plate or len(plate) > 64:
        raise Problem("not_found")
    return plate


def _listing(plate: str, one: Listing) -> ListingShown:
    return ListingShown(plate, one.id, one.list, one.from_us, one.until_us, one.lots, one.reason)


def _row(row: ListingRow) -> ListingShown:
    said = (row.from_us, row.until_us, tuple(row.lots.split()), row.reason, row.person, row.at_us)
    return ListingShown(row.plate, row.id, row.list, *said)


def _owed(session: str, fen: int, since_us: int, operator: str, places: dict[str, StayPlace]) -> OwedShown:
    place = places.get(session)
    lot, _, rest = session.partition("/")
    where = (place.bay_id, place.entry_us, place.exit_us or 0) if place else (rest.rpartition("-")[0], 0, 0)
    return OwedShown(session, lot, *where, fen, since_us, operator)
