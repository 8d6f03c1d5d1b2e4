"""The keys of a sandbox and of its one merchant, made at its first start and kept beside it, readable by its owner."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from storage.local import write_private

YEARS = 5
FILE = "keys.json"


class PlatformKey(msgspec.Struct, frozen=True):
    """One key of the sandbox's WeChat and the certificate of it; the serial is the certificate's, in hex."""

    serial: str
    private_key: str
    certificate: str
    until: datetime

    def key(self) -> RSAPrivateKey:
        """The key itself."""
        return read_key(self.private_key)


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """All secrets of a sandbox, both sides'. The last of `platform` is the one that is signed with."""

    platform: tuple[PlatformKey, ...]
    mchid: str = "1900000001"
    appid: str = "wxsandbox000000001"
    merchant_serial: str
    merchant_key: str
    api_key: str
    alipay_app: str = "2021000000000001"
    alipay_key: str
    plain_secret: str

    @property
    def newest(self) -> PlatformKey:
        """The key that is signed with."""
        return self.platform[-1]


def new_keys() -> Keys:
    """Keys that nobody else has."""
    return Keys(
        platform=(new_platform_key(),),
        merchant_serial=f"{secrets.randbits(159) | 1 << 158:X}",
        merchant_key=pem_of(new_key()),
        api_key=secrets.token_hex(16),
        alipay_key=pem_of(new_key()),
        plain_secret=secrets.token_hex(32),
    )


def kept_keys(folder: Path) -> Keys:
    """The keys of this folder, made now if there are none."""
    file = folder / FILE
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Keys)
    keys = new_keys()
    keep_keys(folder, keys)
    return keys


def keep_keys(folder: Path, keys: Keys) -> None:
    """Puts them there."""
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / FILE, msgspec.json.encode(keys))


def new_key() -> RSAPrivateKey:
    """A key as WeChat wants them."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def new_platform_key() -> PlatformKey:
    """A key with a certificate that it signs itself."""
    key, now = new_key(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "YunParking sandbox, not Tenpay.com")])
    until = now + timedelta(days=365 * YEARS)
    serial = secrets.randbits(159) | 1 << 158
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(until)
        .sign(key, SHA256())
    )
    return PlatformKey(f"{serial:X}", pem_of(key), certificate.public_bytes(Encoding.PEM).decode(), until)


def pem_of(key: RSAPrivateKey) -> str:
    """A private key as text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(private_pem: str) -> str:
    """The public half of a private key, as text."""
    public = read_key(private_pem).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_key(pem: str) -> RSAPrivateKey:
    """A private key out of its text; not examined, which would take longer than all else: it was made here."""
    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
