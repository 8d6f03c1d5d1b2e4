"""The events that the ticker tells, of what bays have made true."""

from actors.messages.bay import Freed, Opined, Shown, Taken
from actors.values import SECOND_US, Ref
from gateway.live.composer import Composer
from tests.gateway.live.stage import NOON, Pages, bay_face, register, whole


def test_the_delay_is_commit_time_minus_receipt_and_the_rate_counts_a_minute() -> None:
    composer, pages = Composer(register(), "life"), Pages()
    ref = Ref("bay", "20001/20001000")
    for n, delay in enumerate((30_000, 50_000, 90_000)):
        at = NOON + n * SECOND_US
        fact = Taken(at, "d-20001000", at - 5 * SECOND_US, at - delay)
        for change in pages.commit(at, {ref: bay_face("20001000", "occupied", at)}, [(ref, fact)]):
            composer.fold(change)
    composer.tick(NOON + 3 * SECOND_US)
    assert whole(composer, "events")["list"][-1] == [
        NOON + 2 * SECOND_US, "taken", "20001000", "N20001000", "20001", "d-20001000",
        NOON - 3 * SECOND_US, NOON + 2 * SECOND_US - 90_000, 90_000,
    ]  # fmt: skip
    assert whole(composer, "city")["rate"] == {"per_min": 3, "delay_p50_us": 50_000}
    composer.tick(NOON + 90 * SECOND_US)
    assert whole(composer, "city")["rate"] == {"per_min": 0, "delay_p50_us": None}


def test_who_came_and_went_in_one_turn_is_told_twice_and_other_facts_of_it_are_not() -> None:
    composer, pages = Composer(register(), "life"), Pages()
    ref, said = Ref("bay", "20001/20001000"), (NOON, "d-20001000", NOON, NOON)
    facts = (Opined("d-20001000", False, NOON), Freed(*said, stay_us=1), Taken(*said), Shown("occupied", NOON))
    for change in pages.commit(NOON, {ref: bay_face("20001000", "occupied", NOON)}, [(ref, fact) for fact in facts]):
        composer.fold(change)
    composer.tick(NOON)
    assert [event[1:3] for event in whole(composer, "events")["list"]] == [["freed", "20001000"], ["taken", "20001000"]]
