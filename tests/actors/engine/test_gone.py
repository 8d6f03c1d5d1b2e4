"""Who leaves his slot's memory, and how he returns when he is told something all the same."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engine import due, gone
from actors.engine.cell import Cell
from actors.engine.commit import commit
from actors.engine.dedup import KEYS_KEPT_US
from actors.engine.directory import Directory
from actors.engine.entries import BUSY, Answer, Left, Returned
from actors.engine.follow import Follower
from actors.engine.gauges import CellGauges
from actors.engine.journal import Unknown
from actors.engine.law import LawBroken
from actors.engine.marks import Marks
from actors.engine.slot import INTERNAL_ERROR
from actors.messages.forms import Message
from actors.values import DAY_US, Ref, shared_slot, uuid7
from tests.actors.engine.bench import NOW, Bench, letter, no_pause
from tests.actors.engine.test_cell import asking, turns_of_loop
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import TOYS, Bump, Look, Total, account

GUEST, ACCOUNT = account("a", "a1"), account("a", "a0")
SLOT = shared_slot("a")
ODD, ASKS = 11, 7
"""What a guest is over after, and the same that asks something of the outside."""


@pytest.fixture
async def town(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town where every page is followed by a snapshot, and who is over leaves at once."""
    monkeypatch.setattr(due, "SNAPSHOT_PAGES", 1)
    monkeypatch.setattr(gone, "AFTER_US", 0)
    monkeypatch.setattr(gone, "LOOK_EVERY_US", 0)
    town = Town()
    yield town
    await town.close()


async def said(town: Town, ref: Ref, message: Message, key: str | None = None) -> Total:
    """What an actor answers."""
    answer = await asked_until_known(town, ref, message, key)
    total = TOYS.decode_reply(answer.reply or b"")
    assert isinstance(total, Total)
    return total


async def guest_left(town: Town) -> Cell:
    """A cell that a guest has left."""
    cell = await town.start()
    left = town.written(lambda entry: isinstance(entry, Left))
    await said(town, GUEST, Bump(ODD), "one")
    await left.wait()
    assert cell.host.slots[SLOT].roll.body(GUEST) is None
    return cell


async def test_he_leaves_and_returns_as_he_was(town: Town) -> None:
    cell = await guest_left(town)
    assert len(cell.host.slots[SLOT].roll) == 0
    assert GUEST.key.encode() not in cell.host.images.encode(cell.host.slots[SLOT])
    returned = town.written(lambda entry: isinstance(entry, Returned))
    assert (await said(town, GUEST, Bump(2), "two")).total == ODD + 2
    assert returned.is_set()
    gauges = msgspec.msgpack.decode(await town.call("cell-0", "state", b""), type=CellGauges)
    assert (gauges.left_actors_total >= 1, gauges.returned_actors_total) == (True, 1)


async def asked_until_known(town: Town, ref: Ref, message: Message, key: str | None = None) -> Answer:
    """What is answered when the row has been read: until then it is `busy`."""
    async with asyncio.timeout(10):
        while (answer := (await asking(town, letter(ref, message, key)))[0]).how == "busy":
            await turns_of_loop()
    return answer


async def test_what_was_said_before_is_known_without_him(town: Town) -> None:
    await guest_left(town)
    (repeat,) = await asking(town, letter(GUEST, Bump(ODD), "one"))
    old = uuid7(NOW - KEYS_KEPT_US - DAY_US)
    (expired,) = await asking(town, letter(GUEST, Bump(1), old))
    assert (repeat.note, TOYS.decode_reply(expired.reply or b"").code) == ("repeat", "key_expired")  # type: ignore[attr-defined]
    assert town.gate.passed.get("absent", 0) == 0


