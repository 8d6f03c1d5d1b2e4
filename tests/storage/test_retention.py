"""Retention on a real server: what may go, what must stay, and that a slot lives on without its first pages."""

from functools import cached_property
from itertools import count, islice

import asyncpg
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.catalogue import Catalogue
from actors.engine.commit import commit, open_slots
from actors.engine.entries import ByKey, Letter
from actors.engine.host import Host
from actors.engine.recovery import HoleInHistory
from actors.kinds import KINDS, PORTS
from actors.messages.bay import InstallBay, Sighted
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.forms import Face, Message
from actors.messages.money import Due
from actors.messages.payment import CNY, ProviderSaid, StartPayment
from actors.messages.session import PayByHand
from actors.values import DAY_US, HOUR_US, Micros, Ref, shared_slot
from storage.frames import FrameRow, Frames
from storage.history import History
from storage.journal import PostgresJournal
from storage.months import JOURNAL, begin_of, make_months, parts
from storage.projections import PROJECTIONS, Projector
from storage.projections.checkpoints import HistoryGone
from storage.retention import Keep, Kept, Reader, keep_house
from tests.actors.kinds.streets import TARIFF
from tests.anew import DERIVED
from tests.storage.conftest import Home

AUGUST, SEPTEMBER, NOVEMBER = (begin_of(month) + 9 * DAY_US for month in (202608, 202609, 202611))
DECEMBER = begin_of(202612)
LOTS = ("20001", "20002", "20003")
SLOTS = sorted(shared_slot(lot) for lot in LOTS)
PAID = "20002"
"""The lot whose stays are paid for."""
COLLECTOR, PAYMENT = islice((key for n in count() if shared_slot(key := f"{n:032x}") == shared_slot(PAID)), 2)
"""In that lot's slot, so that no other need be open."""
STAY_FEN = 4 * 250
"""Two hours."""
REFERENCES = {
    f"rules/{PAID}": {"mode": "sensor_pda", "operator": "north"},
    f"tariff-of/{PAID}": {"tariff": "a"},
    "tariff/a": TARIFF,
}
MONEY = {"ledger_lines", "sessions", "session_payments", "payments", "takings"}
"""What stays and payments leave behind."""
KEEP = Keep(journal_days=30, frames_days=30, passages_days=0)


class OtherCode(Catalogue):
    """The same kinds after a change of their code."""

    @cached_property
    def fingerprint(self) -> str:
        return "of other code"


