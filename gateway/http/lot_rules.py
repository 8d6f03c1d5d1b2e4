"""Rules of lots over HTTP: a section's mode, and how its stays are opened, ended and paid; published to all actors."""

from typing import Annotated

import msgspec

from actors.messages.rules import RULES, LotRules, Mode
from actors.values import Micros
from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.rates import effective_at, held, standing
from gateway.http.shown import Next
from gateway.http.shown_tariffs import Standing
from storage.lot_rules import by_register
from storage.published import Publication
from storage.rows import LotRow, PublishedRow


class NewLotRules(Typed, frozen=True):
    """The rules of a lot from a time on (null: now), decided on the newest version that was known (0: none)."""

    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
    rules: LotRules
    effective_us: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class LotRulesShown(Shown, frozen=True):
    """A lot's rules in one version, and who published it when; version 0: none was, the lot is only watched."""

    lot: str
    version: int
    newest: Annotated[int, msgspec.Meta(description="The version that a change has to name")]
    standing: Standing
    effective_us: Micros
    at: Micros
    who: str
    note: str
    rules: LotRules


class LotRulesListed(Shown, frozen=True):
    """The rules that hold now, one line a lot that has some, in order of lot."""

    items: list[LotRulesShown]
    next: Next


class WhichRules(Paged, frozen=True):
    """Which lots: of one mode; empty: all that have rules."""

    mode: Mode | None = None


class RulesAt(Typed, frozen=True):
    """A moment of entry; without one, now."""

    at_us: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] | None = None


async def rules_now(house: House, lot: str) -> LotRules:
    """What holds in a lot now; a lot without rules is only watched."""
    row = await house.published.in_force(RULES + lot, house.lookout.clock())
    return LotRules() if row is None else _read(row)


async def rules_since(house: House, lot: str, until: Micros) -> dict[str, list[tuple[Micros, LotRules]]]:
    """Each lot's rules (or those of one lot) one after the other until then, with the moment from which they hold."""
    names = [RULES + lot] if lot else [row.name for row in await house.published.in_force_below(RULES, until)]
    every = await house.published.every(names)
    return {
        _lot(rows[0]): [(row.effective_from, _read(row)) for row in held(rows) if row.effective_from < until]
        for rows in every.values()
    }


async def listed(house: House, call: Call[WhichRules, None]) -> LotRulesListed:
    """One page of lots with the rules that hold there now."""
    asked, now = call.query, house.lookout.clock()
    after = key_after(asked) or ""
    rows = [
        row
        for row in await house.published.in_force_below(RULES, now)
        if _lot(row) > after and asked.mode in (None, _read(row).mode)
    ]
    page, following = page_of(rows[: asked.limit + 1], asked.limit, _lot)
    every = await house.published.every(row.name for row in page)
    return LotRulesListed([_shown(row, every[row.name], now) for row in page], following)


async def one(house: House, call: Call[RulesAt, None]) -> LotRulesShown:
    """The rules that hold for an entry at a moment in this lot."""
    lot = found(await house.lists.lot(call.path["id"]))
    now = house.lookout.clock()
    every = await house.published.versions(RULES + lot.id)
    at = now if call.query.at_us is None else call.query.at_us
    holding = [row for row in held(every) if row.effective_from <= at]
    if not holding:
        newest = every[0].version if every else 0
        return LotRulesShown(lot.id, 0, newest, "in_force", 0, 0, "", "", _of_register(LotRules(), lot))
    return _shown(holding[-1], every, now)


async def change(house: House, call: Call[NoQuery, NewLotRules]) -> LotRulesShown:
    """Other rules from a time on; stays that are open keep what was decided at their entry."""
    lot, body = found(await house.lists.lot(call.path["id"])), call.body
    value = msgspec.msgpack.encode(_of_register(body.rules, lot))
    publication = Publication(
        RULES + lot.id, effective_at(house, body.effective_us), value, body.note, after=body.version
    )
    (number,) = await house.desk.publish(call.user.name, [publication])
    every = await house.published.versions(publication.name)
    return _shown(next(row for row in every if row.version == number), every, house.lookout.clock())


def _of_register(rules: LotRules, lot: LotRow) -> LotRules:
    return by_register(rules, lot.street, lot.operator, lot.road, lot.region)


def _shown(row: PublishedRow, every: list[PublishedRow], now: Micros) -> LotRulesShown:
    how = standing(row, held(every), now)
    said = (row.effective_from, row.at, row.who, row.note)
    return LotRulesShown(_lot(row), row.version, every[0].version, how, *said, _read(row))


def _lot(row: PublishedRow) -> str:
    return row.name.removeprefix(RULES)


def _read(row: PublishedRow) -> LotRules:
    return msgspec.msgpack.decode(row.body, type=LotRules)
