"""Passes, vehicles and campaigns in a real host on a real journal: what is committed, folded again, and in tables."""

from asyncio import sleep
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.catalogue import Catalogue
from actors.engine.commit import commit, open_slots
from actors.engine.entries import ByKey, Letter
from actors.engine.host import Host
from actors.kinds import KINDS, PORTS
from actors.messages.account import BindPlate
from actors.messages.bay import ReportPlate, Sighted
from actors.messages.campaign import CampaignFace, CampaignTerms, ClaimCoupon, GiveCoupon, SetCampaign
from actors.messages.forms import Command, Face, Refused
from actors.messages.passes import EndPass, OpenPass, PassAnswer, PassFace, RenewPass, ReplacePlate
from actors.messages.session import PayByHand
from actors.messages.session_shown import SessionFace
from actors.messages.vehicle import Listing, PutListing, VehicleFace
from actors.values import DAY_US, HOUR_US, MINUTE_US, Micros, Ref, shared_slot
from storage.journal import PostgresJournal
from storage.projections import PROJECTIONS, Projector
from storage.schema.plates import campaigns, listings, passes
from tests.actors.kinds.streets import T0, TARIFF
from tests.storage.conftest import Home

CATALOGUE = Catalogue(KINDS, PORTS)
A, B, GUEST, DEVICE = "京A12345", "京A22222", "京A77777", "d"
PASS, SPRING = Ref("pass", "m1"), Ref("campaign", "spring")
RULES = {"mode": "sensor_pda", "operator": "north", "groups": ["g"]}
RULE = {"name": "x", "price_fen": {"*": 30_000}, "groups": ["g"], "plates": 2, "operator": "north"}
REFERENCES = {
    **{f"rules/{lot}": RULES for lot in ("7", "8")},
    **{f"tariff-of/{lot}": {"tariff": "a"} for lot in ("7", "8")},
    "tariff/a": TARIFF,
    "pass-rules/r": RULE,
}


class Cell:
    """A host that commits what it is told, and can be thrown away and folded again."""

    def __init__(self, journal: PostgresJournal) -> None:
        self.journal = journal
        self.now: Micros = T0
        self._n = 0

    async def start(self) -> "Cell":
        """A new host, from the journal alone."""
        self.host = Host(CATALOGUE, "cell-0", 7)
        for name, value in REFERENCES.items():
            self.host.references.add(name, 1, 0, msgspec.msgpack.encode(value))
        await open_slots(self.host, self.journal, list(range(1024)), self.now, sleep)
        return self

    async def say(self, ref: Ref, message: Command, after: Micros = 0) -> Any:
        """Tells one actor; what it answers, when that is durable."""
        self.now += after
        self._n += 1
        self.host.tick(self.now)
        letter = Letter(shared_slot(ref.key), ByKey(f"k{self._n}", 0), ref, message)
        (answer,) = self.host.deliver([letter], self.now)
        assert answer.how == "done"
        await self.flush()
        return answer.reply and CATALOGUE.decode_reply(answer.reply)

    async def flush(self) -> None:
        """Makes it durable."""
        flight = self.host.cut()
        if flight is not None:
            await commit(self.journal, flight.pages, sleep)
            self.host.committed(flight)

    def faces(self) -> dict[Ref, Face]:
        """All actors as others see them."""
        return {ref: actor.face() for slot in self.host.slots.values() for ref, actor in slot.roll.actors()}

    async def park(self, plate: str, bay: str, minutes: int) -> None:
        """A whole stay."""
        place = Ref("bay", bay)
        await self.say(place, Sighted(DEVICE, False, self.now, self.now))
        self.now += 1
        await self.say(place, Sighted(DEVICE, True, self.now, self.now))
        await self.say(place, ReportPlate(plate, "blue", "pda", "p", 100, self.now, "c1"))
        self.now += minutes * MINUTE_US
        await self.say(place, Sighted(DEVICE, False, self.now, self.now))


async def lived(cell: Cell) -> None:
    """Some days of passes: sold, used, replaced, renewed; lists, coupons, an owner."""
    opened = await cell.say(PASS, OpenPass("r", (A, B), 0, 1, "desk", "p", "anna", "Anna", "138"))
    assert isinstance(opened, PassAnswer)
    await cell.say(PASS, PayByHand("p1", "cash", 30_000, "c1", "s1", cell.now))
    await cell.park(A, "7/b1", 40)
    await cell.say(PASS, ReplacePlate(B, GUEST, cell.now, cell.now + 5 * HOUR_US, "staff"))
    await cell.park(GUEST, "8/b11", 40)
    await cell.park(B, "8/b12", 40)
    await cell.say(Ref("vehicle", B), PutListing(Listing("l1", "white", T0, 0, ("8",), "company"), "staff"))
    await cell.say(SPRING, SetCampaign(CampaignTerms(name="s", kind="full", total=2), "c", "staff"))
    await cell.say(SPRING, ClaimCoupon("anna", "c"))
    await cell.say(SPRING, GiveCoupon("", A, "staff"))
    assert isinstance(await cell.say(SPRING, ClaimCoupon("bela", "c")), Refused)
    await cell.say(Ref("account", "anna"), BindPlate(A))
    await cell.say(PASS, RenewPass(1, "desk", "p"))
    await cell.say(PASS, PayByHand("p2", "cash", 30_000, "c1", "s1", cell.now))


async def test_what_passes_and_vehicles_remember_is_folded_again_and_stands_in_the_tables(
    home: Home, engine: AsyncEngine
) -> None:
    journal = PostgresJournal(*home, name="cell-0")
    cell = await Cell(journal).start()
    await lived(cell)
    before = cell.faces()
    due = {ref.key: face.due_fen for ref, face in before.items() if isinstance(face, SessionFace)}
    assert due == {"7/b1-1": 0, "8/b11-1": 0, "8/b12-1": 500}
    vehicle, held = before[Ref("vehicle", A)], before[PASS]
    assert isinstance(vehicle, VehicleFace)
    assert isinstance(held, PassFace)
    assert (vehicle.account, vehicle.coupons, [each.id for each in vehicle.passes]) == ("anna", (), ["m1"])
    await cell.start()
    assert cell.faces() == before
    await cell.say(PASS, EndPass("over", "staff"), after=DAY_US)
    await tables_agree(engine, cell)
    await journal.close()


async def tables_agree(engine: AsyncEngine, cell: Cell) -> None:
    projector = Projector(engine, CATALOGUE.decode_told, PROJECTIONS)
    await projector.catch_up()
    face, spring = cell.faces()[PASS], cell.faces()[SPRING]
    assert isinstance(face, PassFace)
    assert isinstance(spring, CampaignFace)
    async with engine.connect() as connection:
        row = (await connection.execute(select(passes))).one()
        assert (row.state, row.plates.split(), row.until_us) == (face.state, list(face.plates), face.until_us)
        assert (row.phone, row.fen, row.replacements) == ("138", 60_000, f"{B}>{GUEST}")
        assert 0 < row.refund_fen < 60_000
        listing = (await connection.execute(select(listings))).one()
        assert (listing.plate, listing.list, listing.lots) == (B, "white", "8")
        assert (await connection.execute(select(campaigns.c.issued))).scalar_one() == spring.issued == 2
    for each in ("passes", "listings", "campaigns", "pass_changes"):
        await projector.rebuild(each)
    await projector.catch_up()
    async with engine.connect() as connection:
        assert (await connection.execute(select(passes))).one() == row
