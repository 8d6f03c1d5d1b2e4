"""Alipay's RSA2: RSA-SHA256 over the sorted fields of a form, or over the very bytes of an answer's node."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from actors.values import SECOND_US, Micros
from gateway.outside.wechat.moments import CHINA, china

_SIGNED_NODE: Final = re.compile(
    rb'^\s*\{"(?P<name>\w+_response)":(?P<node>\{.*\}),"sign":"(?P<sign>[^"]*)"\}\s*$', re.DOTALL
)


def form_text(fields: Mapping[str, str], without: tuple[str, ...] = ("sign",)) -> bytes:
    """What is signed of a form: its fields that are not empty, sorted, as they were before they were encoded."""
    told = sorted((name, value) for name, value in fields.items() if value and name not in without)
    return "&".join(f"{name}={value}" for name, value in told).encode()


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """A signature in base 64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, text: bytes, signature: str) -> bool:
    """Whether the owner of this key signed exactly this."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed_node(body: bytes) -> tuple[bytes, str] | None:
    """The node of an answer, as its bytes are, and the signature beside it; None if there is none."""
    found = _SIGNED_NODE.match(body)
    return (found["node"], found["sign"].decode()) if found else None


def moment_text(instant: Micros) -> str:
    """An instant as Alipay writes it: China's clock."""
    return f"{china(instant):%Y-%m-%d %H:%M:%S}"


def moment_of(text: str) -> Micros:
    """The same the other way; ValueError for anything else."""
    moment = datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    return int(moment.timestamp()) * SECOND_US
