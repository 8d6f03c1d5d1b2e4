"""How a long piece of work rests, by a clock of the test's own."""

from storage.projections.breath import LONG_S, Breath


class Worker:
    """Works and rests; its clock shows both, and it writes down its rests."""

    def __init__(self, most_s: float) -> None:
        self.now, self.rests = 0.0, list[float]()
        self.breath = Breath(most_s, lambda: self.now, self._sleep)

    async def work(self, seconds: float) -> None:
        self.now += seconds
        await self.breath.take()

    async def _sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds


async def test_after_a_long_part_it_rests_as_long_as_that_took_without_the_rest_before() -> None:
    worker = Worker(most_s=10)
    for seconds in (0.25, 0.5):
        await worker.work(seconds)
    assert worker.rests == [0.25, 0.5]


async def test_after_a_short_part_others_are_let_in_and_it_goes_on() -> None:
    worker = Worker(most_s=10)
    await worker.work(LONG_S / 2)
    assert worker.rests == [0]


async def test_all_its_rests_together_are_no_longer_than_they_may_be() -> None:
    worker = Worker(most_s=1)
    for _ in range(4):
        await worker.work(0.75)
    assert worker.rests == [0.75, 0.25, 0, 0]


async def test_who_is_in_a_hurry_rests_never_and_still_lets_others_in() -> None:
    worker = Worker(most_s=0)
    await worker.work(3)
    assert worker.rests == [0]