async def test_a_question_is_answered_from_his_row_and_writes_nothing(town: Town) -> None:
    cell = await guest_left(town)
    for _ in range(3):
        assert (await said(town, GUEST, Look())).total == ODD
    assert town.gate.passed["absent"] == 1, "what was read answers the next question, too"
    assert cell.host.gone.returned == 0
    assert cell.host.ticket() == 0
    left = town.written(lambda entry: isinstance(entry, Left))
    for key in ("two", "three"):
        await said(town, GUEST, Bump(3), key)
    await left.wait()
    assert cell.host.slots[SLOT].roll.body(GUEST) is None
    assert (await said(town, GUEST, Look())).total == ODD + 6, "nobody is asked as he was before he left again"
    assert cell.host.gone.returned == 1


async def test_while_his_row_is_read_nobody_else_waits(town: Town) -> None:
    cell = await guest_left(town)
    town.gate.hold("absent")
    guest, neighbour = letter(GUEST, Bump(2), "two"), letter(account("b", "two"), Bump(1), "other")
    assert [answer.how for answer in await asking(town, guest, neighbour)] == ["busy", "done"]
    assert [answer.how for answer in await asking(town, guest)] == ["busy"]
    assert cell.host.gone.returned == 0
    town.gate.release()
    assert (await asked_until_known(town, GUEST, Bump(2), "two")).how == "done"
    assert town.gate.passed["absent"] == 1, "he is read once"


async def test_who_opens_the_slot_next_knows_that_he_left(town: Town) -> None:
    await guest_left(town)
    town.tables.kept.clear()
    await town.start()
    assert (await said(town, GUEST, Look())).total == ODD
    await town.start()
    assert (await said(town, GUEST, Bump(2), "two")).total == ODD + 2


