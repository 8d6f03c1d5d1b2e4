"""Passes and campaigns as lists need them: a row each, and who changed a pass's plates."""

from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.campaign import CampaignSet, CouponIssued
from actors.messages.forms import Fact
from actors.messages.passes import (
    OfferLapsed,
    PassEnded,
    PassOffered,
    PassSold,
    PlateReplaced,
    PlatesChanged,
)
from storage.projections.forms import Happened, among, columns_of, put
from storage.projections.plates import write_rows
from storage.schema.plates import campaigns, pass_changes, passes


class PassRecord(msgspec.Struct):
    """A row of `passes`, in its columns' order."""

    id: str
    state: str = ""
    rule: str = ""
    operator: str = ""
    plates: str = ""
    replacements: str = ""
    lots: str = ""
    groups: str = ""
    account: str = ""
    holder: str = ""
    phone: str = ""
    source: str = ""
    person: str = ""
    rule_version: int = 0
    seats: int = 0
    fen: int = 0
    offer_fen: int = 0
    offer_until_us: int = 0
    issued_us: int = 0
    from_us: int = 0
    until_us: int = 0
    refund_fen: int = 0
    end_reason: str = ""
    ended_by: str = ""
    changed_us: int = 0


class Passes:
    """One row a pass; all its facts lie in one slot, in order."""

    name = "passes"
    tables: tuple[Table, ...] = (passes,)
    hears = (PassOffered, OfferLapsed, PassSold, PlatesChanged, PlateReplaced, PassEnded)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        keys = {each.ref.key for each in happened}
        known = await connection.execute(select(passes).where(among(passes.c.id, keys)))
        found = {row[0]: PassRecord(*row) for row in known}
        for each in happened:
            row = found.setdefault(each.ref.key, PassRecord(each.ref.key))
            _fold(row, each.fact)
            row.changed_us = each.at
        await write_rows(connection, passes, 1, [msgspec.structs.astuple(row) for row in found.values()])


class PassChanges:
    """Who changed a pass's plates."""

    name = "pass_changes"
    tables: tuple[Table, ...] = (pass_changes,)
    hears = (PlatesChanged, PlateReplaced)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """One row a fact; a pass lives in one slot, so page and number tell its facts apart."""
        rows = [(each.ref.key, each.seq, each.nth, *_change(each.fact)) for each in happened]
        names = [column.name for column in pass_changes.columns]
        await connection.execute(put(pass_changes, columns_of(names, rows)))


class CampaignRecord(msgspec.Struct):
    """A row of `campaigns`, in its columns' order."""

    id: str
    name: str = ""
    kind: str = ""
    code: str = ""
    terms: bytes = b""
    off: bool = False
    issued: int = 0
    changed_us: int = 0


class Campaigns:
    """One row a campaign; all its facts lie in one slot, in order."""

    name = "campaigns"
    tables: tuple[Table, ...] = (campaigns,)
    hears = (CampaignSet, CouponIssued)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        keys = {each.ref.key for each in happened}
        known = await connection.execute(select(campaigns).where(among(campaigns.c.id, keys)))
        found = {row[0]: CampaignRecord(*row) for row in known}
        for each in happened:
            row, fact = found.setdefault(each.ref.key, CampaignRecord(each.ref.key)), each.fact
            if isinstance(fact, CampaignSet):
                row.name, row.kind, row.code, row.off = fact.terms.name, fact.terms.kind, fact.code, fact.terms.off
                row.terms, row.changed_us = msgspec.msgpack.encode(fact.terms), fact.at_us
            else:
                row.issued += 1
        await write_rows(connection, campaigns, 1, [msgspec.structs.astuple(row) for row in found.values()])


def _fold(row: PassRecord, fact: Fact) -> None:
    if isinstance(fact, PassOffered):
        _offered(row, fact)
    elif isinstance(fact, OfferLapsed):
        row.state = "sold" if row.issued_us else "lapsed"
        row.offer_fen = row.offer_until_us = 0
    elif isinstance(fact, PassSold):
        row.state, row.fen, row.until_us = "sold", row.fen + fact.fen, fact.until_us
        row.offer_fen = row.offer_until_us = 0
        if not fact.renewal:
            row.issued_us, row.from_us = fact.at_us, fact.from_us
    elif isinstance(fact, PlatesChanged):
        row.plates = " ".join(fact.plates)
    elif isinstance(fact, PlateReplaced):
        others = [pair for pair in row.replacements.split() if not pair.startswith(fact.replacement.plate + ">")]
        new = [f"{fact.replacement.plate}>{fact.replacement.instead}"] if fact.replacement.instead else []
        row.replacements = " ".join([*others, *new])
    elif isinstance(fact, PassEnded):
        row.state, row.until_us, row.refund_fen = "ended", min(row.until_us, fact.at_us), fact.refund_fen
        row.end_reason, row.ended_by = fact.reason, fact.person


def _offered(row: PassRecord, fact: PassOffered) -> None:
    row.offer_fen, row.offer_until_us = fact.offer.fen, fact.offer.pay_until_us
    if fact.offer.renewal:
        return
    terms = fact.terms
    row.state, row.rule, row.rule_version, row.operator = "offered", terms.rule, terms.version, terms.operator
    row.lots, row.groups, row.seats = " ".join(terms.lots), " ".join(terms.groups), terms.seats
    row.plates, row.account, row.holder, row.phone = " ".join(fact.plates), fact.account, fact.holder, fact.phone
    row.source, row.person = fact.source, fact.person
    row.from_us, row.until_us = fact.offer.from_us, fact.offer.until_us


def _change(fact: Fact) -> tuple[Any, ...]:
    if isinstance(fact, PlatesChanged):
        return ("plates", " ".join(fact.was), " ".join(fact.plates), fact.person, fact.reason, fact.at_us)
    assert isinstance(fact, PlateReplaced)
    one = fact.replacement
    return ("replacement", one.plate, one.instead, fact.person, f"{one.from_us}-{one.until_us}", fact.at_us)
