"""Generated rules of the neutral form: our documents price them as a naive walk over the rule itself does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any

import pytest

from actors.tariffs.interchange.examples import price_examples
from actors.tariffs.interchange.neutral_form import NeutralTariff
from tests.actors.tariffs.neutral_oracle import NeutralOracle

SUITE, SOAK = 600, 200_000
HOURS = (
    [("00:00", "24:00")],
    [("08:00", "20:00"), ("20:00", "08:00")],
    [("07:00", "19:30")],
    [("09:00", "18:00"), ("18:00", "23:00"), ("00:00", "24:00")],
    [("22:00", "06:00"), ("06:00", "22:00")],
)
LEAST_MOST = 700
"""No least charge reaches this, and no cap of a visit is below it: such a pair would be refused as senseless."""
DAYS: tuple[Any, ...] = ("weekday", "weekend", ["mon", "tue", "wed", "thu", "fri"], ["sat", "sun"], ["fri", "sat"])


def amount(rng: Random, most: int, least: int = 0) -> Any:
    """An amount, sometimes one for each class."""
    one = rng.randrange(least, most)
    return one if rng.random() < 0.7 else {"small": one, "large": rng.randrange(least, most)}


def period(rng: Random, number: int, start: str, end: str) -> dict[str, Any]:
    ends = sorted(rng.sample([30, 45, 60, 90, 120, 180, 240], rng.choice([0, 0, 1, 2])))
    tiers = [{"upto": upto, "unit": rng.choice([15, 20, 30, 60, 120]), "price": amount(rng, 900)} for upto in ends]
    tiers.append({"upto": None, "unit": rng.choice([15, 30, 60]), "price": amount(rng, 900)})
    made: dict[str, Any] = {"name": f"p{number}", "start": start, "end": end, "tiers": tiers}
    maybe(rng, made, 0.25, "cap", lambda: amount(rng, 2500))
    maybe(rng, made, 0.25, "days", lambda: rng.choice(DAYS))
    maybe(rng, made, 0.1, "vehicle", lambda: rng.choice(["small", ["large"], ["small", "large"]]))
    maybe(rng, made, 0.1, "no_tier_clock", lambda: True)
    return made


def maybe(rng: Random, made: dict[str, Any], chance: float, key: str, value: Any) -> None:
    if rng.random() < chance:
        made[key] = value()


def rule(rng: Random) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": rng.choice(["unit"] * 6 + ["prorata", "per_visit"])}
    maybe(rng, made, 0.4, "free", lambda: free(rng))
    maybe(rng, made, 0.15, "min_charge", lambda: rng.randrange(100, LEAST_MOST))
    maybe(rng, made, 0.15, "vehicle_multiplier", lambda: {"large": rng.choice([2, 1.5, 0.5])})
    if made["kind"] == "per_visit":
        return made | {"price": amount(rng, 900)}
    made["periods"] = [period(rng, n, *hours) for n, hours in enumerate(rng.choice(HOURS))]
    maybe(rng, made, 0.5, "boundary", lambda: rng.choice(["split", "straddle_prev"]))
    maybe(rng, made, 0.5, "first_scope", lambda: rng.choice(["stay", "cycle", "period"]))
    maybe(rng, made, 0.3, "tier_split", lambda: False)
    maybe(rng, made, 0.5, "cap", lambda: cap(rng))
    if made.get("cap", {}).get("reset") != "visit":
        maybe(rng, made, 0.15, "visit_cap", lambda: rng.randrange(1000, 6000))
    maybe(rng, made, 0.15, "holidays", lambda: ["2024-05-08"])
    if made["kind"] == "unit":
        maybe(rng, made, 0.15, "round", lambda: "down")
        if "round" not in made:
            maybe(rng, made, 0.15, "min_span", lambda: rng.choice([3, 5, 10]))
    return made


def free(rng: Random) -> dict[str, Any]:
    return {
        "minutes": rng.choice([10, 15, 30]),
        "mode": rng.choice(["gate", "deduct"]),
        "inclusive": rng.random() < 0.7,
    }


def cap(rng: Random) -> dict[str, Any]:
    made: dict[str, Any] = {"reset": rng.choice(["24h_from_entry", "clock", "visit"])}
    made["amount"] = amount(rng, 5000, LEAST_MOST if made["reset"] == "visit" else 0)
    if made["reset"] == "clock":
        maybe(rng, made, 0.5, "at", lambda: rng.choice(["05:00", "12:00"]))
    return made


def differing(seeds: range) -> list[int]:
    """The seeds on which the two differ."""
    wrong = []
    for seed in seeds:
        rng = Random(seed)
        made, vehicle = rule(rng), rng.choice(["small", "large"])
        entry = datetime(2024, 5, 6 + rng.randrange(6), rng.randrange(24), rng.choice([0, 15, 30, 7, 59]))
        end = entry + timedelta(minutes=rng.choice([rng.randrange(200), rng.randrange(1500), rng.randrange(4500)]))
        example = {"entry": entry.isoformat(), "exit": end.isoformat(), "vehicle": vehicle, "expected_cents": 0}
        outcomes, problems = price_examples(NeutralTariff(id="x", rule=made, examples=[example]))
        assert not problems, (seed, problems)
        if outcomes[0].got != NeutralOracle(made, entry, end, vehicle).charge():
            wrong.append(seed)
    return wrong


def test_neutral_rules_cost_what_a_naive_walk_over_them_finds() -> None:
    assert not differing(range(SUITE))


@pytest.mark.soak
def test_very_many_neutral_rules(soaking: Callable[[], bool]) -> None:
    for start in takewhile(lambda _: soaking(), range(1_000_000, 1_000_000 + SOAK, 1_000)):
        assert not differing(range(start, start + 1_000))