async def test_while_his_row_cannot_be_read_he_is_told_nothing(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await guest_left(town)
    town.gate.fail("absent", Unknown())
    for_both = letter(ACCOUNT, Bump(1), "before"), letter(GUEST, Bump(2), "two"), letter(ACCOUNT, Bump(1), "after")
    assert [answer.how for answer in await asking(town, *for_both)] == ["done", "busy", "again"]
    assert (await asked_until_known(town, GUEST, Bump(2), "two")).how == "done"
    assert "could not be read" in caplog.text
    assert [answer.how for answer in await asking(town, *for_both)] == ["done", "done", "done"]
    assert (await said(town, GUEST, Look())).total == ODD + 2


async def test_without_his_row_he_does_not_begin_anew_and_what_he_is_told_is_parked(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await guest_left(town)
    rows = dict(town.tables.left)
    town.tables.left.clear()
    for message, key in ((Look(), None), (Bump(2), "two")):
        answer = await asked_until_known(town, GUEST, message, key)
        assert answer.reply == INTERNAL_ERROR
    assert "its row is missing" in caplog.text
    await turns_of_loop()
    (parked,) = town.tables.parked.values()
    assert "has no row in the table absent" in parked.error
    town.tables.left.update(rows)
    assert (await said(town, GUEST, Bump(2), "when staff have found his row")).total == ODD + 2


async def test_who_left_while_his_kind_still_did_returns_when_it_does_no_longer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await guest_left(town)
    monkeypatch.setattr(TOYS, "leaving", frozenset())
    await town.start()
    assert (await said(town, GUEST, Bump(2), "two")).total == ODD + 2


def test_in_virtual_time_nobody_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "SNAPSHOT_PAGES", 1)
    for virtual in (False, True):
        bench = bench_with(GUEST, ODD)
        bench.host.virtual = virtual
        bench.slot(GUEST).at = NOW + gone.AFTER_US
        bench.tell(ACCOUNT, Bump(1), "one", NOW + gone.AFTER_US)
        flight = bench.host.cut()
        assert flight is not None
        assert flight.snapshots
        assert bool(flight.leavers) is not virtual


@pytest.mark.parametrize(
    ("ref", "by", "leaves"),
    [(GUEST, ODD, True), (GUEST, 12, False), (ACCOUNT, ODD, False)],
    ids=["over", "not over", "of a kind that stays"],
)
def test_who_is_over_may_leave(ref: Ref, by: int, leaves: bool) -> None:
    bench = bench_with(ref, by)
    slot = bench.slot(ref)
    slot.at = NOW
    assert [(one.kind, one.key) for one in bench.host.gone.leavers(slot)] == [(ref.kind, ref.key)] * leaves
    slot.at += gone.LOOK_EVERY_US - 1
    assert bench.host.gone.leavers(slot) == [], "it was looked through lately"
    slot.at += 1
    assert len(bench.host.gone.leavers(slot)) == leaves


def bench_with(ref: Ref, *grown: int) -> Bench:
    """A host in which somebody has grown by so much."""
    bench = Bench()
    for by in grown:
        bench.tell(ref, Bump(by), f"by {by}")
    return bench


def test_who_was_over_not_long_ago_or_waits_for_something_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = bench_with(GUEST, ODD)
    slot = bench.slot(GUEST)
    monkeypatch.setattr(gone, "AFTER_US", slot.at + 1)  # guests are over since the beginning of time
    assert bench.host.gone.leavers(slot) == []
    monkeypatch.setattr(gone, "AFTER_US", slot.at)
    asks, chimes = bench_with(GUEST, ASKS), bench_with(GUEST, 8, 3)
    assert asks.slot(GUEST).asks
    assert chimes.slot(GUEST).wakes
    for bench in (asks, chimes):
        bench.slot(GUEST).at = NOW + gone.AFTER_US
        assert bench.host.gone.leavers(bench.slot(GUEST)) == []


def test_who_changed_since_his_row_was_written_stays() -> None:
    bench = bench_with(GUEST, ODD)
    bench.slot(GUEST).at = NOW + DAY_US + gone.AFTER_US
    rows = bench.host.gone.leavers(bench.slot(GUEST))
    bench.tell(GUEST, Bump(2), "two")
    assert bench.host.gone.leave(rows) == 0
    assert bench.actor(GUEST).total == ODD + 2


async def test_a_message_of_a_neighbour_goes_by_mail_to_who_left() -> None:
    bench = bench_with(account("b", "two"), 3)
    two = bench.slot(account("b", "two"))
    two.at = NOW + gone.AFTER_US
    rows = bench.host.gone.leavers(two)
    assert bench.host.gone.leave(rows) == 1
    bench.tell(ACCOUNT, Bump(9), "tells two of b, twice")
    flight = bench.host.cut()
    assert flight is not None
    await commit(bench.journal, flight.pages, no_pause)
    bench.host.committed(flight)
    sent = bench.host.outgoing(SLOT, two.number, 10)
    assert [each.ref for each in sent if each.ref.kind == "guest"] == [account("b", "two")] * 2
    assert bench.host.deliver(sent[:1], NOW) == [BUSY]
    (missed,) = bench.host.gone.missed()
    assert bench.host.gone.bring_back(missed, rows[0].held)
    assert not bench.host.gone.bring_back(missed, rows[0].held), "he is there already"
    assert {answer.how for answer in bench.host.deliver(sent, NOW)} == {"done"}
    assert bench.actor(account("b", "two")).total == 3 + 1 + 2


def test_nobody_follows_who_leaves() -> None:
    with pytest.raises(LawBroken, match="guest"):
        Follower(TOYS, None, None, Directory(), frozenset({"guest"}))  # type: ignore[arg-type]


NAMES = st.lists(st.builds(Ref, st.sampled_from(["session", "payment"]), st.text(max_size=4)))


@given(st.lists(NAMES), NAMES)
def test_marks_are_a_set(groups: list[list[Ref]], others: list[Ref]) -> None:
    marks, known = Marks(), set[Ref]()
    for group in groups:
        marks.add(group)
        known.update(group)
    again = Marks(marks.packed())
    assert all((ref in marks) == (ref in again) == (ref in known) for ref in {*known, *others})
    assert len(marks) == len(again) == len(known)
    assert marks.any == again.any == bool(known)
    assert again.packed() == marks.packed()
    assert again.version != marks.version


def test_many_marks_are_found_whenever_they_were_added() -> None:
    marks, names = Marks(), [account("a", f"n{n}") for n in range(3_000)]
    for name in names:
        before = marks.version
        marks.add([name])
        assert marks.version != before
    assert all(name in marks for name in names)
    assert len(Marks(marks.packed())) == len(names)
