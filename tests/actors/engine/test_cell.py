"""A cell in its own process's place: what waits for a commit, what does not, and on which doubts it dies."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from actors.engine import cell as cells
from actors.engine import commit
from actors.engine.commit import Fenced, HistoryLost
from actors.engine.directory import Given
from actors.engine.entries import BUSY, Acked, Answer, ByKey, FromStream, FromWake, Letter, Turned
from actors.engine.journal import Unknown
from actors.engine.mail import Unreachable
from actors.engine.post import Full, NotDone, Unanswered
from actors.messages.forms import Message
from actors.values import SECOND_US, Ref, shared_slot
from tests.actors.engine.bench import SLOTS, letter
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import FOLD_BREAKS, HANDLER_BREAKS, TOYS, Add, Bump, Look, Total, account, chained

A, B = account("a"), account("b")
SLOT_A, SLOT_B = shared_slot("a"), shared_slot("b")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town without cells."""
    town = Town()
    yield town
    await town.close()


def asking(town: Town, *letters: Letter[Message], cell: str = "cell-0") -> "asyncio.Task[list[Answer]]":
    """A batch on its way to a cell."""

    async def ask() -> list[Answer]:
        return TOYS.decode_answers(await town.call(cell, "deliver", TOYS.encode(list(letters))))

    return asyncio.ensure_future(ask())


