"""One fault a row, under load: it is seen, it heals, and nothing that was acknowledged is lost, doubled or changed."""

import random

import pytest

from tests.chaos.faults import FAULTS, Fault
from tests.chaos.field import Field
from tests.chaos.striking import struck, struck_in_a_row, two_at_once, why_not

pytestmark = [pytest.mark.ray, pytest.mark.timeout(180)]

SEED = 12
ROWS = [[fault] for fault in FAULTS] + [two_at_once(random.Random(SEED))]
KILLED = ("cell", "gateway", "cell", "gateway", "views", "gateway", "projector")


@pytest.mark.parametrize("faults", ROWS, ids=lambda row: " and ".join(fault.name for fault in row))
async def test_nothing_is_lost_or_doubled(field: Field, faults: list[Fault]) -> None:
    if why := why_not(field, faults):
        pytest.skip(why)
    async with field.screen() as screen:
        async with field.load.flowing():
            await struck(field, faults)
        await field.is_true(screen)


async def test_nothing_is_lost_or_doubled_by_one_after_the_other(field: Field) -> None:
    named = {fault.name: fault for fault in FAULTS}
    async with field.screen() as screen:
        async with field.load.flowing():
            await struck_in_a_row(field, [named[f"killed {part}"] for part in KILLED], random.Random(SEED))
        await field.is_true(screen)
