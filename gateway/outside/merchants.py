"""Our accounts at providers: kept in a file that only its owner may read, and made into channels that take money.

The file is looked at before each use: what was saved, by whichever gateway of this machine, holds for the next call.
No secret of it ever leaves it, but to the provider's seals.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from actors.values import Micros
from gateway.outside.provider import Provider
from gateway.outside.wechat.account import AccountForm, WrongAccount, account_of
from gateway.outside.wechat.channel import WeChat
from gateway.settings import Settings
from storage.local import write_private

NOTIFY_PATH: Final = "/api/v1/payments/notify"


class NoMerchant(Exception):
    """We have no account for this channel."""


class Channel(Provider, Protocol):
    """A provider that holds connections."""

    async def close_connections(self) -> None:
        """Gives them back."""


Make = Callable[[Any, str, Callable[[], Micros]], Channel]
"""A channel of an account's form, where it is to notify us, and a clock; WrongAccount says what cannot be."""


def wechat(form: AccountForm, notify_url: str, clock: Callable[[], Micros]) -> WeChat:
    """WeChat Pay."""
    return WeChat(account_of(form), notify_url, clock)


FORMS: Final[Mapping[str, type[msgspec.Struct]]] = {"wechat": AccountForm}
CHANNELS: Final[Mapping[str, Make]] = {"wechat": wechat}
SECRETS: Final = ("private_key", "api_key", "secret", "wechat_key", "alipay_key")
"""Fields of forms that are never shown."""


class Merchants:
    """The channels of the accounts in the first of these files that is there; saved are they in the first."""

    def __init__(self, files: tuple[Path, ...], notify_base: Callable[[], str], clock: Callable[[], Micros]) -> None:
        self._files = files
        self._notify_base = notify_base
        self._clock = clock
        self._read: tuple[Path, int] | None = None
        self._raw: dict[str, Any] = {}
        self._channels: dict[str, Channel] = {}
        self._retired: list[Channel] = []

    def channel(self, name: str) -> Channel:
        """The channel of this name as it is configured now; NoMerchant if it is not."""
        self._look()
        if name not in self._channels:
            if name not in self._raw or name not in CHANNELS:
                raise NoMerchant(name)
            form = msgspec.convert(self._raw[name], FORMS[name])
            self._channels[name] = CHANNELS[name](form, f"{self._notify_base()}{NOTIFY_PATH}/{name}", self._clock)
        return self._channels[name]

    def names(self) -> list[str]:
        """The channels that there are."""
        self._look()
        return sorted(name for name in self._raw if name in CHANNELS)

    def shown(self, name: str) -> dict[str, str]:
        """What of an account is no secret; NoMerchant if there is none."""
        self._look()
        if name not in self._raw:
            raise NoMerchant(name)
        return {field: str(value) for field, value in self._raw[name].items() if field not in SECRETS}

    async def save(self, name: str, given: Mapping[str, Any]) -> None:
        """Keeps an account; secrets that are not given stay as they were. WrongAccount says what cannot be."""
        self._look()
        if name not in CHANNELS:
            raise NoMerchant(name)
        before = self._raw.get(name, {}) if self._real else {}
        fields = {**before, **{field: value for field, value in given.items() if value}}
        try:
            form = msgspec.convert(fields, FORMS[name])
        except msgspec.ValidationError as error:
            raise WrongAccount(str(error)) from None  # names fields, never their values
        CHANNELS[name](form, "", self._clock)
        kept = {**(self._raw if self._real else {}), name: msgspec.to_builtins(form)}
        await asyncio.to_thread(self._write, kept)
        self._read = None

    async def close(self) -> None:
        """Gives all connections back."""
        for channel in (*self._channels.values(), *self._retired):
            await channel.close_connections()

    @property
    def _real(self) -> bool:
        return self._read is not None and self._read[0] == self._files[0]

    def _write(self, accounts: dict[str, Any]) -> None:
        self._files[0].parent.mkdir(parents=True, exist_ok=True)
        write_private(self._files[0], msgspec.json.format(msgspec.json.encode(accounts)))

    def _look(self) -> None:
        """Reads the file again if it is another than it was."""
        found = next(((file, stamp) for file in self._files if (stamp := _stamp(file))), None)
        if found == self._read:
            return
        self._raw = msgspec.json.decode(found[0].read_bytes(), type=dict[str, Any]) if found else {}
        self._retired += self._channels.values()  # requests under way end on them
        self._channels, self._read = {}, found


def merchants_of(settings: Settings, own_base: Callable[[], str], clock: Callable[[], Micros]) -> Merchants:
    """The accounts of these settings; while nobody has saved any, those of the sandbox that runs here."""
    base = settings.payments.notify_url.rstrip("/")
    return Merchants(merchant_files(settings), lambda: base or own_base(), clock)


def merchant_files(settings: Settings) -> tuple[Path, ...]:
    """Where our accounts are kept, and where the sandbox's are."""
    given = settings.payments.merchants_file
    real = Path(given).expanduser() if given else settings.folder / "secrets" / "merchants.json"
    sandbox = settings.folder / "sandbox" / "merchants.json"
    return (real, sandbox) if settings.payments.sandbox else (real,)


def _stamp(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
