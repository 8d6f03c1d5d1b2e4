"""How HTTP asks an actor, and what the caller is told when there is no answer."""

from typing import Protocol

from actors.engine.directory import NoSlot
from actors.engine.post import Full, NotDone, Unanswered
from actors.messages.forms import Message, Reply
from actors.values import Ref
from gateway.http.errors import Problem

BUSY_RETRY_S = 1


class Post(Protocol):
    """What carries messages to actors; `key` makes a repeated command the same command."""

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None: ...


async def ask(post: Post | None, ref: Ref, message: Message, key: str | None = None) -> Reply | None:
    """The actor's reply; raises `not_reachable`, `busy`, `refused` or `outcome_unknown`."""
    if post is None:
        raise Problem("not_reachable", "The actors are not reachable from here", retry_after_s=BUSY_RETRY_S)
    try:
        return await post.ask(ref, message, key)
    except NoSlot:
        raise Problem("not_reachable", "This actor has no slot of its own yet", retry_after_s=BUSY_RETRY_S) from None
    except Full:
        raise Problem("busy", retry_after_s=BUSY_RETRY_S) from None
    except NotDone as no:
        raise Problem("refused", no.message, {"refused": no.code, **no.details}) from None
    except Unanswered:
        raise Problem("outcome_unknown") from None
