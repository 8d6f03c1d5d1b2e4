"""Lanes: order per slot, one call in flight per lane, nobody starves, and what comes back goes where it belongs."""

from typing import Any

from actors.engine.entries import AGAIN, BUSY, DONE, Answer, FromStream, Letter
from actors.engine.lanes import LANES, REST_FIRST_US, REST_MOST_US, Call, Lanes
from actors.values import Ref
from tests.actors.engine.world.toys import Look


class Pile:
    """A queue of letters for one slot."""

    def __init__(self, slot: int, size: int = 0) -> None:
        self.slot = slot
        self.numbers = list(range(1, size + 1))

    def peek(self, most: int) -> list[Letter[Any]]:
        ref = Ref("account", "a/x")
        return [Letter(self.slot, FromStream("s", n), ref, Look()) for n in self.numbers[:most]]

    def settle(self, letters: list[Letter[Any]], answers: list[Answer]) -> bool:
        done = [answer.how == "done" for answer in answers]
        del self.numbers[: done.index(False) if False in done else len(done)]
        return all(done)


class Desk:
    """Lanes with a placement that the test changes."""

    def __init__(self, batch: int = 1_000, pace_us: int = 0) -> None:
        self.cells: dict[int, str] = {}
        self.lanes = Lanes(lambda slot: self.cells[slot], self.cells.__setitem__, batch=batch, pace_us=pace_us)

    def pile(self, slot: int, size: int, cell: str = "x") -> Pile:
        """A pile that is offered at once."""
        self.cells[slot] = cell
        pile = Pile(slot, size)
        self.lanes.offer(slot, pile)
        return pile

    def start(self, now: int = 0) -> list[Call]:
        """The calls that start."""
        return self.lanes.start(now)

    def answer(self, call: Call, *answers: Answer, now: int = 0) -> None:
        """The call comes back; without answers all is done."""
        self.lanes.answered(call, list(answers) or [DONE] * len(call.letters), now)


def sizes(calls: list[Call]) -> list[dict[int, int]]:
    """For each call, how many letters of which slot."""
    return [{queue.slot: len(letters) for _, queue, letters in call.parts} for call in calls]


def test_a_lane_has_one_call_in_flight_and_other_lanes_go_on() -> None:
    desk = Desk()
    first, other = desk.pile(0, 3), desk.pile(1, 2)
    (call, _) = calls = desk.start()
    assert sizes(calls) == [{0: 3}, {1: 2}]
    first.numbers.append(4)
    desk.lanes.offer(0, first)
    desk.pile(LANES, 1)  # the same lane as slot 0
    assert desk.start() == []
    desk.answer(call)
    assert sizes(desk.start()) == [{LANES: 1, 0: 1}]
    assert other.numbers


def test_a_paced_lane_goes_at_once_when_idle_and_then_gathers_until_its_time() -> None:
    desk = Desk(pace_us=10)
    pile = desk.pile(0, 1)
    (call,) = desk.start(now=100)
    desk.answer(call, now=103)
    pile.numbers += [2]
    desk.lanes.offer(0, pile)
    desk.pile(1, 1)  # another lane owes no rest
    assert sizes(desk.start(now=104)) == [{1: 1}]
    pile.numbers += [3]
    assert desk.lanes.due() == 110
    assert desk.start(now=109) == []
    assert sizes(desk.start(now=110)) == [{0: 2}]
    assert desk.lanes.due() is None


def test_a_clock_that_goes_back_holds_no_lane_up() -> None:
    desk = Desk(pace_us=10)
    pile = desk.pile(0, 1)
    (call,) = desk.start(now=100)
    desk.answer(call, now=103)
    pile.numbers += [2]
    desk.lanes.offer(0, pile)
    assert sizes(desk.start(now=50)) == [{0: 1}]


def test_a_batch_is_shared_and_who_had_to_wait_comes_first_next_time() -> None:
    desk = Desk(batch=4)
    desk.pile(0, 9)
    desk.pile(LANES, 2)
    seen = []
    for _ in range(3):
        (call,) = desk.start()
        seen += sizes([call])
        desk.answer(call)
    assert seen == [{0: 4}, {LANES: 2, 0: 2}, {0: 3}]
    assert desk.start() == []


def test_no_answer_sends_the_same_again_after_growing_rests() -> None:
    desk = Desk()
    pile = desk.pile(0, 2)
    now, rests = 0, []
    for _ in range(9):
        (call,) = desk.start(now)
        assert sizes([call]) == [{0: 2}]
        desk.lanes.failed(call, now)
        due = desk.lanes.due()
        assert due is not None
        assert desk.start(due - 1) == []
        rests.append(due - now)
        now = due
    assert rests[:3] == [REST_FIRST_US, 2 * REST_FIRST_US, 4 * REST_FIRST_US]
    assert rests[-1] == REST_MOST_US
    (call,) = desk.start(now)
    desk.answer(call)
    pile.numbers.append(3)
    (call,) = desk.start(now)
    desk.lanes.failed(call, now)
    assert desk.lanes.due() == now + REST_FIRST_US  # a success ends the tiredness


def test_a_moved_slot_goes_to_its_new_cell() -> None:
    desk = Desk()
    pile = desk.pile(0, 2)
    (call,) = desk.start()
    desk.answer(call, Answer("moved", cell="y"), AGAIN)
    due = desk.lanes.due()
    assert due is not None
    (call,) = desk.start(due)
    assert call.cell == "y"
    assert pile.numbers == [1, 2]


def test_a_queue_whose_slot_moved_while_it_waited_starts_on_its_new_lane_at_once() -> None:
    desk = Desk()
    desk.pile(0, 1)
    desk.cells[0] = "y"  # nothing else will happen that could start it later
    assert [(call.cell, sizes([call])) for call in desk.start()] == [("y", [{0: 1}])]


def test_what_was_not_touched_goes_again_without_a_rest() -> None:
    desk = Desk()
    pile = desk.pile(0, 3)
    (call,) = desk.start()
    desk.answer(call, DONE, AGAIN, AGAIN)
    assert desk.lanes.due() is None
    assert pile.numbers == [2, 3]
    assert sizes(desk.start()) == [{0: 2}]


def test_busy_rests_and_only_the_slot_that_was_busy() -> None:
    desk = Desk()
    desk.pile(0, 2)
    other = desk.pile(LANES, 1)
    (call,) = desk.start()
    desk.answer(call, DONE, BUSY, DONE, now=5)
    assert desk.lanes.due() == 5 + REST_FIRST_US
    other.numbers.append(2)
    assert sizes(desk.start(6)) == [{LANES: 1}]


def test_an_empty_queue_makes_no_call_and_may_be_offered_again() -> None:
    desk = Desk()
    pile = desk.pile(0, 0)
    assert desk.start() == []
    pile.numbers.append(1)
    desk.lanes.offer(0, pile)
    assert sizes(desk.start()) == [{0: 1}]


def test_a_queue_that_was_emptied_while_it_rested_starts_afresh() -> None:
    desk = Desk()
    pile = desk.pile(0, 1)
    (call,) = desk.start()
    desk.lanes.failed(call, 0)
    pile.numbers.clear()
    assert desk.start(REST_FIRST_US) == []
    pile.numbers.append(2)
    desk.lanes.offer(0, pile)
    (call,) = desk.start(REST_FIRST_US)
    desk.lanes.failed(call, 0)
    assert desk.lanes.due() == REST_FIRST_US  # no tiredness is left of the time before
