"""The seals of WeChat Pay APIv3: RSA-SHA256 over what is sent, AES-256-GCM around what is secret. Pure arithmetic."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
AEAD: Final = "AEAD_AES_256_GCM"
_FIELD: Final = re.compile(r'(\w+)="([^"]*)"')


class NotSealed(ValueError):
    """This ciphertext was not made with this key, or was changed since."""


class Signed(NamedTuple):
    """The seal in the headers of what WeChat sends: when, with which nonce, by which key, the signature."""

    timestamp: str
    nonce: str
    serial: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Signed | None":
        """The seal in these headers (names in lower case); None if a part of it is missing."""
        parts = [headers.get(f"wechatpay-{name}", "") for name in ("timestamp", "nonce", "serial", "signature")]
        return cls(*parts) if all(parts) else None

    def headers(self) -> dict[str, str]:
        """The seal as WeChat sends it."""
        named = {f"Wechatpay-{name.capitalize()}": value for name, value in self._asdict().items()}
        return {**named, "Wechatpay-Signature-Type": SCHEME}


class Claim(NamedTuple):
    """What a merchant says of itself in `Authorization`."""

    mchid: str
    nonce: str
    signature: str
    timestamp: str
    serial: str


def sign(key: RSAPrivateKey, text: str) -> str:
    """A signature in base 64."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, text: bytes, signature: str) -> bool:
    """Whether the owner of this key signed exactly this."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def asked_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a merchant signs of its request; `path` is with its query."""
    return f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def told_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat signs of its answers and notifications."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def authorization(key: RSAPrivateKey, mchid: str, serial: str, method: str, path: str, body: bytes, now_s: int) -> str:
    """The header by which WeChat knows that a request is this merchant's."""
    nonce, timestamp = new_nonce(), str(now_s)
    signature = sign(key, asked_text(method, path, timestamp, nonce, body).decode())
    parts = {
        "mchid": mchid,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": timestamp,
        "serial_no": serial,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())


def claim_in(header: str) -> Claim | None:
    """The parts of such a header; None if it is another."""
    scheme, _, rest = header.partition(" ")
    found = dict(_FIELD.findall(rest))
    names = ("mchid", "nonce_str", "signature", "timestamp", "serial_no")
    if scheme != SCHEME or not all(found.get(name) for name in names):
        return None
    return Claim(*(found[name] for name in names))


def sealed_by(key: RSAPrivateKey, serial: str, body: bytes, now_s: int) -> Signed:
    """The seal that WeChat puts on a body."""
    nonce, timestamp = new_nonce(), str(now_s)
    return Signed(timestamp, nonce, serial, sign(key, told_text(timestamp, nonce, body).decode()))


def encrypt(api_key: bytes, nonce: str, plain: bytes, context: str) -> str:
    """A ciphertext in base 64, its tag at its end."""
    return base64.b64encode(AESGCM(api_key).encrypt(nonce.encode(), plain, context.encode())).decode()


def decrypt(api_key: bytes, nonce: str, ciphertext: str, context: str) -> bytes:
    """What such a ciphertext hides; NotSealed if it was made with another key or changed."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(api_key).decrypt(nonce.encode(), sealed, context.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise NotSealed("this was not encrypted with our key") from error


def new_nonce() -> str:
    """Thirty-two letters that nobody has used before."""
    return secrets.token_hex(16).upper()
