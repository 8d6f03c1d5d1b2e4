"""An owner's stays: those that run, those that are owed, those that are over; and paying them."""

import asyncio
from collections.abc import Sequence

import msgspec

from actors.messages.bay import BayAnswer, BayQuery, ReportPlate, SessionAt
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.plates import normal
from actors.tariffs.quote import Quote
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.account import own_plates, rules_of
from gateway.http.own.payments import Wanted, pay, payment_of
from gateway.http.own.shown import (
    STAYS_MOST,
    BayShown,
    NewOwnPayment,
    OwnPaymentShown,
    StandsHere,
    StayDetail,
    Stays,
    StayShown,
    WhichStays,
)
from gateway.http.paging import key_after, page_of
from gateway.http.typed import plain
from storage.owners import OPEN, OwnPayment, OwnStay

_quote = msgspec.msgpack.Decoder(Quote)


async def listed(house: House, call: Call[WhichStays, None]) -> Stays:
    """One page of one's own stays."""
    return await stays_of(house, call.user.user, call.query)


async def stays_of(house: House, user: str, asked: WhichStays) -> Stays:
    """One page of an owner's stays; what runs is priced by its actor, this moment."""
    plates = await own_plates(house, user)
    wanted = [plate for plate in plates if plate == normal(asked.plate)] if asked.plate else plates
    account = "" if (await rules_of(house)).stays_before_binding else user
    at, _, key = (key_after(asked) or "").partition(" ")
    after = (int(at), key) if at.isdecimal() and len(at) < 19 else None
    owners = house.own.owners
    rows = await owners.stays(asked.which, wanted, after, asked.limit + 1, account)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.entry_us} {row.session}")
    owing = await owners.stays("owing", plates, None, 1_000, account)
    shown = await _shown(house, page)
    return Stays(shown, following, sum(each.due_fen for each in owing), len(owing))


async def one(house: House, call: Call[NoQuery, None]) -> StayDetail:
    """One of one's own stays, with its price line by line."""
    row = await _own(house, call.user.user, stay_of(call.path))
    answer = await asked_of(house, row.session)
    (paid,) = [await house.own.owners.payments([row.session])]
    return StayDetail(stay_shown(row, answer, paid), _quote.decode(answer.quote) if answer.quote else None)


async def pay_own(house: House, call: Call[NoQuery, NewOwnPayment]) -> OwnPaymentShown:
    """Pays one, several or all of one's own stays; those that still run are prepaid."""
    body, user = call.body, call.user.user
    stays = await chosen(house, user, body.stays)
    payment = payment_of("own", user, call.key)
    return await pay(house, Wanted(payment, user, stays, body.way, body.method, body.openid, body.coupons))


async def chosen(house: House, user: str, named: Sequence[str]) -> list[str]:
    """These stays, if all are of the owner's plates (`not_found` otherwise); none named: all that they owe."""
    plates = await own_plates(house, user)
    if not named:
        owing = await house.own.owners.stays("owing", plates, None, STAYS_MOST)
        return [row.session for row in owing]
    rows = {row.session: row for row in await house.own.owners.named(list(named))}
    if any(key not in rows or rows[key].plate not in plates for key in named):
        raise Problem("not_found")
    return list(named)


async def bay(house: House, call: Call[NoQuery, None]) -> BayShown:
    """The bay of this number, and the stay in it if the car is one's own."""
    return await _bay(house, call.path["number"], await own_plates(house, call.user.user))


async def stand(house: House, call: Call[NoQuery, StandsHere]) -> BayShown:
    """One's own car stands here: its stay begins, where the section lets owners say so, or gets its plate."""
    user, plate = call.user, normal(call.body.plate)
    plates = await own_plates(house, user.user)
    if plate not in plates:
        raise Problem("refused", "The plate is not this account's", {"refused": "not_owner", "plate": plate})
    lot, bay = await _place(house, call.path["number"])
    before = await _bay(house, call.path["number"], plates)
    if before.plate and (before.stay is None or before.stay.plate != plate):
        raise Problem("refused", "Another vehicle stands here", {"refused": "bay_taken"})
    said = ReportPlate(plate, "", "owner", "", 100, house.identity.now(), user.user)
    answer = await ask(house.post, Ref("bay", f"{lot}/{bay}"), said, call.key)
    assert isinstance(answer, SessionAt)
    return await _bay(house, call.path["number"], plates)


