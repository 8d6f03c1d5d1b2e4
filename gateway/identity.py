"""Who is at the door and what they may do: roles, permissions and the short-lived signed token that carries them.

A token is a JWT (HS256) of 15 minutes with `sub` (user id), `name`, `role`, `sid` (which
sign-in it came from), `iat`, `exp`. Nothing here knows HTTP: the
same check admits live screens. A user who is disabled keeps a token until it expires and gets no new one.
"""

import hmac
import os
import secrets
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import Final, Literal

import jwt
import msgspec
from jwt.types import Options

from actors.values import MINUTE_US, SECOND_US, Micros

PUBLIC: Final = "public"
"""The mark of what needs no token; nobody holds it and everybody may pass."""

PERMISSIONS: Final = (
    "self.read",
    "self.write",
    "own.read",
    "own.write",
    "shift.read",
    "shift.write",
    "city.read",
    "records.read",
    "records.write",
    "devices.read",
    "devices.write",
    "ingest.read",
    "live.watch",
    "engine.read",
    "parked.write",
    "tariffs.read",
    "tariffs.write",
    "sessions.read",
    "sessions.write",
    "gates.write",
    "payments.read",
    "payments.write",
    "merchants.read",
    "merchants.write",
    "refunds.read",
    "refunds.write",
    "passes.read",
    "passes.write",
    "reservations.read",
    "reservations.write",
    "coupons.read",
    "coupons.write",
    "lists.read",
    "lists.write",
    "accounts.read",
    "accounts.write",
    "collectors.read",
    "collectors.write",
    "cash.read",
    "cash.write",
    "ledger.read",
    "ledger.write",
    "evidence.read",
    "evidence.write",
    "messages.read",
    "messages.write",
    "users.read",
    "users.write",
    "fleets.write",
    "inspections.read",
    "inspections.write",
)
"""What there is to be allowed. `self`: one's own sign-in and messages, which everybody has; `own`: one's own account as
an owner; `shift`: one's own work as a collector; `accounts`: what staff may see and do of anybody's account.
"""

Role = Literal[
    "administrator",
    "operator",
    "viewer",
    "owner",
    "collector",
    "inspector",
    "cashier",
    "service",
    "finance",
]

_SELF: Final = ("self.read", "self.write")
_STAFF: Final = tuple(one for one in PERMISSIONS if one.split(".")[0] not in ("own", "shift"))
_LOOKS: Final = (*_SELF, "city.read", "records.read", "devices.read", "live.watch", "tariffs.read")

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "administrator": _STAFF,
    "operator": tuple(one for one in _STAFF if not one.startswith("users.")),
    "viewer": (*_LOOKS, "evidence.read"),
    "owner": (*_SELF, "city.read", "own.read", "own.write"),
    "collector": (
        *_SELF,
        *("city.read", "records.read", "tariffs.read", "lists.read", "shift.read", "shift.write"),
        *("sessions.read", "sessions.write", "payments.write", "evidence.read", "evidence.write"),
    ),
    "inspector": (
        *_LOOKS,
        *("sessions.read", "lists.read", "collectors.read", "evidence.read", "evidence.write"),
        *("inspections.read", "inspections.write"),
    ),
    "cashier": (
        *_SELF,
        *("city.read", "records.read", "tariffs.read", "sessions.read", "payments.read", "payments.write"),
        *("refunds.read", "passes.read", "passes.write", "collectors.read", "cash.read", "cash.write"),
    ),
    "service": (
        *_LOOKS,
        *("sessions.read", "sessions.write", "gates.write", "payments.read", "refunds.read", "passes.read"),
        *(
            "reservations.read",
            "reservations.write",
            "coupons.read",
            "lists.read",
            "accounts.read",
            "accounts.write",
            "evidence.read",
            "inspections.read",
        ),
        *("messages.read", "messages.write"),
    ),
    "finance": (
        *_SELF,
        *("city.read", "records.read", "tariffs.read", "sessions.read", "payments.read", "refunds.read"),
        *("refunds.write", "passes.read", "coupons.read", "accounts.read", "collectors.read"),
        *("cash.read", "cash.write", "ledger.read", "ledger.write", "evidence.read", "merchants.read"),
    ),
}
"""What each role may do. Nobody of the staff is an owner or a collector by that: those act for themselves."""

TOKEN_US: Final = 15 * MINUTE_US
SECRET_BYTES: Final = 32
TOKENS_KEPT: Final = 4096
"""Tokens of which it is remembered what they say: a bearer comes again and again."""


class Claims(msgspec.Struct, frozen=True):
    """What a valid token says of its bearer; `expires_us` is when it stops being valid."""

    user: str
    name: str
    role: str
    session: str
    expires_us: Micros

    def may(self, permission: str) -> bool:
        """Whether the bearer's role holds this permission."""
        return permission in ROLES.get(self.role, ())


class NotSignedIn(Exception):
    """No valid token; `code` is `not_signed_in` (missing, forged, unreadable) or `token_expired`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clock_us() -> Micros:
    """The machine's time in microseconds."""
    return time_ns() // 1000


class Identity:
    """The issuer and checker of tokens; every process that holds the same secret agrees with it."""

    def __init__(self, secret: bytes, now: Callable[[], Micros] = clock_us) -> None:
        if len(secret) < SECRET_BYTES:
            raise ValueError(f"a token secret has at least {SECRET_BYTES} bytes")
        self._secret = secret
        self._signed = lru_cache(TOKENS_KEPT)(self._read)
        self.now = now

    @property
    def fingerprint(self) -> str:
        """Tells one secret from another, and nothing more of it."""
        return sha256(b"which secret signs tokens: " + self._secret).hexdigest()[:12]

    def seal(self, text: str) -> str:
        """A name for this text that tells nothing of it, the same at every gateway of this secret."""
        return hmac.new(self._secret, b"a name for: " + text.encode(), sha256).hexdigest()[:24]

    def issue(self, user: str, name: str, role: str, session: str) -> tuple[str, Micros]:
        """A new token and the instant at which it expires."""
        now = self.now()
        expires = (now + TOKEN_US) // SECOND_US * SECOND_US
        claims = {
            "sub": user,
            "name": name,
            "role": role,
            "sid": session,
            "iat": now // SECOND_US,
            "exp": expires // SECOND_US,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256"), expires

    def verify(self, token: str) -> Claims:
        """The claims of a valid token; raises `NotSignedIn`."""
        claims = self._signed(token)
        if claims.expires_us <= self.now():
            raise NotSignedIn("token_expired")
        return claims

    def _read(self, token: str) -> Claims:
        """What a token says that is signed with our secret, whether or not its time is over."""
        by_our_clock: Options = {"require": ["sub", "exp", "iat"], "verify_exp": False, "verify_iat": False}
        try:
            said = jwt.decode(token, self._secret, algorithms=["HS256"], options=by_our_clock)
            expires_us = int(said["exp"]) * SECOND_US
            return Claims(said["sub"], said["name"], said["role"], said["sid"], expires_us)
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise NotSignedIn("not_signed_in") from None


def kept_secret(path: Path) -> bytes:
    """The secret in this file; made on first use, readable by its owner alone (0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        os.link(draft, path)  # whole or not at all, and only one of several starters wins
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_bytes()
