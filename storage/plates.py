"""What is known of plates, as people read it: lists, claims, passes, campaigns; and where stays of a plate were."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.projections.forms import among
from storage.reading import only, page, rows
from storage.rows import Row
from storage.schema.plates import campaigns, listings, pass_changes, passes, plate_claims
from storage.schema.stays import sessions


class ListingRow(Row, frozen=True):
    """A plate on a list; `until_us` 0 is for good, `lots` (between blanks) empty is everywhere."""

    plate: str
    id: str
    list: str
    from_us: Micros
    until_us: Micros
    lots: str
    reason: str
    person: str
    at_us: Micros


class ClaimRow(Row, frozen=True):
    """An account that claims another's plate."""

    plate: str
    account: str
    holder: str
    evidence: str
    state: str
    person: str
    reason: str
    at_us: Micros
    decided_us: Micros


class PassRow(Row, frozen=True):
    """A pass; texts of several are between blanks."""

    id: str
    state: str
    rule: str
    operator: str
    plates: str
    replacements: str
    lots: str
    groups: str
    account: str
    holder: str
    phone: str
    rule_version: int
    seats: int
    fen: int
    offer_fen: int
    offer_until_us: Micros
    issued_us: Micros
    from_us: Micros
    until_us: Micros
    refund_fen: int
    end_reason: str
    ended_by: str


class PassChangeRow(Row, frozen=True):
    """Who changed a pass's plates."""

    what: str
    was: str
    now: str
    person: str
    reason: str
    at_us: Micros


class CampaignRow(Row, frozen=True):
    """A campaign, its terms as MessagePack."""

    id: str
    code: str
    terms: bytes
    issued: int
    changed_us: Micros


class StayPlace(Row, frozen=True):
    """Where and when a stay was."""

    session: str
    lot_id: str
    bay_id: str
    entry_us: Micros
    exit_us: Micros | None


class Plates:
    """Read-only; every method is one query."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listings(
        self, after: tuple[str, str] | None, limit: int, *, list: str = "", plate: str = "", at_us: Micros | None = None
    ) -> list[ListingRow]:
        """Plates on lists, in order of plate; those that count at a time."""
        wanted = {"list": (listings.c.list, list), "plate": (listings.c.plate, plate)}
        query = only(select(listings), **wanted).order_by(listings.c.plate, listings.c.id).limit(limit)
        if at_us is not None:
            holds = (listings.c.until_us == 0) | (listings.c.until_us > at_us)
            query = query.where(listings.c.from_us <= at_us, holds)
        if after is not None:
            query = query.where(tuple_(listings.c.plate, listings.c.id) > after)
        return await self._rows(query, ListingRow)

    async def claims(self, after: tuple[str, str] | None, limit: int, *, state: str = "open") -> list[ClaimRow]:
        """Claims on plates, in order of plate."""
        query = only(select(plate_claims), state=(plate_claims.c.state, state))
        query = query.order_by(plate_claims.c.plate, plate_claims.c.account).limit(limit)
        if after is not None:
            query = query.where(tuple_(plate_claims.c.plate, plate_claims.c.account) > after)
        return await self._rows(query, ClaimRow)

    async def passes(
        self,
        after: str | None,
        limit: int,
        *,
        plate: str = "",
        phone: str = "",
        account: str = "",
        state: str = "",
        operator: str = "",
        now: Micros = 0,
        ends_before_us: Micros | None = None,
    ) -> list[PassRow]:
        """Passes in order of id. `state`: `valid`, `coming` and `expired` are sold ones, as they are `now`."""
        wanted = {"phone": (passes.c.phone, phone), "account": (passes.c.account, account)}
        query = only(select(passes), operator=(passes.c.operator, operator), **wanted)
        if plate:
            query = query.where((" " + passes.c.plates + " ").contains(f" {plate} ", autoescape=True))
        if ends_before_us is not None:
            query = query.where(passes.c.until_us < ends_before_us)
        query = _in_state(query, state, now)
        return await self._rows(page(query, passes.c.id, after, limit), PassRow)

    async def changes_of(self, id: str) -> list[PassChangeRow]:
        """Who changed a pass's plates, newest first."""
        query = select(pass_changes).where(pass_changes.c["pass"] == id)
        return await self._rows(query.order_by(pass_changes.c.seq.desc(), pass_changes.c.nth.desc()), PassChangeRow)

    async def campaigns(self, after: str | None, limit: int) -> list[CampaignRow]:
        """Campaigns in order of id."""
        return await self._rows(page(select(campaigns), campaigns.c.id, after, limit), CampaignRow)

    async def places(self, keys: Collection[str]) -> dict[str, StayPlace]:
        """Where and when these stays were, as far as the tables have them."""
        query = select(sessions).where(among(sessions.c.session, set(keys)))
        return {row.session: row for row in await self._rows(query, StayPlace)} if keys else {}

    async def _rows(self, query: Select[Any], shape: type[Any]) -> list[Any]:
        async with self._engine.connect() as connection:
            return await rows(connection, query, shape)


def _in_state(query: Select[Any], state: str, now: Micros) -> Select[Any]:
    sold = passes.c.state == "sold"
    times = {
        "valid": (passes.c.from_us <= now) & (passes.c.until_us > now),
        "coming": passes.c.from_us > now,
        "expired": passes.c.until_us <= now,
    }
    if state in times:
        return query.where(sold, times[state])
    return only(query, state=(passes.c.state, state))
