"""A stay of long ago that somebody asks for: it had left memory, and stands as it stood."""

import msgspec

from actors.engine import gone
from actors.values import DAY_US, Ref, shared_slot
from tests.gateway.http.callers import Caller
from tests.gateway.http.streets import Collector, Street


async def test_a_refund_days_later_finds_the_stay_that_had_left_memory(
    street: Street, li: Collector, caller: Caller
) -> None:
    await street.came("L0-0", 40)
    session = str((await li.plate("L0-0", "川T30001")).json["session"])
    assert (await li.pay(session, 500)).status == 200
    await li.leave("L0-0")
    await street.see("L0-0", False)
    await left(street, session)
    finance, path = street.staff(caller, "finance"), f"/api/v1/sessions/{session}"
    await street.told()
    (paid,) = (await finance.get(path)).json["payments"]
    back = {"payment": paid["payment"], "fen": 200, "reason": "goodwill"}
    assert (await finance("POST", f"{path}/refunds", back)).status == 200
    await street.told()
    stay = (await finance.get(path)).json["stay"]
    assert (stay["received_fen"], stay["due_fen"]) == (300, 0)
    more = await finance("POST", f"{path}/refunds", back | {"fen": 400})
    assert more.json["details"] == {"left_fen": "300", "refused": "refund_too_large"}


async def left(street: Street, session: str) -> None:
    """Days go by, and its slot gets a snapshot: it leaves as soon as its row is kept."""
    ref = Ref("session", session)
    slot = street.cell.host.slots[shared_slot(ref.key)]
    assert slot.roll.body(ref) is not None
    street.clock.ahead_us += gone.AFTER_US + DAY_US
    while not slot.roll.away(ref):
        await street.cell.call("mark", msgspec.msgpack.encode([slot.number]))
