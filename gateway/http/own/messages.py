"""Messages to people: one's own, what the back office writes, how one is reached; and notices as staff see them."""

import re
from hashlib import blake2b

import msgspec

from actors.messages.owners import OWNERS, OwnerRules, owner_rules_in
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.shown_messages import (
    ContactChange,
    ContactShown,
    Messages,
    MessagesSent,
    NewMessage,
    Notices,
    Opening,
    RulesChange,
    RulesShown,
    SandboxShown,
    WhichMessages,
    WhichNotices,
    WhichSandbox,
)
from gateway.http.paging import key_after, page_of
from storage.notices.inbox import Contact, MessageRow
from storage.published import Publication

PLACE = re.compile(r"\d{1,18} \S{1,128}", re.ASCII)
NOTICE = re.compile(r"\d{1,18} \d{1,9} \d{1,18} \d{1,9} [a-z]{1,16}", re.ASCII)


async def listed(house: House, call: Call[WhichMessages, None]) -> Messages:
    """One page of one's own messages."""
    asked, user = call.query, call.user.user
    at, _, id = (key_after(asked, PLACE) or "").partition(" ")
    after = (int(at), id) if at else None
    rows = await house.own.inbox.listed(user, after, asked.limit + 1, asked.unread)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.at_us} {row.id}")
    return Messages(page, following, await house.own.inbox.unread(user))


async def opened(house: House, call: Call[NoQuery, Opening]) -> MessageRow:
    """Opens a message: from now on it is read."""
    return found(await house.own.inbox.read(call.user.user, call.path["id"], house.identity.now()))


async def send(house: House, call: Call[NoQuery, NewMessage]) -> MessagesSent:
    """The back office writes to users, once for each key."""
    body, who = call.body, call.user
    users = [await house.users.get(each) for each in dict.fromkeys(body.to)]
    known = [each.id for each in users if each is not None]
    if len(known) < len(users):
        raise Problem("not_found", "There is no such user")
    for to in known:
        id = blake2b(f"message {who.user} {call.key} {to}".encode(), digest_size=12).hexdigest()
        said = ("office", body.title, body.body, "", who.name, house.identity.now(), None)
        await house.own.inbox.put(MessageRow(id, to, *said))
    return MessagesSent(len(known))


async def contact(house: House, call: Call[NoQuery, None]) -> ContactShown:
    """How one is reached."""
    return _shown(await house.own.contacts.of(call.user.user))


async def set_contact(house: House, call: Call[NoQuery, ContactChange]) -> ContactShown:
    """Another way to be reached."""
    body = call.body
    said = Contact(call.user.user, body.openid, body.phone, body.language, list(body.channels))
    await house.own.contacts.set(said)
    return _shown(said)


async def notices(house: House, call: Call[WhichNotices, None]) -> Notices:
    """One page of all notices: to whom, about what, by which channel, and whether they were sent."""
    asked = call.query
    parts = (key_after(asked, NOTICE) or "").split()
    after = (*map(int, parts[:4]), parts[4]) if parts else None
    rows = await house.own.notices.listed(after, asked.limit + 1, asked.account, asked.state, asked.about)  # type: ignore[arg-type]
    page, following = page_of(
        rows, asked.limit, lambda row: f"{row.at_us} {row.slot} {row.seq} {row.nth} {row.channel}"
    )
    return Notices(page, following)


async def sandbox(house: House, call: Call[WhichSandbox, None]) -> SandboxShown:
    """What the sandbox of WeChat and of the SMS provider was given."""
    return SandboxShown(await house.own.sandbox.listed(call.query.address))


async def rules(house: House, call: Call[NoQuery, None]) -> RulesShown:
    """What holds for owners' accounts."""
    return await _rules(house)


async def set_rules(house: House, call: Call[NoQuery, RulesChange]) -> RulesShown:
    """Something else holds for owners' accounts, from now on."""
    body = call.body
    wanted = msgspec.msgpack.encode(msgspec.to_builtins(body.rules))
    now = house.lookout.clock()
    await house.desk.publish(call.user.name, [Publication(OWNERS, now, wanted, body.note, after=body.version)])
    return await _rules(house)


async def _rules(house: House) -> RulesShown:
    newest = next(iter(await house.published.versions(OWNERS, limit=1)), None)
    if newest is None:
        return RulesShown(0, OwnerRules())
    return RulesShown(newest.version, owner_rules_in(newest.body))


def _shown(contact: Contact) -> ContactShown:
    return ContactShown(contact.openid, contact.phone, contact.language, contact.channels)
