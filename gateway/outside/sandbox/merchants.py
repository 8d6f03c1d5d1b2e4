"""The merchants' file of a sandbox: our side's accounts at its providers."""

from typing import Any

import msgspec

from gateway.outside.alipay.channel import AlipayForm
from gateway.outside.code.channel import CodeForm
from gateway.outside.sandbox.keys import Keys, public_pem
from gateway.outside.wechat.account import AccountForm


def sandbox_accounts(keys: Keys, url: str) -> dict[str, Any]:
    """Accounts by channel, for a sandbox at this address."""
    wechat = AccountForm(
        mchid=keys.mchid,
        appid=keys.appid,
        serial=keys.merchant_serial,
        private_key=keys.merchant_key,
        api_key=keys.api_key,
        url=url,
    )
    alipay = AlipayForm(
        appid=keys.alipay_app,
        private_key=keys.merchant_key,
        alipay_key=public_pem(keys.alipay_key),
        url=f"{url}/gateway.do",
    )
    codes = {
        name: CodeForm(mchid=f"{name}-{keys.mchid}", secret=keys.plain_secret, url=f"{url}/code/{name}")
        for name in ("unionpay", "aggregate")
    }
    forms = {"wechat": wechat, "alipay": alipay, **codes}
    return {name: msgspec.to_builtins(form) for name, form in forms.items()}
