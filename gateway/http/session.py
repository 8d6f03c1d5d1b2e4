"""Signing in and out: passwords, and the long-lived refresh tokens that are used once each.

A refresh token is replaced whenever it is used. One that comes back a second time was copied: everything that came
from the same sign-in ends. An unknown name costs the same time as a wrong password, so that nobody can list who exists.
"""

import asyncio
import secrets
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from actors.values import DAY_US, MINUTE_US, SECOND_US, Micros, uuid7
from gateway.http.errors import Problem
from gateway.http.forms import Shown, Typed
from gateway.http.limits import Buckets
from gateway.identity import ROLES, Claims, Identity
from storage.users import User, Users

REFRESH_US: Final = 30 * DAY_US
HASHING_AT_ONCE: Final = 2
WRONG_MOST: Final = 5
"""Wrong passwords in a row, by the name they are tried with, after which not even the right one helps for a while."""
LOCK_US: Final = 15 * MINUTE_US
NAME_CHARS: Final = 64
PASSWORD_CHARS: Final = 256


class SignIn(Typed, frozen=True):
    """A name and a password."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARS)]


class Refresh(Typed, frozen=True):
    """The refresh token that the last sign-in or refresh gave; it is used up by this."""

    refresh_token: Annotated[str, msgspec.Meta(min_length=16, max_length=128)]


class Person(Shown, frozen=True):
    """Who signed in and what they may do."""

    name: str
    role: str
    permissions: tuple[str, ...]


class Session(Shown, frozen=True):
    """A session: the token for `Authorization: Bearer`, when it expires, and where live frames come from."""

    access_token: str
    expires_us: Micros
    refresh_token: str
    live_url: str
    user: Person


class Doorkeeper:
    """Checks passwords and refresh tokens, and lets each client try a few times a minute."""

    def __init__(
        self,
        users: Users,
        identity: Identity,
        tries: Buckets | None = None,
        hasher: PasswordHasher | None = None,
        wrong_most: int = WRONG_MOST,
    ) -> None:
        self._users = users
        self._identity = identity
        self._tries = tries or Buckets(per_s=0.2, burst=10)
        self._hasher = hasher or PasswordHasher()
        self._wrong_most = wrong_most
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._hashing = asyncio.Semaphore(HASHING_AT_ONCE)

    async def sign_in(self, asked: SignIn, client: str, live_url: str) -> Session:
        """A new session; raises `wrong_credentials`, `account_locked` or `too_many_requests`."""
        return await self.begin(await self.known(asked.name, asked.password, client), self.family(), live_url)

    async def known(self, name: str, password: str, client: str) -> User:
        """Who this is; raises `wrong_credentials`, or after too many of those in a row `account_locked`."""
        self._may_try(client)
        locked_us = await self._users.locked_until(name) - self._identity.now()
        if locked_us > 0:
            raise _locked(locked_us)
        user = await self._users.named(name)
        matches = await self._matches(user.password_hash if user else self._nobody, password)
        if user is None or not matches or user.disabled:
            now = self._identity.now()
            if await self._users.tried_wrong(name, now, self._wrong_most, LOCK_US):
                raise _locked(LOCK_US)
            raise Problem("wrong_credentials")
        await self._users.tried_right(name)
        return user

    def family(self) -> str:
        """A name for one sign-in and all that comes from it."""
        return uuid7(self._identity.now())

    async def begin(self, user: User, family: str, live_url: str) -> Session:
        """A new session of somebody who is known."""
        token = secrets.token_urlsafe(32)
        await self._users.keep_token(token_hash(token), family, user.id, self._identity.now() + REFRESH_US)
        return self._session(user, family, token, live_url)

    async def refresh(self, asked: Refresh, client: str, live_url: str) -> Session:
        """The session goes on with new tokens; raises `session_over`."""
        token, now = secrets.token_urlsafe(32), self._identity.now()
        old = token_hash(asked.refresh_token)
        found = await self._users.rotate(old, token_hash(token), now, now + REFRESH_US)
        if found is None or found[0].disabled:
            self._may_try(client)
            raise Problem("session_over")
        user, family = found
        return self._session(user, family, token, live_url)

    async def sign_out(self, bearer: Claims) -> None:
        """The refresh tokens of this sign-in end; an access token already given lives out its minutes."""
        await self._users.revoke(bearer.session)

    async def hashed(self, password: str) -> str:
        """What may be kept of a password."""
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _may_try(self, client: str) -> None:
        wait_s = self._tries.wait_s(client)
        if wait_s:
            raise Problem("too_many_requests", retry_after_s=wait_s)

    async def _matches(self, kept: str, password: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(self._verify, kept, password)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def _session(self, user: User, family: str, token: str, live_url: str) -> Session:
        access, expires_us = self._identity.issue(user.id, user.name, user.role, family)
        person = Person(user.name, user.role, ROLES.get(user.role, ()))
        return Session(access, expires_us, token, live_url, person)


def _locked(us: Micros) -> Problem:
    return Problem("account_locked", retry_after_s=-(-us // SECOND_US))


def token_hash(token: str) -> str:
    """How a refresh token is kept: its digest, of no use to whoever reads the table."""
    return sha256(token.encode()).hexdigest()


async def ensure_administrator(users: Users, name: str = "admin") -> str | None:
    """Makes the first user if there is none; its password, said this once, or None."""
    if await users.any():
        return None
    password, hashed = await _one_time()
    return password if await users.add(name, hashed, "administrator") else None


async def replace_password(users: Users, name: str, who: str) -> str | None:
    """Gives a user another password and ends all their sessions; the password, said this once, None if nobody has
    this name."""
    user = await users.named(name)
    if user is None:
        return None
    password, hashed = await _one_time()
    await users.change(who, user.id, password_hash=hashed)
    return password


async def _one_time() -> tuple[str, str]:
    """A password nobody knows yet, and what is kept of it."""
    password = secrets.token_urlsafe(12)
    return password, await asyncio.to_thread(PasswordHasher().hash, password)
