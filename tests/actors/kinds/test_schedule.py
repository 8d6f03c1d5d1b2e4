"""What a device that may lose its line is told of an open stay's price."""

from hypothesis import given
from hypothesis import strategies as st

from actors.messages.session import ScheduleQuery
from actors.messages.session_shown import Schedule
from actors.values import MINUTE_US
from tests.actors.kinds.test_session import STAY, T0, asked, see, street
from tests.actors.kinds.world import World


@given(st.integers(0, 600))
def test_the_schedule_of_a_stay_is_what_leaving_will_cost(minute: int) -> None:
    world = stay_running()
    answer = world.say(STAY, ScheduleQuery(10 * 60 * MINUTE_US))
    assert isinstance(answer, Schedule)
    at_us = T0 + minute * MINUTE_US
    step = next(each for each in answer.steps if at_us <= each.until_us)
    left = asked(world, minute) if minute else asked(world)
    assert step.due_fen == left.due_fen


def stay_running() -> World:
    world = street()
    see(world, False, -1)
    see(world, True, 0)
    return world
