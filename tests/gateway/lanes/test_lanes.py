"""A lane decides within a second whoever answers, opens once, and tells the city what it did alone, once."""

import asyncio
from pathlib import Path

from actors.messages.lane import LaneAnswer, PassedAlone
from gateway.lanes.logbook import Logbook, Passage
from gateway.lanes.platform import Car
from storage.session import now_us
from tests.gateway.lanes.yard import WAIT_S, City, yard

PLATE = "粤B12345"


async def test_an_admitted_car_finds_the_barrier_open(broker_url: str, tmp_path: Path) -> None:
    city = City()
    async with yard(broker_url, city, tmp_path) as here:
        await here.sees(PLATE)
        await here.until(lambda: here.opened("bar-in"))
        await here.until(lambda: here.says("scr-in") == ["welcome"])
    assert [(car.plate, car.entering, car.lane) for car in city.cars] == [(PLATE, True, "in")]
    assert city.told == []


async def test_a_refused_car_reads_why_and_what_it_owes(broker_url: str, tmp_path: Path) -> None:
    city = City()
    city.decided = lambda car: LaneAnswer(car.n, "away", "", 1500, 0, "arrears")
    async with yard(broker_url, city, tmp_path) as here:
        await here.sees(PLATE)
        await here.until(lambda: here.shown("scr-in"))
        (shown,) = here.shown("scr-in")
        assert (shown.say, shown.fen, shown.plate) == ("arrears", 1500, PLATE)
        assert here.opened("bar-in") == []


async def test_the_gate_stays_shut_until_the_price_is_paid_and_the_provider_is_asked(
    broker_url: str, tmp_path: Path
) -> None:
    city = City()
    city.decided = lambda car: LaneAnswer(car.n, "pay", "s-9", 500, now_us() + 300_000_000)
    async with yard(broker_url, city, tmp_path) as here:
        await here.sees(PLATE, "out")
        await here.until(lambda: here.says("scr-out") == ["pay"])
        (shown,) = here.shown("scr-out")
        assert (shown.fen, shown.code) == (500, "s-9")
        async with asyncio.timeout(WAIT_S):
            while not city.hastened:  # noqa: ASYNC110 - the city of this test has no event for it
                await asyncio.sleep(0.05)
        assert here.opened("bar-out") == []
        city.now[PLATE] = LaneAnswer(0, "open", "s-9")
        await here.until(lambda: here.opened("bar-out"))
    assert city.hastened[0] == "s-9"


async def test_cut_off_each_lane_follows_its_lots_fallback_and_tells_it_later_once(
    broker_url: str, tmp_path: Path
) -> None:
    city = City()
    async with yard(broker_url, city, tmp_path) as here:
        city.away = True
        await here.sees(PLATE, "in")
        await here.sees("粤B2", "out")
        await here.until(lambda: here.opened("bar-in"))
        await here.until(lambda: here.says("scr-out") == ["please_wait"])
        assert here.opened("bar-out") == []
        assert [each.said.plate for each in here.site.logbook.untold()] == [PLATE]
        city.away = False
        await here.until(lambda: here.opened("bar-out"))
        async with asyncio.timeout(WAIT_S):
            await here.site.drained()
    assert [(said.plate, said.entering) for said in city.told] == [(PLATE, True)]
    assert [ring.lane for ring in city.rings] == ["out"]


async def test_a_city_that_says_nothing_is_waited_for_no_longer_than_the_lot_says(
    broker_url: str, tmp_path: Path
) -> None:
    city = City()
    async with yard(broker_url, city, tmp_path) as here:
        city.silent = True
        await here.sees(PLATE)
        await here.until(lambda: here.opened("bar-in"))
        assert len(here.site.logbook.untold()) == 1


async def test_a_lane_that_is_started_again_while_the_city_is_away_knows_rules_and_passages(
    broker_url: str, tmp_path: Path
) -> None:
    city = City()
    async with yard(broker_url, city, tmp_path) as here:
        city.away = True
        await here.sees(PLATE)
        await here.until(lambda: here.opened("bar-in"))
    async with yard(broker_url, city, tmp_path) as here:
        await here.sees("粤B2")
        await here.until(lambda: here.opened("bar-in"))
        city.away = False
        async with asyncio.timeout(WAIT_S):
            await here.site.drained()
    assert [said.plate for said in city.told] == [PLATE, "粤B2"]
    assert city.told[0].m < city.told[1].m


async def test_a_car_seen_long_ago_opens_nothing(broker_url: str, tmp_path: Path) -> None:
    city = City()
    async with yard(broker_url, city, tmp_path) as here:
        await here.sees(PLATE, at=now_us() - 60_000_000)
        await here.sees("粤B2")
        await here.until(lambda: here.opened("bar-in"))
    assert [car.plate for car in city.cars] == ["粤B2"]


async def test_who_came_in_while_the_city_was_away_is_told_before_it_is_asked_for_at_the_exit(
    broker_url: str, tmp_path: Path
) -> None:
    city = City()

    def decided(car: Car) -> LaneAnswer:
        known = any(said.plate == car.plate for said in city.told)
        return LaneAnswer(car.n, "open", "s-1") if known else LaneAnswer(car.n, "away", why="no_entry")

    async with yard(broker_url, city, tmp_path) as here:
        city.away, city.decided = True, decided
        await here.sees(PLATE)
        await here.until(lambda: here.opened("bar-in"))
        await here.sees(PLATE, "out")
        await here.until(lambda: here.says("scr-out"))
        city.away = False
        await here.until(lambda: here.opened("bar-out"))


async def test_what_was_cut_off_in_the_file_never_happened(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    book = Logbook(path)
    for plate in ("A", "B"):
        await book.keep(_passage(book, plate))
    book.close()
    path.write_bytes(path.read_bytes()[:-20])
    again = Logbook(path)
    assert [each.said.plate for each in again.untold()] == ["A"]
    kept = again.untold()[0]
    await again.told(kept)
    again.close()
    last = Logbook(path)
    assert last.untold() == []
    assert last.number(0) > kept.said.m, "a number is never given twice"
    last.close()


def _passage(book: Logbook, plate: str) -> Passage:
    return Passage("mall", PassedAlone("in", book.number(now_us()), 1, True, plate, "blue", 95, 1))
