"""Prices that follow occupancy, by lot: the rule, what holds now, which step comes when, and every step so far."""

from typing import Annotated, Any

import msgspec

from actors.tariffs.document import read_as
from actors.tariffs.occupancy import Steering, check_steering
from actors.tariffs.problems import TariffError
from actors.tariffs.registry import FACTOR, STEERED, body_of, factor_in, steering_in
from actors.values import Micros
from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.rates import held, invalid, standing
from gateway.http.shown_tariffs import FactorStep, OccupancyPrice
from gateway.steering import let_go, percent_of, standing_of
from storage.published import Publication
from storage.rows import PublishedRow

STEPS_SHOWN = 50
FIELDS = sorted(Steering.__struct_fields__)


class NewOccupancyPrice(Typed, frozen=True):
    """How a lot's price is to follow occupancy from now on (null: not at all, the factor is 1 again), decided on the
    version that whoever decided it knew.
    """

    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
    steering: Annotated[dict[str, Any], msgspec.Meta(description="See the schema `Steering`")] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


async def one(house: House, call: Call[NoQuery, None]) -> OccupancyPrice:
    """How a lot's price follows occupancy."""
    return await _shown(house, call.path["id"])


async def change(house: House, call: Call[NoQuery, NewOccupancyPrice]) -> OccupancyPrice:
    """Another rule from now on. Steps that were announced stay, but without a rule they are taken back."""
    lot, body, now = found(await house.lists.lot(call.path["id"])), call.body, house.lookout.clock()
    wanted = None if body.steering is None else _sensible(body.steering)
    value = msgspec.msgpack.encode(None) if wanted is None else body_of(wanted)
    await house.desk.publish(call.user.name, [Publication(STEERED + lot.id, now, value, body.note, after=body.version)])
    if wanted is None:
        await let_go(house.published, house.desk, lot.id, call.user.name, now)
    return await _shown(house, lot.id)


async def factor_of(house: House, lot: str, at: Micros) -> str:
    """The factor of a stay that begins then in this lot."""
    row = await house.published.in_force(FACTOR + lot, at)
    return factor_in(row.body) if row else "1"


def _sensible(source: dict[str, Any]) -> Steering:
    try:
        steering = read_as(Steering, source, FIELDS)
        check_steering(steering)
    except TariffError as error:
        raise invalid("steering_invalid", error) from None
    return steering


async def _shown(house: House, id: str) -> OccupancyPrice:
    lot, now = found(await house.lists.lot(id)), house.lookout.clock()
    rule = next(iter(await house.published.versions(STEERED + id, limit=1)), None)
    steps = (await standing_of(house.published, id, now)).versions
    order = held(steps)
    return OccupancyPrice(
        lot=id,
        version=rule.version if rule else 0,
        steering=steering_in(rule.body) if rule else None,
        percent=percent_of(lot),
        factor=await factor_of(house, id, now),
        steps=[_step(row, order, now) for row in steps[:STEPS_SHOWN]],
    )


def _step(row: PublishedRow, order: list[PublishedRow], now: Micros) -> FactorStep:
    return FactorStep(factor_in(row.body), row.effective_from, standing(row, order, now), row.at, row.who, row.note)
