"""Messages that break a handler or a fold: parked and shown to staff, never tried in a loop, and nothing else lost."""

import pytest

from actors.engine.commit import commit
from actors.engine.entries import BUSY, FromDevice, FromSlot, Parked, Turned
from actors.engine.turn import Turn
from actors.messages.forms import Refused
from actors.values import Ref
from tests.actors.engine.bench import IMAGES, NOW, Bench, finish, letter, no_pause, reply_in
from tests.actors.engine.world.toys import FOLD_BREAKS, HANDLER_BREAKS, TOYS, Account, Add, Bump, Grown, Read, account

A, B = account("a"), account("b")
TWO = account("b", "two")


def code(reply: object) -> str:
    """The stable word of a refusal."""
    assert isinstance(reply, Refused)
    return reply.code


def test_a_broken_handler_leaves_nothing_but_a_parked_message() -> None:
    bench = Bench()
    bench.tell(A, Bump(1), "one")
    before = IMAGES.encode(bench.slot(A))
    answer = bench.tell(A, Bump(HANDLER_BREAKS), "bad")
    assert code(reply_in(answer)) == "internal_error"
    assert bench.actor(A).total == 1
    assert IMAGES.encode(bench.slot(A)) != before  # but it is taken
    bench.commit()
    (row,) = bench.tables.parked.values()
    assert (row.ref, row.error) == (str(A), "ValueError: a handler with a bug")
    assert isinstance(bench.entries(A)[-1], Parked)


def test_what_cannot_be_written_down_is_parked_and_the_cell_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()

    def grow_beyond_all_bytes(_: Account, bump: Bump, turn: Turn) -> None:
        turn.record(Grown(2**64 + bump.by))

    with monkeypatch.context() as broken:
        broken.setitem(Account.handlers, Bump, grow_beyond_all_bytes)
        assert code(reply_in(bench.tell(A, Bump(1), "bad"))) == "internal_error"
    bench.tell(A, Bump(1), "good")
    bench.commit()
    assert bench.again().actor(A).total == 1
    (row,) = bench.tables.parked.values()
    assert row.ref == str(A)


def test_a_local_message_that_cannot_be_written_down_is_parked_where_it_was_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()

    def tell_too_much(_: Account, bump: Bump, turn: Turn) -> None:
        turn.send(B, Add(2**64 + bump.by))

    with monkeypatch.context() as broken:
        broken.setitem(Account.handlers, Bump, tell_too_much)
        assert bench.tell(A, Bump(1), "too much").how == "done"
    bench.commit()
    assert [type(entry) for entry in bench.entries(B)] == [Parked]
    (row,) = bench.tables.parked.values()
    assert (row.ref, row.message) == (str(B), b"")
    after = bench.again()
    assert after.tell(B, Add(1), FromSlot(bench.slot(A).number, 1)).note == "repeat"


def test_a_parked_message_is_remembered_by_the_next_life() -> None:
    bench = Bench()
    bench.tell(A, Bump(HANDLER_BREAKS), "bad")
    bench.commit()
    repeat = bench.again().tell(A, Bump(HANDLER_BREAKS), "bad")
    assert repeat.note == "repeat"
    assert code(reply_in(repeat)) == "internal_error"


def test_what_staff_were_not_told_of_is_told_by_who_opens_the_slot() -> None:
    """The cell died between its commit and the row, and whoever asked was told that it was kept."""
    bench = Bench()
    bench.tell(A, Bump(HANDLER_BREAKS), "bad")
    flight = bench.host.cut()
    assert flight is not None
    finish(commit(bench.journal, flight.pages, no_pause))
    assert bench.tables.parked == {}
    bench.again()
    assert list(bench.tables.parked.values()) == flight.parked
    assert TOYS.decode_message(flight.parked[0].message) == Bump(HANDLER_BREAKS)


def test_a_parked_reading_is_taken_and_the_next_one_follows() -> None:
    bench = Bench()
    device = Ref("gauge", "a/d0")
    assert bench.tell(device, Bump(1), FromDevice(device, 1, 1)).how == "done"  # a gauge hears no bump
    assert bench.tell(device, Read(1), FromDevice(device, 1, 2)).how == "done"
    assert bench.tell(device, Bump(1), FromDevice(device, 1, 1)).note == "repeat"
    assert bench.actor(device).level == 1


def test_a_broken_fold_stops_its_slot_until_it_is_folded_again_without_the_message() -> None:
    bench = Bench()
    bench.tell(A, Bump(1), "durable")
    bench.commit()
    bench.tell(A, Bump(2), "in the group")
    assert bench.tell(A, Bump(FOLD_BREAKS), "bad") == BUSY
    assert bench.tell(A, Bump(8), "meanwhile") == BUSY
    assert bench.tell(B, Bump(1), "elsewhere").how == "done"
    assert bench.host.cut() is None
    assert bench.host.ticket()  # somebody must wake the loop, also if nothing else is to be committed
    bench.mend()
    assert bench.actor(A).total == 3
    assert code(reply_in(bench.tell(A, Bump(FOLD_BREAKS), "bad"))) == "internal_error"
    assert bench.tell(A, Bump(8), "meanwhile").how == "done"
    bench.commit()
    assert [type(entry) for entry in bench.entries(A)] == [Turned, Turned, Parked, Turned]
    assert bench.again().actor(A).total == 11


def test_local_messages_wait_for_a_broken_slot_and_stay_in_its_sender_s_commit() -> None:
    bench = Bench()
    bench.tell(A, Bump(17), "two messages to b, the first breaks it")
    assert bench.slot(B).number in bench.host.broken
    assert bench.host.cut() is None
    bench.mend()
    bench.commit()
    assert bench.actor(TWO).total == 2
    assert [type(entry) for entry in bench.entries(B)] == [Parked, Turned]
    pages = bench.tables.pages.values()
    assert len({page.flight for page in pages if page.seq == 2}) == 1


def test_a_held_message_may_break_the_slot_again() -> None:
    bench = Bench()
    number = bench.slot(TWO).number
    bench.host.deliver([letter(A, Bump(17), "breaks b"), letter(account("a", "a1"), Bump(17), "again")], NOW)
    assert number in bench.host.broken
    bench.mend()
    bench.mend()
    assert not bench.host.broken
    bench.commit()
    for _ in range(3):  # what had no room at once goes by mail
        for sent in bench.host.outgoing(bench.slot(A).number, number, 10):
            answer = bench.host.deliver([sent], NOW)[0]
            bench.mend()
            bench.host.acked(bench.slot(A).number, number, answer.n)
        if bench.host.group.entries:
            bench.commit()
    assert bench.actor(TWO).total == 4
    assert len(bench.tables.parked) == 2


def test_a_broken_slot_cannot_be_given_away() -> None:
    bench = Bench()
    bench.tell(A, Bump(FOLD_BREAKS), "bad")
    bench.host.give(bench.slot(A).number, "cell-1")
    assert not bench.host.clean(bench.slot(A).number)
    bench.mend()
    bench.commit()
    assert bench.host.clean(bench.slot(A).number)


def test_a_broken_fold_forgets_nothing_that_a_snapshot_holds() -> None:
    bench = Bench()
    for count in range(1, 503):
        bench.tell(B, Add(1), FromDevice(Ref("gauge", "b/d"), 1, count))
        bench.commit()
    assert bench.tables.kept
    bench.tell(B, Bump(FOLD_BREAKS), "bad")
    bench.mend()
    assert bench.actor(B).total == 502
