"""Messages that broke an actor: staff see them, tell them again once, or dismiss them; a real cell, a real journal."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import get_args

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.catalogue import Catalogue
from actors.engine.cell import Cell
from actors.engine.directory import Directory
from actors.engine.entries import FromDevice, Input
from actors.engine.mail import Unreachable
from actors.engine.post import Post
from actors.engine.turn import Turn
from actors.kinds import KINDS, PORTS, Device
from actors.messages.device import DeviceAnswer, DeviceQuery, InstallDevice, Uplinked
from actors.messages.forms import Message, Reply
from actors.values import HOUR_US, Ref, shared_slot
from gateway.http.house import House
from gateway.http.parked import source_of
from gateway.workers import city
from storage.history import History
from storage.journal import PostgresJournal
from storage.session import now_us
from tests.actors.engine.golden import example
from tests.gateway.http.callers import Caller, Clock, Said

LOT = "L0"
NUMBERS = count(1)
PARKED = "/api/v1/parked"


class Faulty(Device, kind="device"):
    """A device with a bug: an empty battery divides by zero."""

    def on_uplinked(self, frame: Uplinked, turn: Turn) -> None:
        """Fails for a battery of 0 %."""
        if frame.battery_pct is not None:
            assert 100 // frame.battery_pct
        super().on_uplinked(frame, turn)


FAULTY = Catalogue(tuple(Faulty if kind is Device else kind for kind in KINDS), PORTS)


class Release:
    """The cell that carries the lot, in this process, with whichever code was released last; and a post to it."""

    def __init__(self, url: str, world: str) -> None:
        self.journal = PostgresJournal(url, world, "cell")
        self.cell: Cell | None = None
        self.post = Post(city(), self.call, Directory(), PostgresJournal(url, world, "post"), now_us)
        self._lives = count(1)

    async def call(self, cell: str, method: str, payload: bytes) -> bytes:
        if self.cell is None:
            raise Unreachable(cell)
        return await self.cell.call(method, payload)

    async def run(self, catalogue: Catalogue) -> None:
        """The old code ends, this code goes on from the journal."""
        if self.cell is not None:
            self.cell.stop()
        life = now_us() + next(self._lives)
        self.cell = Cell("cell-0", life, catalogue, self.journal, self.call, now_us, pytest.fail)
        await self.cell.start()

    async def close(self) -> None:
        await self.post.close()
        if self.cell is not None:
            self.cell.stop()
        await self.journal.close()


@pytest.fixture
async def release(engine: AsyncEngine, database_url: str, house: House) -> AsyncIterator[Release]:
    """Code with a bug carries the lot; the house asks its actors through a real post."""
    async with engine.begin() as connection:
        world = (await connection.execute(text("SELECT current_schema()"))).scalar_one()
        # Not deleted: their pages say that they were parked, and whoever opens the slot would keep them again.
        await connection.execute(text("UPDATE parked SET done_at = 0, done_by = '', verdict = 'dismissed'"))
    here = Release(database_url, world)
    await here.journal.place(shared_slot(LOT), None, "cell-0")
    await here.run(FAULTY)
    await here.post.start()
    house.post = here.post
    yield here
    await here.close()


async def poison(release: Release) -> Ref:
    """An installed device that says something which the code cannot take."""
    n = next(NUMBERS)
    device = Ref("device", f"{LOT}/poor-{n}")
    await release.post.ask(device, InstallDevice("yun-json", "b", HOUR_US))
    now = now_us()
    frame = Uplinked(now, now, True, serial=1, boot=1, battery_pct=0)
    answer = await release.post.send(device, FromDevice(device, 1, 1), frame)
    assert answer.reply is not None, "it broke"
    return device


async def waiting(operator: Caller, at_least: int = 1) -> list[dict[str, object]]:
    """The parked messages; a cell writes them just after it has answered."""
    for _ in range(200):
        items = list((await operator.get(PARKED)).json["items"])
        if len(items) >= at_least:
            return items
        await asyncio.sleep(0.01)
    raise AssertionError("nothing was parked")


async def heard(release: Release, device: Ref) -> int:
    """How many frames the device's actor has taken."""
    reply = await release.post.ask(device, DeviceQuery())
    assert isinstance(reply, DeviceAnswer)
    return reply.face.frames


async def press(operator: Caller, id: object, what: str = "retry", note: str = "") -> Said:
    return await operator("POST", f"{PARKED}/{id}/{what}", {"note": note})


async def test_a_parked_message_is_shown_as_it_was(operator: Caller, release: Release) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    assert (row["ref"], row["kind"], row["slot"]) == (str(device), "device", shared_slot(LOT))
    assert row["error"] == "ZeroDivisionError: integer division or modulo by zero"
    assert row["source"] == f"{device} 1/1"
    assert row["verdict"] is None
    message = row["message"]
    assert isinstance(message, dict)
    assert (message["type"], message["battery_pct"], message["occupied"]) == ("Uplinked", 0, True)
    assert (await operator.get(f"{PARKED}/{row['id']}")).json == row


def test_every_way_in_which_a_message_can_come_has_words() -> None:
    for source in get_args(Input):
        assert source_of(msgspec.msgpack.encode(example(source))), source


