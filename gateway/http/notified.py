"""The door at which providers notify us: public, since a provider's seal is its token. Nothing moves without it."""

import logging
from typing import Final

from actors.messages.payment import PaymentAnswer, ProviderSaid, RefundSaid
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, Document, NoQuery, Posted
from gateway.http.house import House
from gateway.outside.merchants import Channel, NoMerchant
from gateway.outside.payments import word_of
from gateway.outside.provider import ProviderAway, Sent, Untrusted

log = logging.getLogger("yunparking.payments")

KEPT_HEADERS: Final = ("wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature")
KEPT_CHARS: Final = 1_000


async def notified(house: House, call: Call[NoQuery, Posted]) -> Document:
    """One notification: believed or not, told to its payment or not, and answered as its provider wants it."""
    try:
        channel = house.cashier.merchants.channel(call.path["channel"])
    except NoMerchant:
        raise Problem("not_found", "There is no such channel here") from None
    sent = Sent(call.body.headers, call.body.content)
    try:
        ref, word = word_of(await channel.read_notification(sent))
    except Untrusted as error:
        return await _doubted(house, call, channel, error)
    except ProviderAway as error:
        log.warning("a notification cannot be checked now: %s", error)
        return _later(house, channel)
    return await _told(house, call, channel, ref, word)


async def _told(
    house: House, call: Call[NoQuery, Posted], channel: Channel, ref: Ref, word: ProviderSaid | RefundSaid
) -> Document:
    try:
        answer = await ask(house.post, ref, word)
    except Problem as no:
        if no.reason.code != "refused":
            return _later(house, channel)
        return await _doubted(house, call, channel, Untrusted(no.details["refused"], str(ref)))
    assert isinstance(answer, PaymentAnswer)
    house.cashier.nudge()
    if answer.against:
        await _keep(house, call, Untrusted(answer.against, f"{ref}: {word}"))
    else:
        house.cashier.count("taken")
    return _reply(channel, None)


async def _doubted(house: House, call: Call[NoQuery, Posted], channel: Channel, error: Untrusted) -> Document:
    await _keep(house, call, error)
    return _reply(channel, error)


async def _keep(house: House, call: Call[NoQuery, Posted], error: Untrusted) -> None:
    log.warning("a notification moved nothing: %s", error.reason)
    headers = {name: value[:KEPT_CHARS] for name, value in call.body.headers.items() if name in KEPT_HEADERS}
    said = (call.path["channel"], error.reason, error.detail, call.client, headers, call.body.content)
    await house.cashier.doubt(*said)


def _later(house: House, channel: Channel) -> Document:
    """We could not do what it asks of us: it will be told again."""
    house.cashier.count("put_off")
    return _reply(channel, Untrusted("later"))._replace(status=503)


def _reply(channel: Channel, error: Untrusted | None) -> Document:
    reply = channel.heard(error)
    return Document(reply.body, reply.content_type, status=reply.status)
