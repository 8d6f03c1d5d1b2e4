"""Who may sign in, and the refresh tokens that keep them signed in: kept as digests, one use each, in families."""

from collections.abc import Callable

import msgspec
from sqlalchemy import case, delete, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import DAY_US, Micros, uuid7
from storage.errors import declined
from storage.papers import Change, write_audit
from storage.schema.crew import tries
from storage.schema.people import refresh_tokens, users
from storage.session import now_us


class User(msgspec.Struct, frozen=True):
    """Someone who may sign in, unless disabled; `password_hash` as the hasher wrote it, never a password."""

    id: str
    name: str
    password_hash: str
    role: str
    disabled: bool = False


class Users:
    """The table of users and of their refresh tokens; every change to a user stands in the audit."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], Micros] = now_us) -> None:
        self._engine = engine
        self._now = now

    async def any(self) -> bool:
        """Whether there is a user at all."""
        async with self._engine.connect() as connection:
            return bool((await connection.execute(select(exists(select(users.c.id))))).scalar())

    async def named(self, name: str) -> User | None:
        """The user of this name."""
        return await self._one(users.c.name == name)

    async def get(self, id: str) -> User | None:
        """The user with this id."""
        return await self._one(users.c.id == id)

    async def page(self, after: str | None, most: int) -> list[User]:
        """Users in order of id, those after this one."""
        query = select(users).order_by(users.c.id).limit(most)
        if after is not None:
            query = query.where(users.c.id > after)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, User, from_attributes=True) for row in rows]

    async def add(self, name: str, password_hash: str, role: str, who: str = "setup", id: str = "") -> bool:
        """A new user, with an id of their own if none is given; False if the name or the id is taken."""
        user = User(id or uuid7(self._now()), name, password_hash, role)
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(users), msgspec.to_builtins(user))
                await self._note(connection, who, "created", None, user)
        except IntegrityError as error:
            if declined(error).code in ("user_name_taken", "id_taken"):
                return False
            raise
        return True

    async def change(
        self,
        who: str,
        id: str,
        *,
        password_hash: str | None = None,
        role: str | None = None,
        disabled: bool | None = None,
    ) -> User | None:
        """Give the user another password, role or standing, ending all their sessions; None if there is none."""
        new = {"password_hash": password_hash, "role": role, "disabled": disabled}
        async with self._engine.begin() as connection:
            row = (await connection.execute(select(users).where(users.c.id == id).with_for_update())).first()
            if row is None:
                return None
            before = msgspec.convert(row, User, from_attributes=True)
            after = msgspec.structs.replace(before, **{k: v for k, v in new.items() if v is not None})
            await connection.execute(update(users).where(users.c.id == id).values(msgspec.to_builtins(after)))
            await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.user_id == id))
            await self._note(connection, who, "changed", before, after)
        return after

    async def keep_token(self, digest: str, family: str, user: str, expires_us: Micros) -> None:
        """The first token of a new family: somebody signed in."""
        async with self._engine.begin() as connection:
            await _keep(connection, digest, family, user, expires_us)

    async def rotate(self, old: str, new: str, now_us: Micros, expires_us: Micros) -> tuple[User, str] | None:
        """Trade a token for the next of its family; whose it is, and the family. None if it is good for nothing.

        A token that was traded before is in two hands: its whole family ends.
        """
        token = refresh_tokens.c
        good = (token.hash == old) & ~token.revoked & (token.expires_us > now_us)
        spend = update(refresh_tokens).where(good).values(revoked=True).returning(token.user_id, token.family)
        async with self._engine.begin() as connection:
            spent = (await connection.execute(spend)).first()
            if spent is None:
                family = select(token.family).where((token.hash == old) & token.revoked)
                await _revoke(connection, (await connection.execute(family)).scalar())
                return None
            await _keep(connection, new, spent.family, spent.user_id, expires_us)
            row = (await connection.execute(select(users).where(users.c.id == spent.user_id))).one()
        return msgspec.convert(row, User, from_attributes=True), spent.family

    async def tidy(self, now_us: Micros) -> int:
        """Remove the tokens that had expired by then; how many."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_us <= now_us))
            await connection.execute(delete(tries).where(tries.c.last_us <= now_us - DAY_US))
        return gone.rowcount

    async def locked_until(self, name: str) -> Micros:
        """Until when this name may not be tried; 0 if it may."""
        async with self._engine.connect() as connection:
            found = (await connection.execute(select(tries.c.locked_until_us).where(tries.c.name == name))).scalar()
        return found or 0

    async def tried_wrong(self, name: str, now_us: Micros, most: int, lock_us: Micros) -> Micros:
        """One more wrong password with this name; the last of `most` locks it, until the time returned (else 0)."""
        new = upsert(tries).values(name=name, wrong=1, last_us=now_us, locked_until_us=0)
        again = case((tries.c.last_us <= now_us - lock_us, 1), else_=tries.c.wrong + 1)
        until = case((again >= most, now_us + lock_us), else_=0)
        set_ = {"wrong": case((again >= most, 0), else_=again), "last_us": now_us, "locked_until_us": until}
        counted = new.on_conflict_do_update(index_elements=["name"], set_=set_).returning(tries.c.locked_until_us)
        async with self._engine.begin() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def tried_right(self, name: str) -> None:
        """The right password: what went wrong before counts no more."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tries).where(tries.c.name == name))

    async def revoke(self, family: str) -> None:
        """End all that came from one sign-in."""
        async with self._engine.begin() as connection:
            await _revoke(connection, family)

    async def _one(self, which: object) -> User | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(users).where(which))).first()  # type: ignore[arg-type]
        return msgspec.convert(row, User, from_attributes=True) if row else None

    async def _note(self, connection: AsyncConnection, who: str, verb: str, before: User | None, after: User) -> None:
        change = Change(verb, f"user/{after.id}", _shown(before) if before else None, _shown(after))
        await write_audit(connection, who, self._now(), [change])


async def _keep(connection: AsyncConnection, digest: str, family: str, user: str, expires_us: Micros) -> None:
    row = {"hash": digest, "family": family, "user_id": user, "expires_us": expires_us}
    await connection.execute(insert(refresh_tokens), row)


async def _revoke(connection: AsyncConnection, family: str | None) -> None:
    if family is not None:
        await connection.execute(update(refresh_tokens).where(refresh_tokens.c.family == family).values(revoked=True))


def _shown(user: User) -> dict[str, object]:
    return {"name": user.name, "role": user.role, "disabled": user.disabled}
