"""The place in the stream at which a subscriber joins: before it, at it, ahead of it, or not to be told."""

import msgspec

from gateway.live.feed import Feed
from gateway.live.topics import Piece
from gateway.live.views import Joined, Poll, Polled
from tests.gateway.live.stage import NOON, Clock


def piece(prev: int | None, seq: int, epoch: str = "life") -> Piece:
    return Piece("city", epoch, prev, seq, NOON, b"\x80")


class Worker:
    """Answers polls with what the test put down."""

    def __init__(self, *answers: Polled) -> None:
        self.answers = list(answers)
        self.asked: list[Poll] = []

    async def __call__(self, method: str, payload: bytes) -> bytes:
        if method == "poll":
            self.asked.append(msgspec.msgpack.decode(payload, type=Poll))
            return msgspec.msgpack.encode(self.answers.pop(0))
        return b"\xc0"


async def feed_after(*answers: Polled) -> tuple[Feed, list[Piece], Worker]:
    published: list[Piece] = []
    worker = Worker(*answers)
    feed = Feed(worker, Clock(), published.extend, lambda: None)
    for _ in answers:
        await feed.step()
    return feed, published, worker


async def test_the_stream_is_published_once_and_in_order() -> None:
    first, second = piece(0, 1), piece(1, 2)
    _, published, worker = await feed_after(
        Polled("life", 4, True, []), Polled("life", 5, False, [first]), Polled("life", 6, False, [second])
    )
    assert published == [first, second]
    assert [(ask.life, ask.after) for ask in worker.asked] == [("", 0), ("life", 4), ("life", 5)]


async def test_who_comes_from_before_is_brought_along() -> None:
    feed, _, _ = await feed_after(
        Polled("life", 4, True, []), Polled("life", 6, False, [piece(0, 1), piece(1, 2), piece(2, 5)])
    )
    assert feed.caught_up(Joined("life", 5, [piece(None, 1)])) == [piece(None, 1), piece(1, 2), piece(2, 5)]
    assert feed.caught_up(Joined("life", 6, [piece(None, 5)])) == [piece(None, 5)]


async def test_who_is_ahead_of_the_stream_waits_for_it_there() -> None:
    feed, _, _ = await feed_after(Polled("life", 4, True, []), Polled("life", 5, False, [piece(0, 1)]))
    assert feed.caught_up(Joined("life", 9, [piece(None, 3)])) == [piece(None, 3)]
    assert feed.position("city") == ("life", 1)


async def test_an_answer_that_does_not_meet_the_stream_is_not_taken() -> None:
    feed, _, _ = await feed_after(Polled("life", 4, True, []), Polled("life", 6, False, [piece(3, 4)]))
    assert feed.caught_up(Joined("life", 5, [piece(None, 2)])) is None
    assert feed.caught_up(Joined("old life", 6, [piece(None, 4)])) is None
    assert feed.caught_up(Joined("life", 6, [piece(None, 4, "another epoch")])) is None


async def test_an_answer_from_before_the_stream_began_is_not_taken() -> None:
    feed, _, _ = await feed_after(Polled("life", 4, True, []))
    assert feed.caught_up(Joined("life", 3, [piece(None, 1)])) is None
    assert feed.caught_up(Joined("life", 4, [piece(None, 1)])) == [piece(None, 1)]
