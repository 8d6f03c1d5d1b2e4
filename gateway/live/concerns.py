"""How private topics are made: of what accounts, vehicles and sessions say, and of the table of messages."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from actors.engine.post import NotDone
from actors.messages.account import AccountAnswer, AccountQuery
from actors.messages.forms import Message, Reply
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import VehicleAnswer, VehicleQuery
from actors.values import Micros, Ref
from gateway.live.private import Private, Unread, View
from storage.database import Engine
from storage.notices.inbox import Inbox

STAYS_MOST = 50


class Asks(Protocol):
    """What carries questions to actors."""

    async def ask(self, ref: Ref, message: Message) -> Reply | None:
        """The actor's answer."""


class Concerns:
    """Makes `own/<account>`, `fee/<lot>/<stay>` and `messages/<user>`."""

    def __init__(self, post: Asks, unread: Unread) -> None:
        self._post, self._unread = post, unread
        self._told: dict[str, Any] = {}
        self._makes: dict[str, Callable[[str], Awaitable[View | None]]] = {
            "own": self._own,
            "fee": self._fee,
            "messages": self._messages,
        }

    async def view(self, topic: str) -> View | None:
        """The topic as it is now."""
        kind, _, key = topic.partition("/")
        return await self._makes[kind](key)

    async def news(self, topics: set[str]) -> set[str]:
        """Whose messages have changed."""
        users = {topic.partition("/")[2] for topic in topics if topic.startswith("messages/")}
        now = await self._unread(users) if users else {}
        changed = {f"messages/{user}" for user in users if self._told.get(user) != now.get(user)}
        self._told = dict(now)
        return changed

    async def _messages(self, user: str) -> View:
        unread, latest = (await self._unread({user})).get(user, (0, []))
        self._told[user] = (unread, latest)
        return View({"unread": unread, "latest": latest}, {}, frozenset(), None)

    async def _fee(self, session: str) -> View | None:
        said = await self._session(session)
        if said is None:
            return None
        names = ("state", "plate", "bay", *FEE)
        values = dict(zip(names, (said.face.state, said.face.plate, said.face.bay, *_fee_row(said)), strict=True))
        return View(values, {}, frozenset({f"session:{session}"}), _due(said))

    async def _own(self, account: str) -> View | None:
        said = await self._post.ask(Ref("account", account), AccountQuery())
        assert isinstance(said, AccountAnswer)
        face = said.face
        plates = [each.plate for each in face.plates if each.state == "bound"]
        vehicles = await asyncio.gather(*(self._post.ask(Ref("vehicle", plate), VehicleQuery()) for plate in plates))
        keys = dict.fromkeys(key for each in vehicles for key in _stays_of(each))
        found = await asyncio.gather(*(self._session(key) for key in list(keys)[:STAYS_MOST]))
        stays = [each for each in found if each is not None and each.face.plate in plates]
        rows = {each.session: [each.face.state, each.face.plate, each.face.bay, *_fee_row(each)] for each in stays}
        refs = {f"account:{account}", *(f"vehicle:{plate}" for plate in plates), *(f"session:{key}" for key in keys)}
        dues = [due for each in stays if (due := _due(each)) is not None]
        wallet = {"balance_fen": face.balance_fen, "gift_fen": face.gift_fen, "frozen_fen": face.frozen_fen}
        values = {**wallet, "plates": [[each.plate, each.state] for each in face.plates], "default": face.default}
        return View(values, rows, frozenset(refs), min(dues, default=None))

    async def _session(self, key: str) -> SessionAnswer | None:
        try:
            said = await self._post.ask(Ref("session", key), SessionQuery())
        except NotDone:
            return None
        assert isinstance(said, SessionAnswer)
        return said


def private_topics(post: Asks, engine: Engine, clock: Callable[[], Micros]) -> Private:
    """The private topics of one gateway."""
    return Private(Concerns(post, Inbox(engine).newest), clock)


FEE = ("entry_us", "exit_us", "charge_fen", "due_fen", "holds_until_us", "then_fen", "leave_by_us")
"""The columns of a stay's fee."""


def _fee_row(said: SessionAnswer) -> list[Any]:
    face = said.face
    holds = (said.holds_until_us, said.then_fen)
    return [face.entry_us, face.exit_us, said.charge_fen, said.due_fen, *holds, face.covers_until_us or None]


def _due(said: SessionAnswer) -> Micros | None:
    """The first moment at which the fee is another."""
    return None if said.holds_until_us is None else said.holds_until_us + 1


def _stays_of(vehicle: Reply | None) -> list[str]:
    assert isinstance(vehicle, VehicleAnswer)
    face = vehicle.face
    return [*(each.session for each in face.present), *(each.session for each in face.owed)]
