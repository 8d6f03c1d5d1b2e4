"""Prices that follow occupancy: the job that announces the next step of each lot, in time for its notice."""

from typing import NamedTuple

from actors.tariffs.occupancy import Announced, Steering, steer
from actors.tariffs.registry import FACTOR, STEERED, Factored, body_of, factor_in, steering_in
from actors.tariffs.units import micros
from actors.values import MINUTE_US, Micros
from gateway.jobs import Every, Job
from storage.database import Engine
from storage.desk import Desk
from storage.errors import Declined
from storage.jobs import Run
from storage.lists import Lists
from storage.projections.lots import KNOWN, OCCUPIED
from storage.published import Publication, Published
from storage.rows import LotRow, PublishedRow
from storage.session import now_us

LEAD_US = 5 * MINUTE_US
"""So long before the notice has to be given a step is decided: by what is seen then, not hours before."""

EVERY_S = 60
WHO = "price-by-occupancy"


class Standing(NamedTuple):
    """A lot's factor: every version that was announced, newest first; the last one, and whether it is still to come."""

    versions: list[PublishedRow]
    factor: str
    coming: bool


def percent_of(lot: LotRow) -> int | None:
    """How full a lot is, of the bays that somebody well has an opinion of; None: nobody has."""
    known = sum(n for state, n in lot.counts.items() if state in KNOWN)
    return sum(n for state, n in lot.counts.items() if state in OCCUPIED) * 100 // known if known else None


async def standing_of(published: Published, lot: str, now: Micros) -> Standing:
    """How a lot's factor stands."""
    versions = await published.versions(FACTOR + lot)
    if not versions:
        return Standing([], "1", False)
    last = max(versions, key=lambda row: (row.effective_from, row.version))
    return Standing(versions, factor_in(last.body), last.effective_from > now)


def step(how: Steering, standing: Standing, percent: int | None, now: Micros) -> Announced | None:
    """The step to be announced now, if any: one at a time, and not before its notice has to be given."""
    if standing.coming or percent is None:
        return None
    found = steer(how, standing.factor, percent, now)
    if found is None or found.effective_us - micros(how.notice_minutes) - now > LEAD_US:
        return None
    return found


async def let_go(published: Published, desk: Desk, lot: str, who: str, now: Micros) -> None:
    """A lot whose price follows occupancy no more: whoever comes now pays the tariff, whatever was announced."""
    standing = await standing_of(published, lot, now)
    last_us = max((row.effective_from for row in standing.versions), default=now)
    current = await published.in_force(FACTOR + lot, now)
    # One version of a name at a time; a run of the job does what is left of it.
    if current is not None and factor_in(current.body) != "1":
        await desk.publish(who, [Publication(FACTOR + lot, now, body_of(Factored()))])
    if standing.coming and standing.factor != "1":
        await desk.publish(who, [Publication(FACTOR + lot, last_us, body_of(Factored()))])


async def steer_lots(engine: Engine, now: Micros) -> list[str]:
    """Announces what is to be announced now; the lots whose price will step."""
    published, lists, desk = Published(engine), Lists(engine), Desk(engine, lambda: now)
    stepped = []
    for row in await published.in_force_below(STEERED, now):
        id, how = row.name.removeprefix(STEERED), steering_in(row.body)
        lot = await lists.lot(id)
        if how is None or lot is None:
            await let_go(published, desk, id, WHO, now)
            continue
        standing, percent = await standing_of(published, id, now), percent_of(lot)
        if found := step(how, standing, percent, now):
            newest = standing.versions[0].version if standing.versions else 0
            body = body_of(Factored(factor=found.factor))
            said = Publication(FACTOR + id, found.effective_us, body, f"{percent} %", after=newest)
            try:
                await desk.publish(WHO, [said])
            except Declined:  # another run of this job, or a person, was quicker
                continue
            stepped.append(id)
    return stepped


async def steer_prices(engine: Engine, run: Run) -> str:
    """A run of the job."""
    stepped = await steer_lots(engine, max(run.due_us, now_us()))
    return f"steps announced: {', '.join(stepped) or 'none'}"


STEER = Job("steer_prices", Every(EVERY_S), steer_prices, missed="skip")
