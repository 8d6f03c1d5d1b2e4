"""Codes that phones scan at a lane: one that hangs there for good, and one on the screen that is good for one price.

A code is what it says and our seal on it, so nobody makes one, and nothing is kept.
"""

import base64
import binascii
import hmac
from typing import NamedTuple

from actors.values import Micros
from gateway.identity import Identity


class LaneCode(NamedTuple):
    """The code that hangs at a lane: whoever scans it stands there."""

    lot: str
    lane: str


class ExitCode(NamedTuple):
    """The code beside a price on a lane's screen: this stay, until its price holds no longer."""

    session: str
    until_us: Micros


class Unreadable(Exception):
    """No code of ours."""


class Expired(Exception):
    """It was good until `until_us`."""

    def __init__(self, until_us: Micros) -> None:
        super().__init__(str(until_us))
        self.until_us = until_us


class Codes:
    """Makes codes and reads them."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def of_lane(self, lot: str, lane: str) -> str:
        """The code that hangs at a lane, for ever the same."""
        return self._sealed(f"lane {lot} {lane}")

    def of_price(self, session: str, until_us: Micros) -> str:
        """The code of a price that is shown."""
        return self._sealed(f"exit {until_us} {session}")

    def read(self, code: str) -> LaneCode | ExitCode:
        """What a code says; raises `Unreadable` or `Expired`."""
        body, _, seal = code.rpartition(".")
        try:
            text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        except (binascii.Error, ValueError):
            raise Unreadable from None
        kind, _, rest = text.partition(" ")
        if not body or not hmac.compare_digest(seal.encode(), self._identity.seal(f"code {text}").encode()):
            raise Unreadable
        first, _, second = rest.partition(" ")
        if kind == "lane":
            return LaneCode(first, second)
        if int(first) <= self._identity.now():
            raise Expired(int(first))
        return ExitCode(second, int(first))

    def _sealed(self, text: str) -> str:
        body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return f"{body}.{self._identity.seal(f'code {text}')}"
