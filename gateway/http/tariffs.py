"""Tariffs as they are kept: created, versioned, withdrawn before they take effect, assigned to lots."""

from typing import Annotated, Any

import msgspec

from actors.tariffs.registry import ASSIGNED, TARIFF, Assigned, assigned_in, body_of, tariff_in
from actors.tariffs.words import describe
from actors.values import Micros
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.occupancy_price import factor_of
from gateway.http.paging import Paged, key_after, number_after, page_of
from gateway.http.rates import effective_at, held, holding, sensible, standing, version_shown
from gateway.http.shown_tariffs import (
    Assignment,
    Assignments,
    Holding,
    Tariffs,
    TariffShown,
    Told,
    Versions,
    VersionShown,
    VersionWhole,
)
from storage.errors import Declined
from storage.published import Publication
from storage.rows import PublishedRow

Id = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", description="Letters, digits and hyphens")
]
Document = Annotated[dict[str, Any], msgspec.Meta(description="A tariff document: see the schema `Tariff`")]
Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Effective = Annotated[Moment | None, msgspec.Meta(description="From when it holds; null: from now on")]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Number = Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]


class NewTariff(Typed, frozen=True):
    """A tariff that is not there yet, with its first version."""

    id: Id
    document: Document
    effective_us: Effective = None
    note: Note = ""


class NewVersion(Typed, frozen=True):
    """The next version of a tariff, decided on the newest one that whoever decided it knew."""

    newest: Number
    document: Document
    effective_us: Effective = None
    note: Note = ""


class Withdrawal(Typed, frozen=True):
    """Why a version that is still to come shall not come."""

    note: Note = ""


class Assigning(Typed, frozen=True):
    """Lots that are to have a tariff from a time on; an empty tariff: nothing is charged there."""

    tariff: Annotated[str, msgspec.Meta(max_length=48)]
    lots: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=64)]], msgspec.Meta(min_length=1, max_length=2_000)
    ]
    effective_us: Effective = None
    note: Note = ""


class At(Typed, frozen=True):
    """A moment of entry; without one, now."""

    at_us: Moment | None = None


class WhichAssignments(Paged, frozen=True):
    """Whose assignments: what lots have now, of one tariff, or all that one lot has had."""

    tariff: Annotated[str, msgspec.Meta(max_length=48)] = ""
    lot: Annotated[str, msgspec.Meta(max_length=64)] = ""


async def listed(house: House, call: Call[Paged, None]) -> Tariffs:
    """One page of tariffs."""
    asked, now = call.query, house.lookout.clock()
    after = key_after(asked)
    newest = await house.published.newest(TARIFF, TARIFF + after if after else None, asked.limit + 1)
    rows, following = page_of(newest, asked.limit, lambda row: row.name.removeprefix(TARIFF))
    lots, every = await _lots_now(house, now), await house.published.every(row.name for row in rows)
    return Tariffs([_shown(every[row.name], lots, now) for row in rows], following)


async def one(house: House, call: Call[NoQuery, None]) -> TariffShown:
    """One tariff."""
    now = house.lookout.clock()
    every = await _every(house, TARIFF + call.path["id"])
    return _shown(every, await _lots_now(house, now), now)


async def create(house: House, call: Call[NoQuery, NewTariff]) -> VersionWhole:
    """The first version; the same request again finds what it made."""
    body = call.body
    document = sensible(body.document)
    publication = Publication(
        TARIFF + body.id, effective_at(house, body.effective_us), body_of(document), body.note, after=0
    )
    try:
        await house.desk.publish(call.user.name, [publication])
    except Declined:
        first = await house.published.version(publication.name, 1)
        if first is None or (first.body, first.who, first.note) != (publication.body, call.user.name, body.note):
            raise Problem("id_taken", details={"id": body.id}) from None
    return await _whole(house, body.id, 1)


async def versions(house: House, call: Call[Paged, None]) -> Versions:
    """One page of a tariff's versions, newest first."""
    name, now = TARIFF + call.path["id"], house.lookout.clock()
    every = await _every(house, name)
    before = number_after(call.query)
    rows, following = page_of(
        [row for row in every if before is None or row.version < before][: call.query.limit + 1],
        call.query.limit,
        lambda row: row.version,
    )
    order = held(every)
    return Versions([version_shown(row, order, now) for row in rows], following)


async def version(house: House, call: Call[NoQuery, None]) -> VersionWhole:
    """One version with its document."""
    return await _whole(house, call.path["id"], _number(call.path["version"]))


async def publish(house: House, call: Call[NoQuery, NewVersion]) -> VersionWhole:
    """The next version."""
    body, id = call.body, call.path["id"]
    await _every(house, TARIFF + id)
    document, effective = sensible(body.document), effective_at(house, body.effective_us)
    publication = Publication(TARIFF + id, effective, body_of(document), body.note, after=body.newest)
    (number,) = await house.desk.publish(call.user.name, [publication])
    return await _whole(house, id, number)


