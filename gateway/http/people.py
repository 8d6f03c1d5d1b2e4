"""Users: an administrator makes them, gives them a role, and disables them."""

from hashlib import blake2b
from typing import Annotated

import msgspec

from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.session import NAME_CHARS, PASSWORD_CHARS
from gateway.http.shown import Next
from gateway.identity import Role
from storage.users import User

PASSWORD_LEAST = 8

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS, pattern=r"^\S(.*\S)?$")]
Password = Annotated[str, msgspec.Meta(min_length=PASSWORD_LEAST, max_length=PASSWORD_CHARS)]


class NewUser(Typed, frozen=True):
    """Somebody who may sign in from now on; only a hash of the password is kept."""

    name: Name
    role: Role
    password: Password


class UserChange(Typed, frozen=True):
    """Another role, password or standing; each of these ends all sessions of the user."""

    role: Role | None = None
    password: Password | None = None
    disabled: bool | None = None


class UserShown(Shown, frozen=True):
    """A user, without anything of the password."""

    id: str
    name: str
    role: str
    disabled: bool


class UsersShown(Shown, frozen=True):
    """One page of users."""

    items: list[UserShown]
    next: Next


async def listed(house: House, call: Call[Paged, None]) -> UsersShown:
    """One page of users."""
    asked = call.query
    rows = await house.users.page(key_after(asked), asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: row.id)
    return UsersShown([_shown(row) for row in page], following)


async def create(house: House, call: Call[NoQuery, NewUser]) -> UserShown:
    """A new user; the same key again finds the one that it made."""
    asked, who = call.body, call.user
    id = blake2b(f"user {who.user} {call.key}".encode(), digest_size=12).hexdigest()
    known = await house.users.get(id)
    if known is None:
        hashed = await house.doorkeeper.hashed(asked.password)
        await house.users.add(asked.name, hashed, asked.role, who.name, id)
        known = await house.users.get(id)
    if known is None or (known.name, known.role) != (asked.name, asked.role):
        raise Problem("user_name_taken" if known is None else "key_used")
    return _shown(known)


async def change(house: House, call: Call[NoQuery, UserChange]) -> UserShown:
    """Another role, password or standing."""
    asked = call.body
    found(await house.users.get(call.path["id"]))
    hashed = None if asked.password is None else await house.doorkeeper.hashed(asked.password)
    changed = await house.users.change(
        call.user.name, call.path["id"], password_hash=hashed, role=asked.role, disabled=asked.disabled
    )
    return _shown(found(changed))


def _shown(user: User) -> UserShown:
    return UserShown(user.id, user.name, user.role, user.disabled)
