"""What the back office decides about work with devices (reference data `pda`), and what all of it needs."""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from actors.messages.collector import CollectorAnswer, CollectorFace, CollectorQuery
from actors.messages.forms import Message, Reply
from actors.values import DAY_US, MINUTE_US, SECOND_US, Micros, Ref
from gateway.http.asking import ask
from gateway.http.errors import BY_CODE, Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from storage.orders import bay_ref
from storage.published import Publication
from storage.rows import BayRow, LotRow

PDA: Final = "pda"
AHEAD_US: Final = 2 * MINUTE_US
"""A device's clock may be so much ahead of ours."""

Fen = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=24 * 60)]
Instant = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=1000)]
PlateText = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^\S+$")]

REASONS: Final = {
    "special": "特种车辆",
    "mistake": "误操作",
    "equipment": "设备故障",
    "complaint": "投诉处理",
    "official": "公务车辆",
}


class PdaRules(Typed, frozen=True, kw_only=True):
    """How work with devices goes: above which sum of arrears people confirm twice, how long a device and a section are
    somebody's without being heard of, for which reasons (word → what it means) a stay may be free, and how many stays a
    collector, and all in a lot, may let go free by hand in a day of the city (null: as many as they like).
    """

    confirm_above_fen: Fen = 2_000
    device_lease_minutes: Minutes = 120
    section_lease_minutes: Minutes = 120
    free_reasons: dict[Word, Text] = msgspec.field(default_factory=lambda: dict(REASONS))
    free_a_day_per_collector: Count | None = None
    free_a_day_per_lot: Count | None = None

    @property
    def device_us(self) -> Micros:
        """How long a device may be silent."""
        return self.device_lease_minutes * MINUTE_US

    @property
    def section_us(self) -> Micros:
        """How long a section may be."""
        return self.section_lease_minutes * MINUTE_US


class Place(NamedTuple):
    """A bay with its actor."""

    bay: BayRow
    ref: Ref


async def rules(house: House) -> PdaRules:
    """As they are now."""
    row = await house.published.in_force(PDA, house.lookout.clock())
    return PdaRules() if row is None else msgspec.msgpack.decode(row.body, type=PdaRules)


async def shown(house: House, call: Call[NoQuery, None]) -> PdaRules:
    """The rules as they are now."""
    return await rules(house)


async def change(house: House, call: Call[NoQuery, PdaRules]) -> PdaRules:
    """Other rules from now on."""
    body = msgspec.msgpack.encode(call.body)
    await house.desk.publish(call.user.name, [Publication(PDA, house.lookout.clock(), body)])
    return call.body


async def place(house: House, bay: str) -> Place:
    """A registered bay: `not_found`."""
    row = found(await house.lists.bay(bay))
    return Place(row, bay_ref(row.lot, row.id))


async def lot(house: House, id: str) -> LotRow:
    """A registered lot: `not_found`."""
    return found(await house.lists.lot(id))


async def stay_of(house: House, call: Call[Any, Any]) -> str:
    """The name of the stay that an address names by its lot, which is registered (`not_found`), and its own id."""
    id = call.path["id"]
    if await house.lists.missing_lots([id]):
        raise Problem("not_found")
    return f"{id}/{call.path['stay']}"


async def tell(house: House, ref: Ref, message: Message, key: str | None = None) -> Reply | None:
    """The actor's reply; a refusal that HTTP has a code for keeps it, others are `refused`."""
    try:
        return await ask(house.post, ref, message, key)
    except Problem as no:
        code = no.details.get("refused", "")
        if code in BY_CODE:
            raise Problem(code, no.message, {k: v for k, v in no.details.items() if k != "refused"}) from None
        raise


async def collector(house: House, id: str) -> CollectorFace:
    """A collector as they are now."""
    reply = await tell(house, Ref("collector", id), CollectorQuery())
    assert isinstance(reply, CollectorAnswer)
    return reply.face


def made_id(*parts: str) -> str:
    """A name that these parts have alone: who does the same again with the same key gets the same."""
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def key_of(call: Call[Any, Any], what: str) -> str:
    """The identity of a command that is the same when the same caller says it again with the same key."""
    return f"{what}-{made_id(call.user.user, call.key)}"


def said_at(house: House, at_us: Micros | None) -> Micros:
    """When a device says that something happened: `clock_ahead` if that is still to come; without a word, now."""
    now = house.lookout.clock()
    if at_us is not None and at_us > now + AHEAD_US:
        raise Problem("clock_ahead", details={"now_us": str(now)})
    return now if at_us is None else at_us


async def zone(house: House) -> ZoneInfo:
    """The city's time zone."""
    known = await house.lists.city()
    return ZoneInfo(known.zone if known else "UTC")


async def today_us(house: House) -> Micros:
    """When the day began in the city."""
    now = datetime.fromtimestamp(house.lookout.clock() / SECOND_US, await zone(house))
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * SECOND_US


TOMORROW_US: Final = DAY_US + 2 * 60 * MINUTE_US
"""A day is at most so long, when clocks are set back."""
