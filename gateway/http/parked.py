"""Messages that broke an actor: looked at, told again, or dismissed by staff."""

import re
from typing import Annotated, Any, Final

import msgspec

from actors.engine.entries import ByKey, FromDevice, FromOutside, FromSlot, FromStream, FromWake, Input
from actors.values import uuid7_time_us
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown_engine import Parked, ParkedShown, Settled
from storage.journal import ref_from
from storage.parked import ParkedRow

ID: Final = re.compile(r"\d{1,9}-[0-9a-f]{32}", re.ASCII)
PLACE: Final = re.compile(r"\d{1,18}-\d{1,9}-[0-9a-f]{32}", re.ASCII)
"""A row's place in the list: when, and its id."""


class WhichParked(Paged, frozen=True):
    """Those that wait, or those that are settled."""

    done: bool = False


class Note(Typed, frozen=True):
    """Why; it is kept in the audit."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


async def listed(house: House, call: Call[WhichParked, None]) -> Parked:
    """One page of them."""
    asked = call.query
    at, _, id = (key_after(asked, PLACE) or "").partition("-")
    rows = await house.parked.listed((int(at), id) if at else None, asked.limit + 1, asked.done)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.at}-{row.id}")
    return Parked([shown(house, row) for row in page], following)


async def one(house: House, call: Call[NoQuery, None]) -> ParkedShown:
    """One of them."""
    return shown(house, found(await house.parked.one(_id(call.path["id"]))))


async def retry(house: House, call: Call[NoQuery, Note]) -> Settled:
    """Tell the kept message to its actor again, under an identity of its own that is the same for every press."""
    id, who = _id(call.path["id"]), call.user.name
    row = found(await house.parked.claim(id, house.lookout.clock()))
    if row.done_at is not None:
        return Settled(shown(house, row), "before")
    outcome, code, sentence = await _told_again(house, row)
    said = {"outcome": outcome, "code": code, "note": call.body.note}
    settled = found(await house.parked.settle(id, "retried", who, house.lookout.clock(), said, code))
    return Settled(shown(house, settled), outcome, code, sentence)


async def dismiss(house: House, call: Call[NoQuery, Note]) -> Settled:
    """Tell the message to nobody any more; one that was told again before may still arrive, and the answer says so."""
    id, who = _id(call.path["id"]), call.user.name
    row = found(await house.parked.one(id))
    if row.done_at is not None:
        return Settled(shown(house, row), "before")
    said = {"note": call.body.note}
    settled = found(await house.parked.settle(id, "dismissed", who, house.lookout.clock(), said))
    if settled.verdict != "dismissed":
        return Settled(shown(house, settled), "before")
    return Settled(shown(house, settled), "dismissed_after_retry" if settled.retry_key else "dismissed")


async def _told_again(house: House, row: ParkedRow) -> tuple[Any, str, str]:
    ref = ref_from(row.ref)
    try:
        message = house.catalogue.decode_message(row.message)
    except msgspec.MsgspecError:
        raise Problem("unreadable_message") from None
    try:
        await ask(house.post, ref, message, row.retry_key)
    except Problem as no:
        code = no.details.get("refused", "")
        if code == "key_expired":
            raise Problem("retry_expired") from None
        if not code:
            raise
        return "parked_again" if code == "internal_error" else "refused", code, no.message
    return "taken", "", ""


def shown(house: House, row: ParkedRow) -> ParkedShown:
    """A row as staff see it."""
    kind, _, key = row.ref.partition(":")
    return ParkedShown(
        id=row.id,
        at=row.at,
        slot=row.slot,
        ref=row.ref,
        kind=kind,
        key=key,
        error=row.error,
        source=source_of(row.input),
        message=_readable(house, row.message),
        raw=row.message.hex(),
        retry_us=uuid7_time_us(row.retry_key) if row.retry_key else None,
        verdict=row.verdict,
        done_at=row.done_at,
        done_by=row.done_by,
        answer=row.answer,
    )


def source_of(raw: bytes) -> str:
    """Where a message came from, in a few words; empty for what this version cannot read."""
    try:
        source: Any = msgspec.msgpack.decode(raw, type=Input)
    except msgspec.MsgspecError:
        return ""
    match source:
        case FromSlot(slot, n):
            return f"slot {slot} #{n}"
        case FromDevice(ref, boot, n):
            return f"{ref} {boot}/{n}"
        case ByKey(key, _):
            return f"key {key}"
        case FromWake(n):
            return f"wake #{n}"
        case FromStream(name, n):
            return f"stream {name} #{n}"
        case FromOutside(n):
            return f"outside #{n}"
    return ""


def _readable(house: House, raw: bytes) -> dict[str, Any] | None:
    try:
        message = house.catalogue.decode_message(raw)
    except msgspec.MsgspecError:
        return None
    return {"type": type(message).__name__, **_named(message)}


def _named(value: Any) -> Any:
    """A struct with the names of its fields, all the way down: its own encoding is an array."""
    if isinstance(value, msgspec.Struct):
        return {name: _named(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple | list):
        return [_named(each) for each in value]
    return msgspec.to_builtins(value)


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise Problem("not_found")
    return text
