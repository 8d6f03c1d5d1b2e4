"""Gates as people read of them: lanes of the register, barriers lifted by hand, emergencies and their stays.

Read-only; every method is one query.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import SECOND_US, Micros
from storage.reading import only, page, rows
from storage.rows import Row
from storage.schema.gates import emergencies, gate_lifts, lane_passages
from storage.schema.records import lanes, lots
from storage.schema.stays import session_flags, sessions

FLAGS: Final = ("emergency", "left_emergency")
"""What the stays of an emergency are flagged with: who was inside at its end, and who left meanwhile."""
TOLD_US: Final = 60 * SECOND_US
"""So long after its end the last of them have heard of it."""


class LaneRow(Row, frozen=True):
    """A lane of the register: its direction and devices (none: nothing stands there)."""

    id: str
    lot: str
    name: str
    direction: str
    camera: str | None
    barrier: str | None
    screen: str | None
    version: int


class LanePassage(Row, frozen=True):
    """A vehicle that a lane saw: the plate as it was read, and the picture by the id under which it is kept (empty:
    none). `outcome`: in, out, waiting (to pay) or away (`why`); `session` is its stay.
    """

    seen_us: Micros
    lot_id: str
    lane: str
    n: int
    entering: bool
    plate: str
    picture: str
    outcome: str
    why: str
    session: str


class WhichPassages(NamedTuple):
    """Which vehicles that lanes saw; empty: all. `span`: seen from then, until then (not included)."""

    lot: str
    lane: str
    plate: str
    entering: bool | None
    span: tuple[Micros, Micros]


class LiftRow(Row, frozen=True):
    """A barrier that a person lifted; (slot, seq, nth) is its fact's place."""

    slot: int
    seq: int
    nth: int
    at_us: Micros
    lot_id: str
    lane: str
    person: str
    reason: str
    picture: str
    session: str


class LiftsOf(Row, frozen=True):
    """How many barriers somebody lifted, at how many lanes, when first and last."""

    person: str
    lifts: int
    lanes: int
    first_us: Micros
    last_us: Micros


class EmergencyRow(Row, frozen=True):
    """All gates of a lot were forced open; `until_us` None: they still are."""

    lot_id: str
    from_us: Micros
    person: str
    reason: str
    until_us: Micros | None
    ended_by: str
    ended_why: str


class EmergencyStay(Row, frozen=True):
    """A stay of an emergency: how it stands now, and whether somebody has looked at it since."""

    session: str
    code: str
    plate: str
    state: str
    entry_us: Micros
    exit_us: Micros | None
    charge_fen: int
    due_fen: int
    waived_why: str
    cleared_us: Micros | None
    cleared_by: str


_LANES: Final = select(
    lanes.c.id,
    lanes.c.lot_id.label("lot"),
    lanes.c.name,
    lanes.c.direction,
    lanes.c.camera_id.label("camera"),
    lanes.c.barrier_id.label("barrier"),
    lanes.c.screen_id.label("screen"),
    lanes.c.version,
)


