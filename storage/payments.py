"""Payments with providers as they are looked up, and notifications that were not believed."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.payments import payments, refused_notifications

KEPT_MOST: Final = 10_000
BODY_BYTES_MOST: Final = 16_384

After = tuple[Micros, str] | None


class PaymentRow(Row, frozen=True):
    """One attempt with a provider."""

    id: str
    channel: str
    method: str
    state: str
    fen: int
    refunding_fen: int
    refunded_fen: int
    payer: str
    openid: str
    about: str
    started_us: Micros
    until_us: Micros
    paid_us: Micros
    provider_ref: str
    bank: str
    merchant: str
    why: str
    trouble: str


class RefusedRow(Row, frozen=True):
    """One notification that moved nothing."""

    id: int
    at: Micros
    channel: str
    reason: str
    detail: str
    client: str
    headers: dict[str, str]
    body: bytes


class PaymentRecords:
    """The payments of a world."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listed(
        self, after: After, limit: int, channel: str = "", state: str = "", openid: str = "", trouble: bool = False
    ) -> list[PaymentRow]:
        """Newest first, after (started_us, id) of the last one seen."""
        query = only(
            select(payments),
            channel=(payments.c.channel, channel),
            state=(payments.c.state, state),
            openid=(payments.c.openid, openid),
        )
        if trouble:
            query = query.where(payments.c.trouble != "")
        if after is not None:
            query = query.where(tuple_(payments.c.started_us, payments.c.id) < tuple_(*after))
        query = query.order_by(payments.c.started_us.desc(), payments.c.id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, PaymentRow)


class RefusedNotifications:
    """What was not believed: kept for staff, the newest ones."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(
        self, at: Micros, channel: str, reason: str, detail: str, client: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Keeps one, and lets those go that are ten thousand behind it."""
        row = {
            "at": at,
            "channel": channel,
            "reason": reason,
            "detail": detail,
            "client": client,
            "headers": dict(headers),
            "body": body[:BODY_BYTES_MOST],
        }
        new = insert(refused_notifications).values(row).returning(refused_notifications.c.id)
        async with self._engine.begin() as connection:
            id = (await connection.execute(new)).scalar_one()
            old = delete(refused_notifications).where(refused_notifications.c.id <= id - KEPT_MOST)
            await connection.execute(old)

    async def listed(self, before: int | None, limit: int, channel: str = "", reason: str = "") -> list[RefusedRow]:
        """Newest first."""
        query = only(
            select(refused_notifications),
            channel=(refused_notifications.c.channel, channel),
            reason=(refused_notifications.c.reason, reason),
        )
        if before is not None:
            query = query.where(refused_notifications.c.id < before)
        query = query.order_by(refused_notifications.c.id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, RefusedRow)

    async def counts(self) -> dict[str, int]:
        """How many are kept, by reason."""
        query = select(refused_notifications.c.reason, func.count()).group_by(refused_notifications.c.reason)
        async with self._engine.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}
