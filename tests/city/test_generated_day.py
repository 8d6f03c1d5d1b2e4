"""A generated day through a running city whose cells are killed meanwhile: each true stay is charged once or is listed,
whatever devices, people and provider got wrong; and the same day again comes to the same facts.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count, cycle
from pathlib import Path

import msgspec
import pytest

from actors.engine.cluster import Cluster
from actors.messages.forms import Face, Fact
from actors.messages.payment_facts import PaymentContradicted, PaymentRefunded, PaymentSucceeded
from actors.messages.session_facts import StandingNoted
from actors.messages.session_shown import SessionFace
from actors.values import HOUR_US, Micros, Ref
from storage.ledger.again import again
from storage.ledger.proof import prove
from storage.session import now_us
from tests.anew import comes_out_the_same
from tests.city.liar import Liar, lying
from tests.city.lived import Life, day_of, place, publish
from tests.city.quarters import RUNS, SIGNS, quarters, ruled
from tests.city.test_mall import facts_of
from tests.city.waiting import eventually
from tests.city.whole import Whole, whole_city
from tests.days.audit import charged_by_the_tariff, exact_or_listed, sensed
from tests.days.generated import CONTRADICTS, LIES
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray]

COMPARED = ("session", "bay", "account", "payment")
"""Kinds of actors whose facts are the same in each run; lots and vehicles hear of several bays in no fixed order."""
OF_THE_RUN = ("ProviderAsked", "ProviderAnswered", "OrderNoted", "BayInstalled")
"""Facts that say how often a provider had to be asked, who heard first that it has made an order, and which one of all
bays a bay is.
"""

Told = list[tuple[Ref, Micros, Fact]]


class Reaper:
    """Kills a cell at each `every`-th moment, one after the other, and only one that is alive."""

    def __init__(self, city: Whole, every: int) -> None:
        self.kills = 0
        self._city, self._every = city, every
        self._moments, self._victims = count(1), cycle(city.town.cells)
        self._alone = asyncio.Lock()

    async def moment(self) -> None:
        """Something may die now."""
        if next(self._moments) % self._every:
            return
        async with self._alone:
            victim = next(self._victims)
            await eventually(lambda: self._alive(victim), f"{victim} is back, to be killed again")
            await asyncio.to_thread(self._city.town.cluster.kill, victim)
            self.kills += 1

    async def _alive(self, name: str) -> bool:
        await self._city.town.state(name)
        return True


@asynccontextmanager
async def opened(database_url: str, ray: Cluster, folder: Path) -> AsyncIterator[tuple[Whole, Liar, Caller]]:
    """A city of its own, with a provider that outlives whatever dies in it, and somebody at its door."""
    async with (
        whole_city(database_url, ray, folder, quarters()) as city,
        lying(city) as liar,
        city.signed_in() as http,
    ):
        await ruled(city)
        yield city, liar, http


async def lived_twice(city: Whole, liar: Liar, http: Caller, seed: int, bays: int, every: int) -> tuple[int, set[str]]:
    """The same day in two quarters of the city at once, each right, and both the same; how many cells died, and which
    lies the provider told.
    """
    began_us, reaper = now_us(), Reaper(city, every)
    lives = [Life(city, http, liar, run, day_of(seed, run, bays), reaper.moment) for run in RUNS]
    await asyncio.gather(*(life.topped_up() for life in lives))
    await publish(city, lives, reaper.moment, moments=every)
    await asyncio.gather(*(life.people() for life in lives))
    await city.quiet()  # every refund that was asked for is in the tables
    await eventually(lambda: _given_back(city), "the provider has given back all that it was asked to")
    await city.quiet()
    facts = await facts_of(city.town)
    faces = await city.faces()
    for life in lives:
        stays_are_right(faces, facts, life)
        provider_agrees(facts, life, liar)
    first, second = (told(facts, life, began_us) for life in lives)
    assert _differing(first, second) == "", "another life of the same day came to other facts"
    assert (await prove(city.engine, quiet=True)).broken == []
    assert await again(city.engine, city.town.catalogue.decode_told) == []
    await comes_out_the_same(city.town.url, city.town.world, city.town.catalogue.decode_told)
    return reaper.kills, {lie for life in lives for _, _, lies in life.orders.values() for lie in lies}


async def _given_back(city: Whole) -> bool:
    return not await city.count("SELECT count(*) FROM payments WHERE refunding_fen > 0")


def stays_are_right(faces: Mapping[Ref, Face], facts: Told, life: Life) -> None:
    """Each bay has the stays that its sensor saw, with their prices, and what was lost is listed."""
    for bay, frames in life.day.frames.items():
        own, seen = place(life.run, bay), sensed(frames)
        assert Ref("session", f"{own}-{len(seen) + 1}") not in faces, "a stay that nobody made"
        mine = [faces[Ref("session", f"{own}-{n}")] for n in range(1, len(seen) + 1)]
        stays = [face for face in mine if isinstance(face, SessionFace)]
        assert [(face.entry_us, face.exit_us) for face in stays] == [tuple(each) for each in seen]
        charged_by_the_tariff(stays, life.day, bay)
        exact_or_listed(stays, life.day, bay, [fact for ref, _, fact in facts if ref == Ref("bay", own)])


def provider_agrees(facts: Told, life: Life, liar: Liar) -> None:
    """What was paid at the provider came once, what was not never; what goes back is what it gave; lies are listed."""
    for payment, fen, lies in life.orders.values():
        mine = [fact for ref, _, fact in facts if ref == Ref("payment", payment)]
        came = [fact.fen for fact in mine if isinstance(fact, PaymentSucceeded)]
        assert came == ([fen] if payment in life.paid else []), payment
        back = sum(fact.fen for fact in mine if isinstance(fact, PaymentRefunded))
        assert back == liar.given_back(payment) <= fen
        said = {f"other_{fact.what}" for fact in mine if isinstance(fact, PaymentContradicted)}
        assert said == set(lies) & set(CONTRADICTS), payment


def told(facts: Told, life: Life, began_us: Micros) -> dict[str, Counter[str]]:
    """The facts of one life in words that are the same in each: by actor, each fact with all that it says, but for the
    clock of the run (people say that they paid up to 40 minutes before), its numbers of payments, places and plates.
    """
    today_us = began_us - HOUR_US
    numbers = {payment: f"order-{n}" for n, (payment, *_) in life.orders.items()}

    def plain(said: str) -> str:
        said = re.sub(r"\b[0-9a-f]{32}\b", lambda found: numbers.get(found[0], "of-a-refund"), said)
        said = re.sub(r"\b\d{28}\b", "of-the-provider", said)
        said = re.sub(r"\b\d{16}\b", lambda found: "now" if int(found[0]) > today_us else found[0], said)
        return said.replace(life.run, "").replace(SIGNS[life.run], SIGNS[RUNS[0]])

    found: dict[str, Counter[str]] = {}
    for ref, _, fact in facts:
        name = type(fact).__name__
        if isinstance(fact, StandingNoted) and fact.plate in life.misread:
            continue  # whether the vehicle answered before the plate was put right
        if ref.kind in COMPARED and name not in OF_THE_RUN and _of(life, ref, numbers):
            body = msgspec.json.encode(fact).decode()
            found.setdefault(plain(str(ref)), Counter())[plain(f"{name} {body}")] += 1
    return found


def _differing(one: dict[str, Counter[str]], other: dict[str, Counter[str]]) -> str:
    """Line by line what only one of two lives has, by actor."""
    return "\n".join(
        f"{actor}: {life} has {facts}"
        for actor in sorted(one.keys() | other.keys())
        for life, mine, others in (("one", one, other), ("the other", other, one))
        for facts in (mine.get(actor, Counter()) - others.get(actor, Counter()))
    )


def _of(life: Life, ref: Ref, numbers: dict[str, str]) -> bool:
    mine = ref.kind != "payment" and ref.key.startswith(life.run) and "/probe-" not in ref.key
    return mine or ref.key in numbers


@pytest.mark.soak
async def test_many_generated_days_with_kills(
    database_url: str,
    ray_cluster: Cluster,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    soaking: Callable[[], bool],
) -> None:
    """From `--seed` on, ten days of more bays and more deaths, each in a city of its own; together they meet every lie,
    each of which was listed as what it is when it was told.
    """
    first: int = request.config.getoption("seed")
    told_lies = set[str]()
    for seed in range(first, first + 10):
        if not soaking():
            return
        async with opened(database_url, ray_cluster, tmp_path / str(seed)) as (city, liar, http):
            kills, lies = await lived_twice(city, liar, http, seed, bays=2, every=2)
        assert kills > 4
        told_lies |= lies
    assert told_lies == set(LIES)
