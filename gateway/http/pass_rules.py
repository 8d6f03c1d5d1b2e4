"""Rules of passes over HTTP: made, changed, withdrawn; what was sold by one stays as it was."""

from collections.abc import Callable
from typing import Any

import msgspec

from actors.messages.pass_rules import PASS_RULES, PassRule
from actors.tariffs.problems import TariffError
from actors.tariffs.zone import zone_named
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown_passes import NewRule, RuleChange, Rules, RuleShown
from storage.errors import Declined
from storage.published import Publication
from storage.rows import PublishedRow


async def listed(house: House, call: Call[Paged, None]) -> Rules:
    """One page of the rules that are not withdrawn."""
    return await _page(house, call.query, lambda rule: not rule.withdrawn)


async def for_sale(house: House, call: Call[Paged, None]) -> Rules:
    """One page of the rules by which owners may buy."""
    return await _page(house, call.query, lambda rule: not rule.withdrawn and rule.online)


async def one(house: House, call: Call[NoQuery, None]) -> RuleShown:
    """One rule."""
    return await _known(house, call.path["id"])


async def create(house: House, call: Call[NoQuery, NewRule]) -> RuleShown:
    """A new rule; the same request again finds what it made."""
    rule = _sensible(call.body.rule)
    try:
        await _publish(house, call, call.body.id, rule, after=0)
    except Declined:
        made = await _known(house, call.body.id)
        if made.version != 1 or made.rule != rule:
            raise Problem("id_taken", details={"id": call.body.id}) from None
    return await _known(house, call.body.id)


async def change(house: House, call: Call[NoQuery, RuleChange]) -> RuleShown:
    """The rule from now on."""
    await _known(house, call.path["id"])
    await _publish(house, call, call.path["id"], _sensible(call.body.rule), after=call.body.version)
    return await _known(house, call.path["id"])


async def withdraw(house: House, call: Call[NoQuery, None]) -> None:
    """It is sold no more."""
    known = await _known(house, call.path["id"])
    if not known.rule.withdrawn:
        gone = msgspec.structs.replace(known.rule, withdrawn=True)
        await _publish(house, call, known.id, gone, after=known.version)


async def _page(house: House, asked: Paged, wanted: Callable[[PassRule], bool]) -> Rules:
    """Rules are few: whole pages are read until one is full of what is wanted."""
    after = key_after(asked)
    rules: list[RuleShown] = []
    while len(rules) <= asked.limit:
        rows = await house.published.newest(PASS_RULES, PASS_RULES + after if after else None, asked.limit + 1)
        rules += [shown for shown in map(_shown, rows) if wanted(shown.rule)]
        if len(rows) <= asked.limit:
            break
        after = rows[-1].name.removeprefix(PASS_RULES)
    return Rules(*page_of(rules, asked.limit, lambda shown: shown.id))


async def _publish(house: House, call: Call[Any, Any], id: str, rule: PassRule, after: int) -> None:
    body = msgspec.msgpack.encode(rule)
    now = house.lookout.clock()
    await house.desk.publish(call.user.name, [Publication(PASS_RULES + id, now, body, after=after)])


async def _known(house: House, id: str) -> RuleShown:
    newest = next(iter(await house.published.versions(PASS_RULES + id, limit=1)), None)
    return _shown(found(newest))


def _shown(row: PublishedRow) -> RuleShown:
    rule = msgspec.msgpack.decode(row.body, type=PassRule)
    return RuleShown(row.name.removeprefix(PASS_RULES), row.version, rule)


def _sensible(rule: PassRule) -> PassRule:
    """A rule that can be sold by: a scope, a zone, discounts in order."""
    wrong = ""
    if not rule.lots and not rule.groups:
        wrong = "$.rule.lots"
    elif rule.seats > rule.plates:
        wrong = "$.rule.seats"
    elif rule.sold_until_us and rule.sold_until_us <= rule.sold_from_us:
        wrong = "$.rule.sold_until_us"
    try:
        zone_named(rule.zone)
    except TariffError:
        wrong = "$.rule.zone"
    if wrong:
        raise Problem("invalid_body", "A pass of this rule could not be used", {"path": wrong})
    return rule
