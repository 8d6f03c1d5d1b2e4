"""Which topics there are, and what a screen must be allowed in order to follow each."""

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

from actors.values import Micros


class Claims(Protocol):
    """What a token proves: who its bearer is and what they may do, until when."""

    @property
    def user(self) -> str:
        """The bearer's id."""

    @property
    def expires_us(self) -> Micros:
        """When the token ends."""

    def may(self, permission: str) -> bool:
        """Has the bearer this permission?"""


Verify = Callable[[str], Claims | str]
"""Checks a token: its claims, or a stable machine word that says what is wrong with it."""


class TopicRule(NamedTuple):
    """A kind of topic: its name (one that ends in `/` is followed by an id), its permission, what it shows.

    `own`: the id is the bearer's, and nobody else's topic is for them. `parts`: of how many the id is made.
    """

    name: str
    permission: str
    shows: str
    own: bool = False
    parts: int = 1

    def names(self, topic: str) -> bool:
        """Is this the rule of that topic?"""
        if not self.name.endswith("/"):
            return topic == self.name
        id = "/".join([r"[^/\s]{1,100}"] * self.parts)
        return topic.startswith(self.name) and re.fullmatch(id, topic[len(self.name) :]) is not None

    def admits(self, topic: str, claims: Claims) -> bool:
        """May this bearer follow that topic of mine?"""
        return claims.may(self.permission) and (not self.own or topic == f"{self.name}{claims.user}")


TOPIC_RULES: tuple[TopicRule, ...] = (
    TopicRule("city", "live.watch", "the city's counts and those of its regions"),
    TopicRule("region/", "live.watch", "a region's counts and those of its lots"),
    TopicRule("lot/", "live.watch", "a lot's bays and devices"),
    TopicRule("section/", "sessions.read", "a section's bays with the stays in them, and its tasks"),
    TopicRule("map", "live.watch", "every bay's state"),
    TopicRule("events", "live.watch", "vehicles that come and go"),
    TopicRule("alarms", "live.watch", "what needs a person"),
    TopicRule("devices", "devices.read", "the health of all devices"),
    TopicRule("own/", "own.read", "the bearer's own account and the fees of his stays", own=True),
    TopicRule("fee/", "sessions.read", "what one stay costs while it runs", parts=2),
    TopicRule("messages/", "self.read", "the bearer's own messages", own=True),
)


def rule_of(topic: str) -> TopicRule | None:
    """The rule of a topic; None if no topic can have this name."""
    return next((rule for rule in TOPIC_RULES if rule.names(topic)), None)


def refusal(topic: str, claims: Claims) -> str | None:
    """Why this bearer may not follow that topic: `unknown_topic` or `forbidden`; None if they may."""
    rule = rule_of(topic)
    if rule is None:
        return "unknown_topic"
    return None if rule.admits(topic, claims) else "forbidden"
