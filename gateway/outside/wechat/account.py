"""A merchant's account at WeChat Pay: who it is, with which keys it signs, and the secret it shares with WeChat."""

from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

API = "https://api.mch.weixin.qq.com"
API_KEY_BYTES = 32


class WrongAccount(ValueError):
    """This cannot be a merchant's account; the text says what is wrong and never what a secret is."""


class AccountForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account as it is kept in the merchants' file. Where WeChat gave a public key of its own (`PUB_KEY_ID_…`)
    instead of certificates, it stands in `wechat_key_id` and `wechat_key`.
    """

    mchid: str
    appid: str
    serial: str
    private_key: str
    api_key: str
    wechat_key_id: str = ""
    wechat_key: str = ""
    url: str = API


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can be used: its keys are read."""

    mchid: str
    appid: str
    serial: str
    private_key: RSAPrivateKey
    api_key: bytes
    url: str
    wechat_key_id: str = ""
    wechat_key: RSAPublicKey | None = None


def account_of(form: AccountForm) -> Account:
    """The account in this form; WrongAccount if one of its parts cannot be."""
    try:
        private = load_pem_private_key(form.private_key.encode(), None)
        public = load_pem_public_key(form.wechat_key.encode()) if form.wechat_key else None
    except (ValueError, TypeError):
        raise WrongAccount("a key is not in PEM form, or needs a password") from None
    if not isinstance(private, RSAPrivateKey) or not isinstance(public, RSAPublicKey | None):
        raise WrongAccount("WeChat Pay takes RSA keys")
    if len(form.api_key.encode()) != API_KEY_BYTES:
        raise WrongAccount(f"the APIv3 key has {API_KEY_BYTES} characters")
    if not (form.mchid and form.appid and form.serial):
        raise WrongAccount("mchid, appid and serial are needed")
    if bool(form.wechat_key) != bool(form.wechat_key_id):
        raise WrongAccount("wechat_key and wechat_key_id come together")
    url = form.url.rstrip("/")
    return Account(form.mchid, form.appid, form.serial, private, form.api_key.encode(), url, form.wechat_key_id, public)
