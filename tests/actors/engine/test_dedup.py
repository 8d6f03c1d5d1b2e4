"""What counts as taken before: windows of devices, keys of callers, numbered streams, and when they are forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from actors.engine.dedup import KEYS_KEPT_US, STREAMS_KEPT_US, WINDOW, Taken, Window
from actors.engine.entries import BUSY, ByKey, FromSlot, FromStream, Turned
from actors.engine.outgoing import OUTBOX_MOST
from actors.messages.forms import Refused
from actors.values import SECOND_US, uuid7
from tests.actors.engine.bench import IMAGES, NOW, Bench, reply_in
from tests.actors.engine.world.toys import Add, Bump, Look, Total, account

A = account("a")
NUMBERS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200)), max_size=60)


@given(NUMBERS)
def test_a_window_takes_each_number_once_and_says_late_only_below_it(numbers: list[tuple[int, int]]) -> None:
    window, taken = Window(boot=0), set()
    boot, top = 0, 0
    for pair in numbers:
        verdict = window.verdict(*pair)
        below = pair[0] < boot or (pair[0] == boot and pair[1] <= top - WINDOW)
        assert verdict == ("late" if below else "repeat" if pair in taken else "new")
        if verdict == "new":
            window.take(*pair)
            taken.add(pair)
            boot, top = max((boot, top), pair)
            assert (window.boot, window.top) == (boot, top)
            assert window.verdict(*pair) == "repeat"


@given(st.lists(st.integers(1, 9), max_size=40))
def test_numbers_without_holes_are_taken_in_order(numbers: list[int]) -> None:
    taken = Taken()
    for n in numbers:
        source, seen = FromSlot(7, n), taken.seen.get(7, 0)
        verdict = taken.verdict(source, {})
        assert verdict == ("repeat" if n <= seen else "new" if n == seen + 1 else "gap")
        if verdict == "new":
            taken.take(source, NOW, None)


def test_a_key_is_forgotten_by_the_time_of_pages_and_not_by_a_clock() -> None:
    bench = Bench()
    first = reply_in(bench.tell(A, Bump(1), "key"))
    assert reply_in(bench.tell(A, Bump(1), "key", NOW + KEYS_KEPT_US + SECOND_US)) == first  # no page says it is late
    bench.tell(A, Bump(1), "much later", NOW + KEYS_KEPT_US + SECOND_US)
    bench.commit()
    assert list(bench.slot(A).taken.keys) == ["much later"]
    folded = bench.again().slot(A)
    assert list(folded.taken.keys) == ["much later"]
    assert folded.at == bench.slot(A).at


def test_a_stream_is_forgotten_a_day_after_its_last_number() -> None:
    bench = Bench()
    assert bench.tell(A, Add(1), FromStream("s", 1)).n == 1
    assert bench.tell(A, Add(1), FromStream("s", 3)).how == "gap"
    bench.tell(A, Bump(1), "key", NOW + STREAMS_KEPT_US + SECOND_US)
    assert bench.slot(A).taken.streams == {}


def test_a_key_for_another_body_is_refused_and_the_first_reply_stays() -> None:
    bench = Bench()
    first = bench.tell(A, Bump(1), ByKey("key", 1))
    reused = reply_in(bench.tell(A, Bump(2), ByKey("key", 2)))
    assert isinstance(reused, Refused)
    assert reused.code == "key_reused"
    assert bench.tell(A, Bump(1), ByKey("key", 1)).reply == first.reply
    assert bench.actor(A).total == 1


def test_a_key_older_than_the_memory_is_refused_and_not_executed() -> None:
    bench = Bench()
    expired = reply_in(bench.tell(A, Bump(1), uuid7(NOW - KEYS_KEPT_US - SECOND_US)))
    assert isinstance(expired, Refused)
    assert expired.code == "key_expired"
    assert bench.slot(A).roll.peek(A) is None
    assert isinstance(reply_in(bench.tell(A, Bump(1), uuid7(NOW))), Total)


def test_a_refusal_is_remembered_like_any_reply() -> None:
    bench = Bench()
    bench.tell(A, Bump(4), "four")
    refused = bench.tell(A, Bump(1), "five")
    bench.tell(A, Bump(3), "seven")  # now one more would be eight, and fine
    bench.commit()
    for life in (bench, bench.again()):
        repeat = life.tell(A, Bump(1), "five")
        assert (repeat.note, repeat.reply) == ("repeat", refused.reply)


def test_a_full_outbox_makes_commands_wait_but_neither_queries_nor_slots() -> None:
    bench = Bench()
    bench.host.virtual = True  # nothing is taken at once, so it all stays in the outbox
    for count in range(OUTBOX_MOST):
        assert bench.tell(A, Add(1, 1), FromStream("s", count + 1)).how == "done"
    assert bench.tell(A, Add(1, 1), FromStream("s", OUTBOX_MOST + 1)) == BUSY
    assert bench.tell(A, Bump(1), "key") == BUSY
    assert bench.tell(A, Look()).how == "done"
    assert bench.tell(A, Add(1), FromSlot(3, 1)).how == "done"
    bench.commit()
    bench.host.acked(bench.slot(A).number, bench.slot(account("b")).number, 1)
    assert bench.tell(A, Add(1, 1), FromStream("s", OUTBOX_MOST + 1)).how == "done"


def test_a_command_without_identity_is_refused() -> None:
    refused = reply_in(Bench().tell(A, Bump(1)))
    assert isinstance(refused, Refused)
    assert refused.code == "key_missing"


def test_a_snapshot_keeps_all_of_a_slot() -> None:
    bench = Bench()
    for number, by in enumerate((1, 2, 3, 6, 9, 13, 4)):
        bench.tell(A, Bump(by), f"key {number}")
    bench.tell(A, Add(1), FromStream("s", 1))
    bench.commit()
    slot = bench.slot(A)
    kept = IMAGES.decode(IMAGES.encode(slot))
    assert IMAGES.encode(kept) == IMAGES.encode(slot)
    assert kept.armed(A) == slot.armed(A)


def test_a_reply_is_kept_only_for_who_hears_it() -> None:
    bench = Bench()
    bench.tell(A, Bump(1), "k1")
    bench.tell(A, Bump(1), FromStream("replay", 1))
    bench.commit()
    turns = [entry for entry in bench.entries(A) if isinstance(entry, Turned)]
    assert [turned.reply is None for turned in turns] == [False, True]