class Life:
    """One life of a cell on the real journal, at a time of its own."""

    def __init__(self, home: Home, engine: AsyncEngine, lease: int, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or Catalogue(KINDS, PORTS)
        self.host = Host(self.catalogue, "cell-0", lease)
        for name, value in REFERENCES.items():
            self.host.references.add(name, 1, 0, msgspec.msgpack.encode(value))
        self.engine = engine
        self.journal = PostgresJournal(*home, name="cell-0")
        self.projector = Projector(engine, self.catalogue.decode_told, PROJECTIONS)
        self.said = lease * 1_000
        self.now = DECEMBER

    async def begin(self, now: Micros) -> "Life":
        await open_slots(self.host, self.journal, SLOTS, now, no_pause)
        return self

    async def tell(self, ref: Ref, message: Message, now: Micros) -> None:
        self.said += 1
        (answer,) = self.host.deliver([Letter(shared_slot(ref.key), ByKey(f"{self.said}", 0), ref, message)], now)
        assert answer.how == "done"
        await self.commit()

    async def commit(self) -> None:
        flight = self.host.cut()
        assert flight is not None
        await commit(self.journal, flight.pages, no_pause)
        await self.journal.save_snapshots(flight.snapshots)
        self.host.committed(flight)

    async def mark(self, slots: list[int]) -> None:
        """As a cell does it."""
        for _ in range(2):
            for slot in slots:
                self.host.mark(slot, self.now)
            await self.commit()

    async def keep(self, now: Micros = DECEMBER) -> Kept:
        reader = Reader([each.name for each in PROJECTIONS], self.catalogue.fingerprint, self.host.images.sound)
        return await keep_house(self.engine, now, KEEP, reader, self.mark)

    def faces(self) -> dict[Ref, Face]:
        return {ref: actor.face() for slot in self.host.slots.values() for ref, actor in slot.roll.actors()}


def pages_of(kept: Kept) -> list[str]:
    """The months of the journal that went."""
    return [part for part in kept.dropped if part.startswith("journal")]


async def derived(bare: asyncpg.Connection) -> dict[str, list[asyncpg.Record]]:
    """All that projections have made of the facts: states, statistics, stays, the ledger."""
    return {table.name: sorted(await bare.fetch(f"SELECT * FROM {table.name}"), key=repr) for table in DERIVED}


async def no_pause(delay_s: float) -> None:
    """Rests not at all."""


@pytest.fixture
async def life(home: Home, engine: AsyncEngine) -> Life:
    """Three lots that lived in August; one of them in September and November, too."""
    async with engine.begin() as connection:
        for now in (AUGUST, SEPTEMBER):
            await make_months(connection, now)
    life = await Life(home, engine, 1).begin(AUGUST)
    for lot in LOTS:
        await life.tell(Ref("bay", f"{lot}/{lot}1"), InstallBay(f"N{lot}", "common"), AUGUST)
        await life.tell(Ref("device", f"{lot}/{lot}d"), InstallDevice("yun-json", "1", DAY_US), AUGUST)
    for now, taken in ((AUGUST + DAY_US, True), (SEPTEMBER, False), (NOVEMBER, True)):
        await life.tell(Ref("device", "20001/20001d"), Uplinked(now, now, taken), now)
    await paid_stays(life)
    return life


async def paid_stays(life: Life) -> None:
    """Two hours in August, paid to a collector; two hours in September, paid at a provider."""
    bay, payment = Ref("bay", f"{PAID}/{PAID}s"), Ref("payment", PAYMENT)
    for n, came in enumerate((AUGUST + DAY_US, SEPTEMBER), start=1):
        left, stay = came + 2 * HOUR_US, Ref("session", f"{PAID}/{PAID}s-{n}")
        for at, taken in ((came - 1, False), (came, True), (left, False)):
            await life.tell(bay, Sighted("s", taken, at, at), at)
        if n == 1:
            await life.tell(stay, PayByHand("by-hand", "cash", STAY_FEN, COLLECTOR, "s1", left), left)
        else:
            payees, until_us = (Due(*stay, STAY_FEN),), left + HOUR_US
            await life.tell(payment, StartPayment("wechat", "native", payees, "", "p", until_us, merchant="m"), left)
            await life.tell(payment, ProviderSaid("paid", STAY_FEN, CNY, "m", "42", left), left)


async def test_months_go_when_nobody_needs_them_any_more(life: Life, home: Home, bare: asyncpg.Connection) -> None:
    faces = life.faces()
    kept = await life.keep()
    assert (pages_of(kept), kept.waiting) == ([], SLOTS), "no snapshot is above them, and nobody has projected them"
    assert (await life.keep()).waiting == SLOTS, "there are snapshots now, but projections must pass too"
    await life.projector.catch_up()
    figures = await derived(bare)
    assert {"occupancy", "passages", *MONEY} <= {table for table, rows in figures.items() if rows}
    kept = await life.keep()
    assert (pages_of(kept), kept.waiting) == (["journal_202608", "journal_202609", "journal_202610"], [])
    assert await bare.fetchval("SELECT min(era) FROM journal") >= 202611
    assert await bare.fetchval("SELECT count(*) FROM journal JOIN ledger_lines USING (slot, seq)") == 0
    assert await derived(bare) == figures, "what the ledger, statistics and screens need lives on"
    assert (await life.keep()) == Kept([], [], [])
    again = await Life(home, life.engine, 2).begin(DECEMBER)
    assert again.faces() == faces
    await again.tell(Ref("device", "20002/20002d"), Uplinked(DECEMBER, DECEMBER, True), DECEMBER)


async def test_the_head_of_a_slot_never_goes(life: Life, bare: asyncpg.Connection) -> None:
    """A cell whose clock stands in August files all that it writes under August."""
    life.now = AUGUST
    await life.keep()
    await life.projector.catch_up()
    idle = sorted(slot for slot in SLOTS if slot != shared_slot("20001"))
    assert (await life.keep()).waiting == idle
    life.now = DECEMBER
    assert (await life.keep()).waiting == idle
    await life.projector.catch_up()
    assert (await life.keep()).dropped
    heads = await life.journal.heads(SLOTS)
    assert {slot: head.seq for slot, head in heads.items()} == {slot: life.host.slots[slot].seq for slot in SLOTS}


async def test_who_slept_until_its_month_had_gone_writes_nothing(
    life: Life, home: Home, engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    """It would not meet its rival's page there, and takes its own for the first of that number."""
    awake = await Life(home, engine, 2).begin(NOVEMBER)
    await awake.keep()
    await awake.projector.catch_up()
    assert pages_of(await awake.keep())
    pages = await bare.fetch("SELECT * FROM journal ORDER BY slot, seq")
    with pytest.raises(asyncpg.CheckViolationError, match="journal_gone"):
        await life.tell(Ref("device", "20002/20002d"), Uplinked(DECEMBER, DECEMBER, True), DECEMBER)
    assert await bare.fetch("SELECT * FROM journal ORDER BY slot, seq") == pages


async def test_no_page_names_a_month_that_went(life: Life, bare: asyncpg.Connection) -> None:
    """A slot that begins in one could never go on: its second page would be refused for ever."""
    await life.keep()
    await life.projector.catch_up()
    assert pages_of(await life.keep())
    new = next(slot for slot in range(1024) if slot not in SLOTS)
    with pytest.raises(asyncpg.CheckViolationError, match="journal_gone"):
        await open_slots(Host(life.catalogue, "cell-1", 9), life.journal, [new], AUGUST, no_pause)
    await open_slots(Host(life.catalogue, "cell-1", 10), life.journal, [new], DECEMBER, no_pause)
    assert await bare.fetchval("SELECT count(*) FROM journal WHERE slot = $1", new) == 1


async def test_after_a_change_of_code_the_snapshot_is_what_is_left_of_the_first_pages(
    life: Life, home: Home, engine: AsyncEngine
) -> None:
    faces = life.faces()
    await life.keep()
    await life.projector.catch_up()
    assert (await life.keep()).dropped
    newer = await Life(home, engine, 2, OtherCode(KINDS, PORTS)).begin(DECEMBER)
    assert newer.faces() == faces
    await newer.tell(Ref("device", "20003/20003d"), Uplinked(DECEMBER, DECEMBER, True), DECEMBER)
    kept = await newer.journal.snapshots(SLOTS)
    assert {snapshot.fold for snapshot in kept.values()} == {"of other code"}, "it is written again at once"


async def test_without_pages_and_snapshot_nothing_is_made_up(life: Life, home: Home, bare: asyncpg.Connection) -> None:
    await life.keep()
    await life.projector.catch_up()
    assert (await life.keep()).dropped
    await bare.execute("DELETE FROM snapshots")
    with pytest.raises(HoleInHistory):
        await Life(home, life.engine, 2).begin(DECEMBER)
    with pytest.raises(HistoryGone):
        await life.projector.rebuild("bay_states")


async def test_a_snapshot_that_cannot_be_read_keeps_its_months(life: Life, bare: asyncpg.Connection) -> None:
    await life.keep()
    await life.projector.catch_up()
    await bare.execute("UPDATE snapshots SET body = 'x' WHERE slot = $1", SLOTS[1])
    assert (await life.keep()).waiting == [SLOTS[1]]
    assert (await life.keep()).dropped, "another one was written meanwhile"


async def test_frames_go_by_their_time_alone(engine: AsyncEngine, life: Life) -> None:
    rows = [FrameRow(at, "t", "d", "k", b"", "accepted", "") for at in (1, AUGUST, NOVEMBER, DECEMBER + DAY_US)]
    await Frames(engine).store(rows)
    assert {"frames_202608", "frames_202609"} <= set((await life.keep()).dropped)
    assert [each.received_us for each in await History(engine).frames()] == [DECEMBER + DAY_US, NOVEMBER]


async def test_a_month_that_nobody_made_is_made_from_what_came_for_it(
    life: Life, engine: AsyncEngine, home: Home, bare: asyncpg.Connection
) -> None:
    may = begin_of(202705)
    await life.tell(Ref("device", "20001/20001d"), Uplinked(may, may, False), may)
    await life.tell(Ref("device", "20001/20001d"), Uplinked(may, may, True), may)
    async with engine.begin() as connection:
        assert "journal_202705" in await make_months(connection, may)
        assert 202705 in await parts(connection, JOURNAL)
    assert await bare.fetchval("SELECT count(*) FROM journal_202705") == 1, "the page after the first of May"
    assert (await Life(home, engine, 2).begin(may)).faces() == life.faces()