def stay_of(path: dict[str, str]) -> str:
    """The stay that an address names."""
    return f"{path['lot']}/{path['stay']}"


async def asked_of(house: House, session: str) -> SessionAnswer:
    """A stay as its actor says it is, this moment."""
    answer = await ask(house.post, Ref("session", session), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer


def stay_shown(row: OwnStay, answer: SessionAnswer | None, paid: Sequence[OwnPayment] = ()) -> StayShown:
    """A stay as its owner sees it: the row, and of a stay that runs what its actor says."""
    face = answer.face if answer else None
    exit_us = face.exit_us if face else row.exit_us
    entry_us = face.entry_us if face else row.entry_us
    until_us = exit_us if exit_us is not None else (answer.at_us if answer else entry_us)
    covers_us = face.covers_until_us if face else row.covers_until_us
    return StayShown(
        session=row.session,
        state=face.state if face else row.state,
        plate=face.plate if face else row.plate,
        lot=row.lot,
        lot_zh=row.lot_zh,
        lot_en=row.lot_en,
        address_zh=row.address_zh,
        address_en=row.address_en,
        bay=row.bay,
        bay_number=row.bay_number,
        street=row.street,
        entry_us=entry_us,
        exit_us=exit_us,
        duration_us=until_us - entry_us,
        charge_fen=answer.charge_fen if answer else row.charge_fen,
        off_fen=face.off_fen if face else row.off_fen,
        received_fen=face.received_fen if face else row.received_fen,
        due_fen=answer.due_fen if answer else row.due_fen,
        tariff=row.tariff,
        tariff_version=row.tariff_version,
        leave_by_us=covers_us or None,
        holds_until_us=answer.holds_until_us if answer else None,
        then_fen=answer.then_fen if answer else None,
        paid_by=[each for each in paid if each.session == row.session],
    )


async def _shown(house: House, rows: Sequence[OwnStay]) -> list[StayShown]:
    running = [row.session for row in rows if row.state in OPEN]
    answers = await asyncio.gather(*(asked_of(house, key) for key in running))
    now = {answer.session: answer for answer in answers}
    paid = await house.own.owners.payments([row.session for row in rows]) if rows else []
    return [stay_shown(row, now.get(row.session), paid) for row in rows]


async def _own(house: House, user: str, session: str) -> OwnStay:
    rows = await house.own.owners.named([plain(session, "$.stay")])
    plates = await own_plates(house, user)
    return found(next((row for row in rows if row.plate in plates), None))


async def _place(house: House, number: str) -> tuple[str, str]:
    return found(await house.own.owners.bay(plain(number, "$.number")))


async def _bay(house: House, number: str, plates: Sequence[str]) -> BayShown:
    lot, bay = await _place(house, number)
    answer = await ask(house.post, Ref("bay", f"{lot}/{bay}"), BayQuery())
    assert isinstance(answer, BayAnswer)
    face, plate, stay = answer.face, "", None
    if face.session:
        said = await asked_of(house, face.session)
        plate = said.face.plate
        if plate in plates:
            stay = stay_shown(await _row(house, face.session, lot, bay, number), said)
    return BayShown(lot, bay, number, face.state, plate if stay else masked(plate), stay)


async def _row(house: House, session: str, lot: str, bay: str, number: str) -> OwnStay:
    """The stay's row, or what is known of one that no list has yet."""
    rows = await house.own.owners.named([session])
    if rows:
        return rows[0]
    where = await house.lists.lot(lot)
    names = (where.name_zh, where.name_en) if where else ("", "")
    street = where.street if where else True
    return OwnStay(session, "", "", lot, *names, "", "", bay, number, street, 0, None, 0, 0, 0, 0, 0, "", 0, None, b"")


def masked(plate: str) -> str:
    """A plate of which a stranger sees enough to know his own: the first two signs and the last one."""
    return plate[:2] + "*" * (len(plate) - 3) + plate[-1:] if len(plate) > 3 else "*" * len(plate)
