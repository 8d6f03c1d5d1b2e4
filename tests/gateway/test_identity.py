"""Tokens: who issued them, until when, and what they allow."""

import stat
from pathlib import Path

import jwt
import pytest

from actors.values import SECOND_US
from gateway.identity import PERMISSIONS, ROLES, TOKEN_US, Identity, NotSignedIn, kept_secret

SECRET = b"s" * 32
START_US = 1_700_000_000 * SECOND_US


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START_US

    def __call__(self) -> int:
        return self.at


def issued(clock: Clock, role: str = "viewer") -> tuple[Identity, str]:
    identity = Identity(SECRET, clock)
    return identity, identity.issue("u1", "wang", role, "s1")[0]


def test_a_token_says_who_and_until_when() -> None:
    identity, token = issued(Clock())
    claims = identity.verify(token)
    assert (claims.user, claims.name, claims.role, claims.session) == ("u1", "wang", "viewer", "s1")
    assert claims.expires_us == START_US + TOKEN_US


def test_a_token_ends_to_the_microsecond() -> None:
    clock = Clock()
    identity, token = issued(clock)
    clock.at = START_US + TOKEN_US - 1
    identity.verify(token)
    clock.at += 1
    with pytest.raises(NotSignedIn) as said:
        identity.verify(token)
    assert said.value.code == "token_expired"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "\0"])
def test_what_is_no_token_is_not_signed_in(token: str) -> None:
    with pytest.raises(NotSignedIn) as said:
        Identity(SECRET).verify(token)
    assert said.value.code == "not_signed_in"


@pytest.mark.parametrize(
    ("key", "algorithm"), [(b"t" * 32, "HS256"), (SECRET * 2, "HS384"), ("", "none")], ids=["key", "algorithm", "none"]
)
def test_a_token_signed_otherwise_is_refused(key: bytes | str, algorithm: str) -> None:
    claims = {"sub": "u1", "name": "a", "role": "administrator", "sid": "s", "iat": 1, "exp": 1 << 40}
    forged = jwt.encode(claims, key, algorithm=algorithm)
    with pytest.raises(NotSignedIn):
        Identity(SECRET).verify(forged)


@pytest.mark.parametrize("missing", ["sub", "name", "role", "sid", "iat", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(missing: str) -> None:
    claims = {"sub": "u1", "name": "a", "role": "viewer", "sid": "s", "iat": 1, "exp": 1 << 40}
    del claims[missing]
    with pytest.raises(NotSignedIn):
        Identity(SECRET).verify(jwt.encode(claims, SECRET, algorithm="HS256"))


def test_roles_hold_known_permissions_only() -> None:
    assert {one for held in ROLES.values() for one in held} == set(PERMISSIONS)
    assert not any(one.endswith(".write") for one in ROLES["viewer"] if one != "self.write")


def test_an_unknown_role_may_nothing() -> None:
    identity, token = issued(Clock(), role="emperor")
    assert not any(identity.verify(token).may(one) for one in PERMISSIONS)


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "token"
    first = kept_secret(file)
    assert kept_secret(file) == first
    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["token"]
