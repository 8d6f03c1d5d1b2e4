"""How the devices' topics are divided among gateways that take frames, and what is wrong with a division.

A shared subscription would give one device's frames to several gateways and so break their order. So each share is a
set of topic filters with one session at the broker, and one gateway at a time takes it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple
from zlib import crc32

from actors.devices import DEVICE_KINDS, SUBSCRIPTIONS

WHOLE = "all"
PART = "part"
"""The first level under which our own broker puts what it has divided by hash: `part/<number>/<topic>`."""
OTHER = "…"
"""Stands for any word that no filter names."""


class Share(NamedTuple):
    """A part of the topics that one gateway takes; `prefix` is what the broker has put before its topics."""

    name: str
    filters: tuple[str, ...]
    prefix: str = ""

    @property
    def session(self) -> str:
        """Its session at the broker: other filters are another session, so none keeps a filter of before."""
        return f"{self.name}-{crc32(','.join(self.filters).encode()):08x}"

    @property
    def said(self) -> str:
        """The share as a setting says it."""
        return f"{self.name}={','.join(self.filters)}"


def share_of(name: str, filters: str) -> Share:
    """The share that was kept with this name and these filters, joined by commas."""
    kind, dash, number = name.partition("-")
    prefix = f"{PART}/{number}/" if kind == PART and dash and filters.startswith(f"{PART}/{number}/") else ""
    return Share(name, tuple(filters.split(",")), prefix)


class Misdivided(ValueError):
    """A division that cannot be: the text says why."""


def division(parts: int, topics: str) -> tuple[Share, ...]:
    """The shares: by hash at our own broker, or as `name=filter,filter; name=filter` says; one, unless told so."""
    if topics:
        if parts > 1:
            raise Misdivided("ingest.parts and ingest.topics exclude each other: a broker divides by hash or by topic")
        return _listed(topics)
    if parts == 1:
        return (Share(WHOLE, SUBSCRIPTIONS),)
    # What the broker could not hash (a wrong topic) is left where it was, and goes to the first.
    rest = {0: SUBSCRIPTIONS}
    return tuple(Share(f"{PART}-{n}", (f"{PART}/{n}/#", *rest.get(n, ())), prefix=f"{PART}/{n}/") for n in range(parts))


def _listed(topics: str) -> tuple[Share, ...]:
    shares = tuple(_share(one.strip()) for one in topics.split(";") if one.strip())
    names = [share.name for share in shares]
    if len(set(names)) < len(names):
        raise Misdivided(f"ingest.topics names a share twice: {', '.join(names)}")
    everything = [(share.name, filter) for share in shares for filter in share.filters]
    for (mine, one), (yours, other) in combinations(everything, 2):
        if topic := overlap(one, other):
            raise Misdivided(f"ingest.topics: {one} ({mine}) and {other} ({yours}) both bring {topic}")
    return shares


def _share(text: str) -> Share:
    name, equals, filters = text.partition("=")
    listed = tuple(filter.strip() for filter in filters.split(","))
    if not equals or not name.strip().replace("-", "").isalnum() or not all(map(_sound, listed)):
        raise Misdivided(f"ingest.topics: {text!r} is no share; write it as name=filter,filter")
    return Share(name.strip(), listed)


def _sound(filter: str) -> bool:
    levels = filter.split("/")
    wild = all(level in ("+", "#") or not set(level) & {"+", "#", "$"} for level in levels)
    return bool(filter) and wild and "#" not in levels[:-1]


def overlap(one: str, other: str) -> str | None:
    """A topic that both filters bring, or None."""
    return next(_topics([one.split("/")], [other.split("/")], True), None)


def unreached(shares: Sequence[Share]) -> list[str]:
    """Topics of devices that no share brings, one for each subscription of which something is left."""
    filters = [filter.removeprefix(share.prefix) for share in shares for filter in share.filters]
    left = [next(_topics([want.split("/")], [f.split("/") for f in filters], False), None) for want in SUBSCRIPTIONS]
    return [topic for topic in left if topic is not None]


def _topics(wanted: list[list[str]], others: list[list[str]], both: bool) -> Iterator[str]:
    """Topics, with `…` for any other word, that `wanted` brings and one of `others` does too (`both`) or does not."""

    def ends(filters: list[list[str]]) -> bool:
        return any(filter in ([], ["#"]) for filter in filters)

    def after(filters: list[list[str]], word: str) -> list[list[str]]:
        kept = [
            filter if filter[0] == "#" else filter[1:] for filter in filters if filter and filter[0] in (word, "+", "#")
        ]
        return [list(filter) for filter in dict.fromkeys(map(tuple, kept))]

    seen: set[tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]] = set()

    def walk(wanted: list[list[str]], others: list[list[str]], topic: list[str]) -> Iterator[str]:
        state = (frozenset(map(tuple, wanted)), frozenset(map(tuple, others)))
        if not wanted or state in seen:
            return
        seen.add(state)
        if topic and ends(wanted) and ends(others) == both:
            yield "/".join(topic)
        words = {filter[0] for filter in (*wanted, *others) if filter} - {"+", "#"}
        for word in (*sorted(words), OTHER):
            yield from walk(after(wanted, word), after(others, word), [*topic, word])

    return walk(wanted, others, [])


def nats_mappings(parts: int) -> dict[str, str]:
    """By what a nats-server divides: each kind's topics, hashed by the level whose frames keep their order."""
    topics = [(topic, kind.ordered_by) for kind in DEVICE_KINDS for topic in kind.topics]
    return {} if parts == 1 else dict(_mapping(topic, ordered_by, parts) for topic, ordered_by in topics)


def _mapping(topic: str, ordered_by: str, parts: int) -> tuple[str, str]:
    """`a/{x}/{y}` → `a.*.*` and `part.{{partition(2,1)}}.a.{{wildcard(1)}}.{{wildcard(2)}}`."""
    names = re.findall(r"{(\w+)}", topic)
    number = {name: str(n) for n, name in enumerate(names, start=1)}
    source = re.sub(r"{\w+}", "*", topic)
    target = re.sub(r"{(\w+)}", lambda part: f"{{{{wildcard({number[part[1]]})}}}}", topic)
    hashed = f"{{{{partition({parts},{number[ordered_by]})}}}}"
    return source.replace("/", "."), f"{PART}.{hashed}.{target.replace('/', '.')}"