async def turns_of_loop() -> None:
    """Lets everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_answer_waits_for_its_commit_and_the_next_group_fills_meanwhile(town: Town) -> None:
    await town.start()
    town.gate.hold("append")
    first = asking(town, letter(A, Bump(1), "one"))
    await town.gate.reached.wait()
    more = [asking(town, letter(A, Bump(by), f"key {by}")) for by in (2, 8)]
    repeat, look = asking(town, letter(A, Bump(1), "one")), asking(town, letter(A, Look()))
    await turns_of_loop()
    assert not any(task.done() for task in (first, *more, repeat, look))
    assert town.gate.passed.get("append", 0) == 0
    town.gate.release()
    answers = [task[0] for task in await asyncio.gather(first, *more, repeat, look)]
    assert [answer.how for answer in answers] == ["done"] * 5
    assert town.gate.passed["append"] == 2  # all that came during the first commit went with the second
    assert TOYS.decode_reply(answers[4].reply or b"").total == 11  # type: ignore[attr-defined]


async def test_with_nothing_uncommitted_repeats_and_queries_go_at_once(town: Town) -> None:
    await town.start()
    await asking(town, letter(A, Bump(1), "one"))
    town.gate.hold("append")
    assert (await asking(town, letter(A, Bump(1), "one")))[0].note == "repeat"
    assert (await asking(town, letter(A, Look())))[0].how == "done"


async def test_a_full_group_makes_the_next_batch_wait_before_it_is_read(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "GROUP_MOST", 2)
    cell = await town.start()
    town.gate.hold("append")
    first = asking(town, letter(A, Bump(11), "one"))
    await town.gate.reached.wait()
    batches = [asking(town, letter(A, Bump(11), f"key {n}")) for n in range(6)]
    await turns_of_loop()
    assert cell.host.group.turns == 2
    town.gate.release()
    await asyncio.gather(first, *batches)
    assert cell.host.slots[SLOT_A].roll.peek(A).total == 44  # 55 is refused, each time


async def test_acknowledgements_alone_are_written_within_their_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "ACKS_WAIT_S", 0.01)
    await town.start("cell-0", [SLOT_A])
    await town.start("cell-1", [slot for slot in SLOTS if slot != SLOT_A])
    await town.cells["cell-0"].directory.refresh(town.journal)
    written = town.written(lambda entry: isinstance(entry, Acked))
    await asking(town, letter(A, Add(1, 1), FromStream("s", 1)))
    await written.wait()
    assert town.cells["cell-0"].host.slots[SLOT_A].outbox == {}
    assert town.cells["cell-1"].host.slots[SLOT_B].taken.seen == {SLOT_A: 1}


async def test_a_snapshot_is_kept_after_what_its_pages_say_of_broken_messages(town: Town) -> None:
    """An opening reads no page below a snapshot again, and would not find them there."""
    cell = await town.start()
    post = await town.post()
    cell.host.due.add(SLOT_A)
    town.gate.hold("park")
    with pytest.raises(NotDone, match="internal_error"):
        await post.ask(A, Bump(HANDLER_BREAKS), "bad")
    await town.gate.reached.wait()
    await turns_of_loop()
    assert "save_snapshots" not in town.gate.passed
    kept = asyncio.ensure_future(post.ask(A, Bump(1), "good"))
    town.gate.release()
    await kept
    await turns_of_loop()
    assert (len(town.tables.parked), town.gate.passed["save_snapshots"]) == (1, 1)


async def test_while_a_commit_is_in_doubt_new_batches_are_answered_busy(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "BACKOFF_FIRST_S", 0.0)
    await town.start()
    town.gate.fail("append", Unknown())
    town.gate.hold("heads")
    first = asking(town, letter(A, Bump(1), "one"))
    await town.gate.reached.wait()
    assert await asking(town, letter(A, Bump(2), "two"), letter(B, Bump(2), "three")) == [BUSY, BUSY]
    town.gate.release()
    assert (await first)[0].how == "done"
    assert (await asking(town, letter(A, Bump(2), "two")))[0].how == "done"


async def test_a_fenced_cell_dies_and_answers_nobody(town: Town) -> None:
    cell = await town.start()
    town.tables.open([SLOT_A], 99, 1, 0, TOYS.encode([]))
    with pytest.raises(Unreachable):
        await asking(town, letter(A, Bump(1), "one"), letter(B, Bump(1), "two"))
    assert isinstance(await town.deaths.get(), Fenced)
    with pytest.raises(Unreachable):
        await cell.call("state", b"")
    assert town.tables.tops[SLOT_B] == 1  # nothing of the flight was stored


async def test_a_cell_dies_when_the_journal_has_lost_pages(town: Town) -> None:
    await town.start()
    await asking(town, letter(A, Bump(1), "one"))
    del town.tables.pages[SLOT_A, 2]
    town.tables.tops[SLOT_A] = 1
    town.gate.fail("append", Unknown())
    with pytest.raises(Unreachable):
        await asking(town, letter(A, Bump(2), "two"))
    assert isinstance(await town.deaths.get(), HistoryLost)


async def test_a_blind_cell_answers_no_query_but_takes_commands(town: Town) -> None:
    cell = await town.start()
    await asking(town, letter(A, Bump(1), "one"))
    cell._looked -= cells.BLIND_MOST_S + 1
    assert await asking(town, letter(A, Look())) == [BUSY]
    assert (await asking(town, letter(A, Bump(2), "two")))[0].how == "done"
    await cell._look_once()
    assert (await asking(town, letter(A, Look())))[0].how == "done"


async def test_a_fold_that_fails_in_an_idle_cell_is_mended_without_further_news(town: Town) -> None:
    await town.start()
    post = await town.post()
    with pytest.raises(NotDone, match="internal_error"):
        await post.ask(A, Bump(FOLD_BREAKS), "bad")
    assert len(town.tables.parked) == 1
    assert await post.ask(A, Bump(2), "good") == await post.ask(A, Look()) == Total(2, chained(0, 2))


async def test_a_wake_fires_in_its_time(town: Town) -> None:
    await town.start()
    post = await town.post()
    fired = town.written(lambda entry: isinstance(entry, Turned) and isinstance(entry.input, FromWake))
    await post.ask(A, Bump(4), "sets a wake in 90 ms")
    town.ahead += SECOND_US  # the timer was set for 90 ms
    cell = town.cells["cell-0"]
    await fired.wait()
    assert cell.host.slots[SLOT_A].roll.peek(A).total == 5


async def test_slots_are_given_calmly_under_load(town: Town) -> None:
    await town.start("cell-0", SLOTS)
    await town.start("cell-1", [])
    post = await town.post()
    first = await post.ask(A, Bump(1), "first")
    asked = [asyncio.ensure_future(post.ask(ref, Bump(20), f"{ref} {n}")) for n in range(30) for ref in (A, B)]
    given = msgspec.msgpack.encode(Given([SLOT_A], "cell-1"))
    assert msgspec.msgpack.decode(await town.call("cell-0", "give", given)) == 1
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert len(done) == 60
    assert town.tables.rows[SLOT_A].cell == "cell-1"
    assert SLOT_A not in town.cells["cell-0"].host.slots
    assert town.deaths.empty()
    assert await post.ask(A, Bump(1), "first") == first
    assert ("cell-1", "deliver") in town.calls


async def test_the_next_life_goes_on_where_the_last_one_was_durable(town: Town) -> None:
    await town.start()
    post = await town.post()
    first = await post.ask(A, Bump(1), "one")
    town.gate.hold("append")
    lost = post.send(A, ByKey("two", 2), Bump(2))
    await town.gate.reached.wait()
    town.cells["cell-0"].stop()
    town.gate.held = ""
    await town.start()
    assert (await lost).how == "done"  # the post sent it again
    assert town.cells["cell-0"].host.slots[SLOT_A].roll.peek(A).total == 3
    assert await post.ask(A, Bump(1), "one") == first


async def test_the_post_says_what_it_knows(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.start()
    post = await town.post()
    with pytest.raises(NotDone) as refused:
        await post.ask(A, Bump(5), "five")
    assert refused.value.code == "no_fives"
    town.gate.hold("append")
    with pytest.raises(Unanswered):
        await post.ask(A, Bump(1), "one", timeout_s=0.01)
    monkeypatch.setattr("actors.engine.post.QUEUE_MOST", 1)
    assert not post.room(A)
    with pytest.raises(Full):
        post.send(A, ByKey("three", 3), Bump(3))
    assert (post.waiting(A), post.gauges().waiting_messages["cell-0"]) == (1, 1)
    assert post.room(Ref("account", "d/x"))


async def test_an_error_that_nobody_expected_does_not_stop_a_lane(town: Town) -> None:
    cell = await town.start()
    post = await town.post()
    deliver, failures = cell.host.deliver, iter([ZeroDivisionError()])

    def failing(letters: list[Letter[Message]], now: int) -> list[Answer]:
        for error in failures:
            raise error
        return deliver(letters, now)

    cell.host.deliver = failing  # type: ignore[method-assign]
    assert await post.ask(A, Bump(1), "one") is not None
