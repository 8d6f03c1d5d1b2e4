"""What routes of messages and notices, and of the rules for owners, take and show."""

from typing import Annotated, Literal

import msgspec

from actors.messages.owners import OwnerRules
from gateway.http.forms import Shown, Typed
from gateway.http.own.shown import Key, OpenId
from gateway.http.paging import Paged
from gateway.http.shown import Next
from storage.notices.inbox import MessageRow, SandboxRow
from storage.notices.outbox import NoticeRow


class ContactChange(Typed, frozen=True):
    """How one is reached: by these channels (none: all there are), in this language."""

    openid: OpenId = ""
    phone: Annotated[str, msgspec.Meta(max_length=20, pattern=r"^(\+?\d{5,20})?$")] = ""
    language: Literal["zh", "en"] = "zh"
    channels: Annotated[list[Literal["app", "wechat", "sms"]], msgspec.Meta(max_length=3)] = []


class ContactShown(Shown, frozen=True):
    """How one is reached."""

    openid: str
    phone: str
    language: str
    channels: list[str]


class WhichMessages(Paged, frozen=True):
    """All messages, or those that were not opened."""

    unread: bool = False


class Messages(Shown, frozen=True):
    """One page of messages, and how many are unread altogether."""

    items: list[MessageRow]
    next: Next
    unread: int


class NewMessage(Typed, frozen=True):
    """A message of the back office to these users."""

    to: Annotated[list[Key], msgspec.Meta(min_length=1, max_length=500)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class MessagesSent(Shown, frozen=True):
    """How many users have it."""

    sent: int


class WhichNotices(Paged, frozen=True):
    """Of one account, in a state (`waiting`, `sent`, `failed`, `stale`), about one thing; empty: all."""

    account: Annotated[str, msgspec.Meta(max_length=64)] = ""
    state: Literal["", "waiting", "sent", "failed", "stale"] = ""
    about: Annotated[str, msgspec.Meta(max_length=128)] = ""


class Notices(Shown, frozen=True):
    """One page of notices."""

    items: list[NoticeRow]
    next: Next


class WhichSandbox(Typed, frozen=True):
    """What one address was sent; empty: all."""

    address: Annotated[str, msgspec.Meta(max_length=128)] = ""


class SandboxShown(Shown, frozen=True):
    """The newest that the providers' sandbox was given."""

    items: list[SandboxRow]


class Opening(Typed, frozen=True):
    """The message is opened."""

    read: Literal[True] = True


class RulesShown(Shown, frozen=True):
    """What holds for owners' accounts, in this version (0: nobody has said anything)."""

    version: int
    rules: OwnerRules


class RulesChange(Typed, frozen=True):
    """What is to hold from now on, decided on the version that whoever decided it knew."""

    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
    rules: OwnerRules
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
