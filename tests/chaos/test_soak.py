"""Faults without end, one or two at once, in an order that a seed decides; a failing seed is the report."""

import random
import time

import pytest

from tests.chaos.faults import FAULTS, Fault
from tests.chaos.field import Field
from tests.chaos.striking import struck, two_at_once, why_not

pytestmark = [pytest.mark.ray, pytest.mark.soak]

PAIRS = 0.3
"""How many of the strikes are two at once."""


def next_strike(chance: random.Random, at: Field) -> list[Fault]:
    """One fault or two, among those that this machine can have."""
    while True:
        faults = two_at_once(chance) if chance.random() < PAIRS else [chance.choice(FAULTS)]
        if not why_not(at, faults):
            return faults


async def test_no_sequence_loses_or_doubles_anything(
    field: Field, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, soak_s = request.config.getoption("seed"), request.config.getoption("soak_s") or 600
    chance, ends, strikes = random.Random(seed), time.monotonic() + soak_s, 0

    def say(what: str) -> None:
        with capsys.disabled():
            print(f"\n{what}", end="", flush=True)

    say(f"--seed {seed} --soak-s {soak_s}")
    while time.monotonic() < ends:
        await field.load.sign_in()
        async with field.screen() as screen:
            async with field.load.flowing():
                for _ in range(chance.randint(1, 6)):
                    if strikes and time.monotonic() >= ends:
                        break
                    faults = next_strike(chance, field)
                    say(" and ".join(fault.name for fault in faults))
                    await struck(field, faults)
                    strikes += 1
            await field.is_true(screen)
        say(f"{strikes} strikes, {len(field.load.said)} frames, {field.load.answers} answers: all true")