async def test_told_again_to_mended_code_it_is_taken_once_however_often_it_is_pressed(
    operator: Caller, release: Release, house: House, engine: AsyncEngine
) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    await release.run(city())
    assert await heard(release, device) == 0
    pressed = await asyncio.gather(*(press(operator, row["id"], note="mended in 0.1.1") for _ in range(3)))
    assert {said.json["outcome"] for said in pressed} <= {"taken", "before"}
    assert await heard(release, device) == 1
    after = (await operator.get(f"{PARKED}/{row['id']}")).json
    assert (after["verdict"], after["done_by"], after["answer"]) == ("retried", "operator", "")
    assert (await operator.get(PARKED)).json["items"] == []
    assert (await operator.get(f"{PARKED}?done=true")).json["items"][0]["id"] == row["id"]
    assert (await History(engine).aside(0)).messages == [], "its alarm is over"
    (audit,) = await house.history.audit(what=f"parked/{row['id']}")
    assert (audit.who, audit.verb) == ("operator", "retried")
    assert audit.after is not None
    assert (audit.after["outcome"], audit.after["note"]) == ("taken", "mended in 0.1.1")


async def test_what_breaks_again_is_another_parked_message(operator: Caller, release: Release) -> None:
    device = await poison(release)
    (first,) = await waiting(operator)
    said = (await press(operator, first["id"])).json
    assert (said["outcome"], said["code"], said["parked"]["verdict"]) == ("parked_again", "internal_error", "retried")
    assert said["parked"]["answer"] == "internal_error", "whoever looks later sees that it was not taken"
    (second,) = await waiting(operator)
    assert (second["ref"], second["id"] == first["id"]) == (str(device), False)
    assert str(second["source"]).startswith("key ")
    await release.run(city())
    assert (await press(operator, second["id"])).json["outcome"] == "taken"
    assert await heard(release, device) == 1


async def test_a_crash_between_telling_and_marking_tells_it_once(
    operator: Caller, release: Release, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    await release.run(city())
    with monkeypatch.context() as patch:
        patch.setattr(house.parked, "settle", None)
        assert (await press(operator, row["id"])).code == "internal_error"
    assert (await operator.get(f"{PARKED}/{row['id']}")).json["retry_us"] is not None
    assert (await press(operator, row["id"])).json["outcome"] == "taken"
    assert await heard(release, device) == 1


async def test_a_retry_of_long_ago_is_not_made_a_second_time(
    operator: Caller, release: Release, house: House, clock: Clock
) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    await release.run(city())
    clock.ahead_us -= HOUR_US
    await house.parked.claim(str(row["id"]), clock())
    clock.ahead_us += HOUR_US
    said = await press(operator, row["id"])
    assert (said.status, said.code) == (409, "retry_expired")
    assert await heard(release, device) == 0
    assert (await press(operator, row["id"], "dismiss")).json["outcome"] == "dismissed_after_retry"


async def test_what_is_dismissed_while_it_is_told_again_is_in_the_audit_with_both(
    operator: Caller, release: Release, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    await release.run(city())
    ask = release.post.ask

    async def slowly(ref: Ref, message: Message, key: str) -> Reply | None:
        assert (await press(operator, row["id"], "dismiss")).json["outcome"] == "dismissed_after_retry"
        return await ask(ref, message, key)

    with monkeypatch.context() as patch:
        patch.setattr(release.post, "ask", slowly)
        said = (await press(operator, row["id"])).json
    assert (said["outcome"], said["parked"]["verdict"], await heard(release, device)) == ("taken", "dismissed", 1)
    told = await house.history.audit(what=f"parked/{row['id']}")
    assert sorted(each.verb for each in told) == ["dismissed", "retried"]
    assert len({(each.after or {})["key"] for each in told}) == 1


async def test_a_dismissed_message_is_told_to_nobody(operator: Caller, release: Release) -> None:
    device = await poison(release)
    (row,) = await waiting(operator)
    await release.run(city())
    assert (await press(operator, row["id"], "dismiss", "a test sensor")).json["outcome"] == "dismissed"
    assert (await press(operator, row["id"])).json["outcome"] == "before"
    assert await heard(release, device) == 0


async def test_while_the_cell_is_away_nothing_is_settled(
    operator: Caller, release: Release, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await poison(release)
    (row,) = await waiting(operator)
    ask = release.post.ask
    monkeypatch.setattr(release.post, "ask", lambda ref, message, key: ask(ref, message, key, timeout_s=0.05))
    assert release.cell is not None
    release.cell.stop()
    assert (await press(operator, row["id"])).code == "outcome_unknown"
    assert (await waiting(operator))[0]["verdict"] is None


async def test_pages_go_on_where_the_last_one_ended(operator: Caller, release: Release) -> None:
    for _ in range(3):
        await poison(release)
    whole = [row["id"] for row in await waiting(operator, 3)]
    first = (await operator.get(f"{PARKED}?limit=2")).json
    second = (await operator.get(f"{PARKED}?limit=2&after={first['next']}")).json
    assert [row["id"] for row in first["items"] + second["items"]] == whole
    assert second["next"] is None
