"""Ten times as much comes as can be taken: it waits where it may, is seen to wait, and is taken in the end."""

import asyncio

import aiomqtt

from actors.engine.journal import Page
from actors.values import SECOND_US
from gateway.ingress.intake import Limits
from gateway.ingress.wire import Broker
from storage.journal import PostgresJournal
from storage.session import now_us
from tests.gateway.ingress.scene import until
from tests.gateway.ingress.test_full_path import House, frame

WINDOW = 60
MANY = 10 * WINDOW
DEVICES = ("lora-1", "dual-2")


class Narrow(PostgresJournal):
    """A journal that lets so many commits through as the test says."""

    def __init__(self, url: str, world: str, name: str) -> None:
        super().__init__(url, world, name)
        self.doorway = asyncio.Semaphore(1_000)
        self.at_it = 0

    async def append(self, pages: list[Page]) -> None:
        self.at_it += 1
        await self.doorway.acquire()
        self.at_it -= 1
        await super().append(pages)


async def test_ten_times_too_much_waits_at_the_broker_and_is_taken_once(
    database_url: str, world: str, broker_url: str
) -> None:
    journal = Narrow(database_url, world, "cell-0")
    broker = Broker(broker_url)
    async with House(database_url, world, broker_url, journal, Limits(in_flight=WINDOW)).opened() as house:
        journal.doorway = asyncio.Semaphore(0)
        start = now_us() - 3_600 * SECOND_US
        async with aiomqtt.Client(broker.host, broker.port, username=broker.user, password=broker.password) as radio:
            for n in range(MANY):  # each is acknowledged to its sensor by the broker, whatever the city does
                at = start + n * SECOND_US
                await radio.publish(f"yunparking/v1/{DEVICES[n % 2]}/up", frame(n, n % 4 < 2, at), qos=1)
        await until(lambda: house.counters.in_flight == WINDOW and journal.at_it == 1)
        assert house.counters.acknowledged == 0
        assert 0 < sum(house.post.gauges().waiting_messages.values()) <= WINDOW
        for _ in range(3):  # as much as is let through is taken, and as much comes after it
            before = house.counters.acknowledged
            journal.doorway.release()
            await until(lambda before=before: house.counters.acknowledged > before)  # type: ignore[misc]
            assert house.counters.in_flight <= WINDOW
        journal.doorway = opened(journal.doorway)
        await until(lambda: house.counters.acknowledged == MANY and house.counters.in_flight == 0)
        assert house.counters.outcomes["accepted"] == MANY
        assert await house.heard(*DEVICES) == MANY
        assert sum(house.post.gauges().waiting_messages.values()) == 0
        assert house.deaths == []


def opened(doorway: asyncio.Semaphore) -> asyncio.Semaphore:
    """Lets through all who wait, and all who come."""
    for _ in range(1_000):
        doorway.release()
    return doorway
