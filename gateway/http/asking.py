"""How HTTP asks an actor: the port to the post, and the two ways in which it gets no answer."""

from typing import Protocol

from actors.messages.forms import Command, Query, Reply
from actors.values import Ref
from gateway.http.errors import Problem

BUSY_RETRY_S = 1


class Refused(Exception):
    """The actor said no, with a stable machine word and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Unanswered(Exception):
    """No answer came in time: whether it happened is not known."""


class Post(Protocol):
    """What carries messages to actors; `key` makes a repeated command the same command."""

    async def ask(
        self, ref: Ref, message: Command | Query, key: str | None = None, timeout_s: float = 5.0
    ) -> Reply:
        """The actor's reply; raises `Refused` or `Unanswered`."""

    def room(self, ref: Ref) -> bool:
        """Whether one more message to this actor may wait."""


async def ask(post: Post | None, ref: Ref, message: Command | Query, key: str | None = None) -> Reply:
    """The actor's reply, or the refusal that tells the caller why there is none."""
    if post is None:
        raise Problem("not_reachable", "The actors are not reachable from here", retry_after_s=BUSY_RETRY_S)
    if not post.room(ref):
        raise Problem("busy", retry_after_s=BUSY_RETRY_S)
    return await post.ask(ref, message, key)
