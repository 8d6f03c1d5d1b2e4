"""Payments with outside providers: one row each, from the attempt to the last refund, those that failed included."""

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.forms import Fact
from actors.messages.payment import (
    OrderNoted,
    PaymentContradicted,
    PaymentEnded,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
    RefundAsked,
    RefundDeclined,
    RefundFailed,
    RefundRetried,
)
from actors.values import Micros
from storage.projections.forms import Happened, among, columns_of, put
from storage.schema.payments import payments


class State(msgspec.Struct):
    """A row of `payments`, in its columns' order. What was asked back and was not given stays in `refunding_fen`."""

    id: str
    channel: str = ""
    method: str = ""
    state: str = ""
    fen: int = 0
    refunding_fen: int = 0
    refunded_fen: int = 0
    payer: str = ""
    openid: str = ""
    about: str = ""
    started_us: Micros = 0
    until_us: Micros = 0
    paid_us: Micros = 0
    provider_ref: str = ""
    bank: str = ""
    merchant: str = ""
    why: str = ""
    trouble: str = ""


class Payments:
    """One row for each attempt."""

    name = "payments"
    tables: tuple[Table, ...] = (payments,)
    hears: tuple[type[Fact], ...] = (
        PaymentStarted,
        OrderNoted,
        PaymentSucceeded,
        PaymentEnded,
        PaymentContradicted,
        RefundAsked,
        RefundDeclined,
        PaymentRefunded,
        RefundFailed,
        RefundRetried,
    )

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        keys = {each.ref.key for each in happened}
        known = await connection.execute(select(payments).where(among(payments.c.id, keys)))
        states = {row[0]: State(*row) for row in known}
        for each in happened:
            _fold(states.setdefault(each.ref.key, State(each.ref.key)), each.fact)
        names = State.__struct_fields__
        rows = sorted(msgspec.structs.astuple(state) for state in states.values())
        new = put(payments, columns_of(names, rows))
        set_ = {name: new.excluded[name] for name in names[1:]}
        await connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=set_))


def _fold(state: State, fact: Fact) -> None:
    match fact:
        case PaymentStarted():
            state.channel, state.method, state.state, state.fen = fact.channel, fact.method, "started", fact.fen
            state.payer, state.openid, state.about = fact.payer, fact.openid, fact.about
            state.started_us, state.until_us, state.merchant = fact.at_us, fact.until_us, fact.merchant
        case OrderNoted():
            state.state = "created" if state.state == "started" else state.state
            state.merchant = fact.merchant
        case PaymentSucceeded():
            state.state, state.why = "paid", ""
            state.paid_us, state.provider_ref, state.bank = fact.paid_us, fact.provider_ref, fact.bank
            state.openid = state.openid or fact.payer
        case PaymentEnded():
            state.state, state.why = fact.state, fact.why
        case _:
            _fold_trouble(state, fact)


def _fold_trouble(state: State, fact: Fact) -> None:
    match fact:
        case RefundAsked():
            state.refunding_fen += fact.fen
        case PaymentRefunded():
            state.refunding_fen -= fact.fen
            state.refunded_fen += fact.fen
        case RefundRetried():
            state.refunding_fen -= fact.fen
            state.trouble = fact.trouble
        case PaymentContradicted():
            state.trouble = fact.what
        case RefundDeclined():
            state.trouble = "refund_declined"
        case RefundFailed():
            state.trouble = "refund_failed"