class GateLists:
    """What is asked of lanes and gates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lanes(self, after: str | None, limit: int, *, lot: str = "") -> list[LaneRow]:
        """Lanes in order of id."""
        return await self._rows(page(only(_LANES, lot=(lanes.c.lot_id, lot)), lanes.c.id, after, limit), LaneRow)

    async def lane(self, id: str) -> LaneRow | None:
        """One lane."""
        found: list[LaneRow] = await self._rows(_LANES.where(lanes.c.id == id), LaneRow)
        return found[0] if found else None

    async def lots(self, *, region: str = "", lot: str = "") -> list[str]:
        """Lots that have lanes, of a region or of all, in order."""
        query = select(lanes.c.lot_id).join(lots, lots.c.id == lanes.c.lot_id).distinct().order_by(lanes.c.lot_id)
        query = only(query, region=(lots.c.region_id, region), lot=(lots.c.id, lot))
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def passages(
        self, after: tuple[int, str, str, int] | None, limit: int, which: WhichPassages
    ) -> list[LanePassage]:
        """Vehicles that lanes saw, newest first; `after` is (seen_us, lot_id, lane, n) of the last one seen."""
        seen = lane_passages.c
        place = (seen.seen_us, seen.lot_id, seen.lane, seen.n)
        wanted = {"lot": (seen.lot_id, which.lot), "lane": (seen.lane, which.lane), "plate": (seen.plate, which.plate)}
        query = only(select(lane_passages), **wanted, entering=(seen.entering, which.entering))
        query = query.where(seen.seen_us >= which.span[0], seen.seen_us < which.span[1])
        query = query.order_by(*(each.desc() for each in place)).limit(limit)
        if after is not None:
            query = query.where(tuple_(*place) < after)
        return await self._rows(query, LanePassage)

    async def lifts(
        self, after: tuple[int, int, int, int] | None, limit: int, *, lot: str, person: str, span: tuple[Micros, Micros]
    ) -> list[LiftRow]:
        """Lifted barriers of a time, newest first; `after` is (at_us, slot, seq, nth) of the last one seen."""
        place = (gate_lifts.c.at_us, gate_lifts.c.slot, gate_lifts.c.seq, gate_lifts.c.nth)
        query = _lifted(select(gate_lifts), lot, person, span).order_by(*(each.desc() for each in place)).limit(limit)
        if after is not None:
            query = query.where(tuple_(*place) < after)
        return await self._rows(query, LiftRow)

    async def lifters(self, *, lot: str, span: tuple[Micros, Micros]) -> list[LiftsOf]:
        """Who lifted how many in a time, those first who lifted most."""
        count, at_us = func.count(), gate_lifts.c.at_us
        query = select(
            gate_lifts.c.person,
            count.label("lifts"),
            func.count(gate_lifts.c.lane.distinct()).label("lanes"),
            func.min(at_us).label("first_us"),
            func.max(at_us).label("last_us"),
        )
        query = _lifted(query, lot, "", span).group_by(gate_lifts.c.person)
        return await self._rows(query.order_by(count.desc(), gate_lifts.c.person), LiftsOf)

    async def emergencies(self, after: tuple[int, str] | None, limit: int, *, lot: str = "") -> list[EmergencyRow]:
        """Times in which gates were forced open, newest first."""
        place = (emergencies.c.from_us, emergencies.c.lot_id)
        query = only(select(emergencies), lot=(emergencies.c.lot_id, lot))
        query = query.order_by(*(each.desc() for each in place)).limit(limit)
        if after is not None:
            query = query.where(tuple_(*place) < after)
        return await self._rows(query, EmergencyRow)

    async def emergency(self, lot: str, from_us: Micros) -> EmergencyRow | None:
        """One of them."""
        query = select(emergencies).where(emergencies.c.lot_id == lot, emergencies.c.from_us == from_us)
        found: list[EmergencyRow] = await self._rows(query, EmergencyRow)
        return found[0] if found else None

    async def emergency_stays(self, which: EmergencyRow, after: str | None, limit: int) -> list[EmergencyStay]:
        """The stays of an emergency that a person has to look at, or has, in order of session; each once, for one that
        was inside at the end may be told to have left before.
        """
        flags = session_flags.c
        query = (
            select(sessions, flags.code, flags.cleared_us, flags.cleared_by)
            .ext(distinct_on(sessions.c.session))
            .join(session_flags, flags.session == sessions.c.session)
            .where(sessions.c.lot_id == which.lot_id, flags.code.in_(FLAGS), flags.at_us >= which.from_us)
        )
        if which.until_us is not None:
            query = query.where(flags.at_us <= which.until_us + TOLD_US)
        query = page(query, sessions.c.session, after, limit).order_by(flags.code.desc())
        return await self._rows(query, EmergencyStay)

    async def _rows(self, query: Select[Any], shape: type[Any]) -> list[Any]:
        async with self._engine.connect() as connection:
            return await rows(connection, query, shape)


def _lifted(query: Select[Any], lot: str, person: str, span: tuple[Micros, Micros]) -> Select[Any]:
    query = query.where(gate_lifts.c.at_us >= span[0], gate_lifts.c.at_us < span[1])
    return only(query, lot=(gate_lifts.c.lot_id, lot), person=(gate_lifts.c.person, person))