async def withdraw(house: House, call: Call[NoQuery, Withdrawal]) -> VersionShown:
    """Takes a version back before it takes effect: another one, which says what held before, comes in its stead."""
    name, now = TARIFF + call.path["id"], house.lookout.clock()
    every = await _every(house, name)
    number = _number(call.path["version"])
    order = held(every)
    row = found(next((row for row in every if row.version == number), None))
    earlier = [other for other in order if other.effective_from < row.effective_from]
    if standing(row, order, now) != "coming" or not earlier:
        raise Problem("not_withdrawable", details={"version": str(number)})
    instead = Publication(name, row.effective_from, earlier[-1].body, call.body.note, after=every[0].version)
    (made,) = await house.desk.publish(call.user.name, [instead])
    every = await _every(house, name)
    return version_shown(next(row for row in every if row.version == made), held(every), now)


async def assign(house: House, call: Call[NoQuery, Assigning]) -> Assignments:
    """Gives lots a tariff from a time on, all of them or none."""
    body = call.body
    effective = effective_at(house, body.effective_us)
    if body.tariff and await house.published.in_force(TARIFF + body.tariff, effective) is None:
        raise Problem("tariff_not_in_force", details={"tariff": body.tariff})
    lots = sorted(set(body.lots))
    if missing := await house.lists.missing_lots(lots):
        raise Problem("unknown_parent", details={"lot": missing[0]})
    value = body_of(Assigned(tariff=body.tariff))
    await house.desk.publish(call.user.name, [Publication(ASSIGNED + lot, effective, value, body.note) for lot in lots])
    rows = await house.published.all_in_force([ASSIGNED + lot for lot in lots], effective)
    return Assignments([_assignment(row, [row], house.lookout.clock()) for row in rows], None)


async def assignments(house: House, call: Call[WhichAssignments, None]) -> Assignments:
    """What lots have now, or all that one lot has had, newest first."""
    asked, now = call.query, house.lookout.clock()
    if asked.lot:
        rows = await house.published.versions(ASSIGNED + asked.lot, number_after(asked), asked.limit + 1)
        page, following = page_of(rows, asked.limit, lambda row: row.version)
        order = held(await house.published.versions(ASSIGNED + asked.lot))
        return Assignments([_assignment(row, order, now) for row in page], following)
    after = key_after(asked) or ""
    rows = [
        row
        for row in await house.published.in_force_below(ASSIGNED, now)
        if row.name.removeprefix(ASSIGNED) > after
        and (assigned_in(row.body).tariff == asked.tariff if asked.tariff else True)
    ]
    page, following = page_of(rows[: asked.limit + 1], asked.limit, lambda row: row.name.removeprefix(ASSIGNED))
    return Assignments([_assignment(row, [row], now) for row in page], following)


async def lot_tariff(house: House, call: Call[At, None]) -> Holding:
    """What holds for a stay that begins at a moment in this lot."""
    at = call.query.at_us if call.query.at_us is not None else house.lookout.clock()
    now = await holding(house, call.path["id"], at)
    return Holding(
        lot=call.path["id"],
        at_us=at,
        tariff=now.tariff,
        version=now.version.version,
        effective_us=now.version.effective_from,
        assigned_us=now.assigned.effective_from,
        document=tariff_in(now.version.body),
        factor=await factor_of(house, call.path["id"], at),
    )


async def _lots_now(house: House, now: Micros) -> dict[str, int]:
    """How many lots have each tariff."""
    counts: dict[str, int] = {}
    for row in await house.published.in_force_below(ASSIGNED, now):
        tariff = assigned_in(row.body).tariff
        counts[tariff] = counts.get(tariff, 0) + 1
    return counts


def _shown(every: list[PublishedRow], lots: dict[str, int], now: Micros) -> TariffShown:
    id, order = every[0].name.removeprefix(TARIFF), held(every)
    current = [row for row in order if row.effective_from <= now]
    coming = [row.effective_from for row in order if row.effective_from > now]
    document = tariff_in((current or order)[-1].body)
    return TariffShown(
        id=id,
        name=document.name,
        currency=document.currency,
        zone=document.zone,
        newest=every[0].version,
        version=current[-1].version if current else None,
        next_us=coming[0] if coming else None,
        lots=lots.get(id, 0),
    )


async def _whole(house: House, id: str, number: int) -> VersionWhole:
    every = await _every(house, TARIFF + id)
    row = found(next((row for row in every if row.version == number), None))
    document = tariff_in(row.body)
    return VersionWhole(
        id=id,
        version=version_shown(row, held(every), house.lookout.clock()),
        document=document,
        words=Told(describe(document, "zh"), describe(document, "en")),
    )


async def _every(house: House, name: str) -> list[PublishedRow]:
    rows = await house.published.versions(name)
    if not rows:
        raise Problem("not_found")
    return rows


def _assignment(row: PublishedRow, order: list[PublishedRow], now: Micros) -> Assignment:
    lot, tariff = row.name.removeprefix(ASSIGNED), assigned_in(row.body).tariff
    return Assignment(lot, tariff, standing(row, order, now), row.effective_from, row.at, row.who)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem("not_found")
    return int(text)
