"""Tickets as text: made of templates that the back office may change, each print counted so that copies say so."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from actors.values import MINUTE_US, SECOND_US, Micros
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.pda.lists import taken_today
from gateway.http.pda.money import AT_ONCE, ArrearsRecovered, owed_by
from gateway.http.pda.rules import Text, zone
from gateway.http.pda.street import asked
from storage.published import Publication

TICKET: Final = "ticket/"
"""Before a kind of ticket in reference data: its template."""

Kind = Literal["entry", "exit", "recovery", "notice", "day"]
CHANNELS: Final = {"cash": "现金", "card": "刷卡", "city_card": "市民卡", "wechat": "微信", "alipay": "支付宝"}

_WHERE: Final = "路段：{section}\n泊位：{bay}\n车牌：{plate}\n入场：{entry}\n"
DEFAULTS: Final[dict[str, str]] = {
    "entry": "{copy}停车入场凭证\n" + _WHERE + "{arrears}{ad}",
    "exit": "{copy}停车收费凭证\n" + _WHERE + "出场：{exit}\n时长：{minutes}分钟\n"
    "应收：{charge}元\n优惠：{off}元\n实收：{paid}元\n未付：{due}元\n{ad}",
    "recovery": "{copy}补缴凭证\n车牌：{plate}\n{lines}\n方式：{channel}\n合计：{paid}元\n{ad}",
    "notice": "{copy}停车缴费通知单\n" + _WHERE + "应付：{due}元\n缴费码：{code}\n{arrears}{ad}",
    "day": "{copy}当日收费汇总\n日期：{date}\n{lines}\n笔数：{count}\n合计：{paid}元\n{ad}",
}
FIELD: Final = re.compile(r"\{(\w+)\}")
NAMES: Final = frozenset(name for each in DEFAULTS.values() for name in FIELD.findall(each))


class TicketTemplate(Typed, frozen=True):
    """What a ticket says: text with names in braces, and a line of advertising below it (`{ad}`)."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    ad: Text = ""


class TemplateShown(Shown, frozen=True):
    """A kind of ticket with its template, and the names that may stand in it."""

    kind: str
    text: str
    ad: str
    names: tuple[str, ...]


class TemplatesShown(Shown, frozen=True):
    """All kinds of tickets."""

    items: list[TemplateShown]


class TicketWanted(Typed, frozen=True):
    """A ticket: of a stay (`entry`, `exit`, `notice`: the session), of a recovery (its id), or of the bearer's day."""

    kind: Kind
    about: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Ticket(Shown, frozen=True):
    """A ticket's text; `copy`: how often it was printed before (0: this is the original)."""

    kind: str
    text: str
    copy: int


async def templates(house: House, call: Call[NoQuery, None]) -> TemplatesShown:
    """All kinds of tickets with their templates."""
    return TemplatesShown([_template(kind, await template(house, kind)) for kind in DEFAULTS])


async def change(house: House, call: Call[NoQuery, TicketTemplate]) -> TemplateShown:
    """Another template from now on; a name that no ticket knows is refused."""
    kind = call.path["id"]
    found(DEFAULTS.get(kind))
    strange = sorted(set(FIELD.findall(call.body.text)) - NAMES)
    if strange:
        raise Problem("invalid_body", f"No ticket knows {strange[0]}", {"path": "$.text"})
    body = msgspec.msgpack.encode(call.body)
    await house.desk.publish(call.user.name, [Publication(TICKET + kind, house.lookout.clock(), body)])
    return _template(kind, call.body)


async def template(house: House, kind: str) -> TicketTemplate:
    """A kind's template as it is now."""
    row = await house.published.in_force(TICKET + kind, house.lookout.clock())
    return TicketTemplate(DEFAULTS[kind]) if row is None else msgspec.msgpack.decode(row.body, type=TicketTemplate)


async def write(house: House, call: Call[NoQuery, TicketWanted]) -> Ticket:
    """A ticket's text, counted as printed."""
    wanted, me = call.body, call.user.user
    here = await zone(house)
    if wanted.kind == "day":
        values, about = await _day(house, me, here)
    elif wanted.kind == "recovery":
        values, about = await _recovery(house, wanted.about), wanted.about
    else:
        values, about = await _stay(house, wanted.about, here), wanted.about
    copy = await house.fieldwork.printed(wanted.kind, about)
    used = await template(house, wanted.kind)
    values |= {"copy": f"【副本{copy}】" if copy else "", "ad": used.ad}
    text = FIELD.sub(lambda name: values.get(name[1], ""), used.text)
    return Ticket(wanted.kind, text.strip("\n"), copy)


async def _stay(house: House, session: str, here: ZoneInfo) -> dict[str, str]:
    """What may be said of a stay."""
    section, _, own = session.partition("/")
    lot = found(await house.lists.lot(section))
    if not own:
        raise Problem("not_found")
    answer = await asked(house, session)
    face, until_us = answer.face, answer.face.exit_us or house.lookout.clock()
    bay = await house.lists.bay(face.bay) if face.bay else None
    owed = [] if not face.plate or face.plate.startswith("~") else await owed_by(house, face.plate)
    arrears = f"欠费：{len(owed)}笔 {yuan(sum(each.fen for each in owed))}元\n" if owed else ""
    return {
        "section": lot.name_zh,
        "bay": bay.number if bay else face.bay,
        "plate": "无牌车" if face.plate.startswith("~") else face.plate,
        "entry": clock(face.entry_us, here),
        "exit": clock(face.exit_us, here) if face.exit_us else "",
        "minutes": str(max(0, until_us - face.entry_us) // MINUTE_US),
        "charge": yuan(answer.charge_fen),
        "off": yuan(face.off_fen),
        "paid": yuan(face.received_fen),
        "due": yuan(answer.due_fen),
        "arrears": arrears,
        "code": session,
    }


async def _recovery(house: House, id: str) -> dict[str, str]:
    row = found(await house.fieldwork.operation(AT_ONCE, id))
    if row.kind != "recover" or not row.outcome:
        raise Problem("not_found")
    made = msgspec.json.decode(row.details, type=ArrearsRecovered)
    lines = [f"{each.session} {yuan(each.fen)}元" for each in made.items if each.paid]
    return {
        "plate": made.plate,
        "lines": "\n".join(lines),
        "channel": CHANNELS.get(made.channel, made.channel),
        "paid": yuan(made.paid_fen),
    }


async def _day(house: House, me: str, here: ZoneInfo) -> tuple[dict[str, str], str]:
    day = await taken_today(house, me)
    date = clock(day.from_us, here)[:10]
    lines = [f"{CHANNELS.get(each.channel, each.channel)}：{each.n}笔 {yuan(each.fen)}元" for each in day.channels]
    return {"date": date, "lines": "\n".join(lines), "count": str(day.n), "paid": yuan(day.fen)}, f"{me} {date}"


def yuan(fen: int) -> str:
    """Fen as yuan with two places."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def clock(at_us: Micros, here: ZoneInfo) -> str:
    """A moment as a clock on the wall shows it."""
    return datetime.fromtimestamp(at_us / SECOND_US, here).strftime("%Y-%m-%d %H:%M:%S")


def _template(kind: str, known: TicketTemplate) -> TemplateShown:
    return TemplateShown(kind, known.text, known.ad, tuple(sorted(NAMES)))
