"""Notices that follow from facts, and the movements of wallets. A notice is written once for its fact, for ever: made
anew from nothing, the projection finds those that are there, sent or not.
"""

from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.account import WalletMoved
from storage.notices.table import OTHERS, STAYS, Notice, Stay, learn, of_stay
from storage.notices.templates import CHANNELS, TEMPLATES
from storage.projections.forms import Happened, among, columns_of, put
from storage.projections.plates import write_rows
from storage.schema.notices import contacts, notice_stays, notices, wallet_records

_NOTICE = ("slot", "seq", "nth", "channel", "template", "account", "phone", "about", "words", "at_us")
_RECORD = tuple(column.name for column in wallet_records.columns)


class WalletRecords:
    """One row for each movement of a wallet."""

    name = "wallet_records"
    tables: tuple[Table, ...] = (wallet_records,)
    hears = (WalletMoved,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's place in the journal is the row's."""
        rows = [_record(each, each.fact) for each in happened if isinstance(each.fact, WalletMoved)]
        if rows:
            await connection.execute(put(wallet_records, columns_of(_RECORD, rows)))


class Notices:
    """What is to be told: rows of `notices` are only added; what the stays were when it happened stands beside them."""

    name = "notices"
    tables: tuple[Table, ...] = (notice_stays,)
    hears = (*STAYS, *OTHERS)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Facts of one page are known before any of them is told."""
        keys = {each.ref.key for each in happened if isinstance(each.fact, STAYS)}
        known = await connection.execute(select(notice_stays).where(among(notice_stays.c.session, keys)))
        stays = {row[0]: Stay(*row) for row in known}
        told: list[tuple[Happened, Notice]] = []
        for _, page in groupby(happened, key=lambda each: (each.slot, each.seq)):
            told += _told(list(page), stays)
        await write_rows(connection, notice_stays, 1, [msgspec.structs.astuple(stay) for stay in stays.values()])
        rows = [row for each, notice in told for row in await _rows(connection, each, notice)]
        if rows:
            await connection.execute(put(notices, columns_of(_NOTICE, rows)).on_conflict_do_nothing())


def _record(each: Happened, fact: WalletMoved) -> tuple[Any, ...]:
    moved = (fact.at_us, fact.why, fact.fen, fact.gift_fen, fact.other, fact.payment)
    return each.ref.key, each.seq, each.nth, *moved, fact.balance_fen, fact.balance_gift_fen


def _told(page: list[Happened], stays: dict[str, Stay]) -> list[tuple[Happened, Notice]]:
    for each in page:
        if isinstance(each.fact, STAYS):
            key = each.ref.key
            learn(stays.setdefault(key, Stay(key, lot_id=each.ref.place)), each.fact)
    found = ((each, _notice(each, stays)) for each in page)
    return [(each, notice) for each, notice in found if notice is not None]


def _notice(each: Happened, stays: dict[str, Stay]) -> Notice | None:
    if isinstance(each.fact, STAYS):
        return of_stay(stays[each.ref.key], each.fact)
    return OTHERS[type(each.fact)](each.ref, each.fact)


async def _rows(connection: AsyncConnection, each: Happened, notice: Notice) -> list[tuple[Any, ...]]:
    """One row for each channel: those that the owner chose among the template's, or all of those it can go by."""
    wanted = contacts.c.account == notice.account
    found = (await connection.execute(select(contacts).where(wanted))).first() if notice.account else None
    reached = {"app": bool(notice.account), "sms": bool(notice.phone)}
    chosen = CHANNELS
    if found is not None:
        reached |= {"wechat": bool(found.openid), "sms": bool(found.phone or notice.phone)}
        chosen = tuple(found.channels) or CHANNELS
    named = TEMPLATES[notice.template].channels
    channels = [one for one in named if one in chosen and reached.get(one)]
    said = (notice.template, notice.account, notice.phone, notice.about, notice.words, each.at)
    return [(each.slot, each.seq, each.nth, channel, *said) for channel in channels]
