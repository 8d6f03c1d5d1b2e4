"""WeChat's own keys, by serial: certificates, fetched when one is needed that is not known, or its public key."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from actors.values import HOUR_US, SECOND_US, Micros
from gateway.outside.provider import ProviderAway, Untrusted
from gateway.outside.wechat.account import Account
from gateway.outside.wechat.signing import NotSealed, Signed, decrypt, is_signed, told_text

AGE_MOST_US = 300 * SECOND_US
"""How old (or how far ahead) something signed may be."""
AGAIN_AFTER_US, AFTER_FAILURE_US = 60 * SECOND_US, 2 * SECOND_US
"""A serial that nobody knows makes us fetch certificates at most so often, however often it is claimed."""
FRESH_FOR_US = 12 * HOUR_US


class _Hidden(msgspec.Struct):
    nonce: str
    associated_data: str
    ciphertext: str


class _Listed(msgspec.Struct):
    serial_no: str
    encrypt_certificate: _Hidden


class _Certificates(msgspec.Struct):
    data: list[_Listed]


class Held(NamedTuple):
    """One of WeChat's keys, and how long it holds."""

    key: RSAPublicKey
    until_us: Micros


Fetch = Callable[[], Awaitable[tuple[dict[str, str], bytes]]]
"""Gets the list of certificates: its headers (names in lower case) and its body, not yet believed."""


class Platform:
    """WeChat's keys as one merchant knows them. New certificates are in the list before WeChat signs with them, and a
    list is believed only if it was signed by one of the certificates that the APIv3 key opened in it.
    """

    def __init__(self, account: Account, fetch: Fetch, clock: Callable[[], Micros]) -> None:
        self._account = account
        self._fetch = fetch
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._fetched_us: Micros = -FRESH_FOR_US
        self._again_us: Micros = 0
        self._fetching = asyncio.Lock()
        if account.wechat_key is not None:
            self._held[account.wechat_key_id] = Held(account.wechat_key, 1 << 62)

    async def check(self, headers: dict[str, str], body: bytes) -> None:
        """Untrusted unless WeChat has signed this body, within the last five minutes."""
        signed = Signed.of(headers)
        if signed is None:
            raise Untrusted("unsigned", "a Wechatpay- header is missing")
        self._check_age(signed)
        key = await self._key(signed.serial)
        self._check_signature(key, signed, body)

    def _check_age(self, signed: Signed) -> None:
        stamp = signed.timestamp
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise Untrusted("stale", "the time stamp is no number")
        if abs(self._clock() - int(stamp) * SECOND_US) > AGE_MOST_US:
            raise Untrusted("stale", f"signed at {stamp}")

    @staticmethod
    def _check_signature(key: RSAPublicKey, signed: Signed, body: bytes) -> None:
        if not is_signed(key, told_text(signed.timestamp, signed.nonce, body), signed.signature):
            raise Untrusted("forged", f"not signed by {signed.serial}")

    async def _key(self, serial: str) -> RSAPublicKey:
        if not self._knows(serial) or self._clock() - self._fetched_us > FRESH_FOR_US:
            await self._refresh(serial)
        held = self._held.get(serial)
        if held is None or held.until_us < self._clock():
            raise Untrusted("unknown_key", f"WeChat has no key {serial[:64]}")
        return held.key

    def _knows(self, serial: str) -> bool:
        held = self._held.get(serial)
        return held is not None and held.until_us >= self._clock()

    async def _refresh(self, serial: str) -> None:
        """Fetches the list if that may help: not where WeChat signs with its public key, and not again at once."""
        async with self._fetching:
            now = self._clock()
            if self._account.wechat_key is not None or now < self._again_us:
                return
            self._again_us = now + AFTER_FAILURE_US
            try:
                headers, body = await self._fetch()
            except ProviderAway:
                if self._knows(serial):
                    return
                raise
            self._held = self._believed(headers, body)
            self._fetched_us, self._again_us = now, now + AGAIN_AFTER_US

    def _believed(self, headers: dict[str, str], body: bytes) -> dict[str, Held]:
        signed = Signed.of(headers)
        if signed is None:
            raise Untrusted("unsigned", "the list of certificates")
        self._check_age(signed)
        try:
            listed = msgspec.json.decode(body, type=_Certificates).data
            held = {one.serial_no: self._opened(one) for one in listed}
        except (msgspec.DecodeError, NotSealed, ValueError) as error:
            raise Untrusted("unreadable", "the list of certificates") from error
        if signed.serial not in held:
            raise Untrusted("unknown_key", "the list of certificates is signed by none of them")
        self._check_signature(held[signed.serial].key, signed, body)
        return held

    def _opened(self, listed: _Listed) -> Held:
        hidden = listed.encrypt_certificate
        pem = decrypt(self._account.api_key, hidden.nonce, hidden.ciphertext, hidden.associated_data)
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey) or certificate.serial_number != int(listed.serial_no, 16):
            raise ValueError("not the certificate of this serial")
        return Held(key, int(certificate.not_valid_after_utc.timestamp()) * SECOND_US)
