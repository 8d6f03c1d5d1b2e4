"""A thousand screens at ten frames a second: what they cost the gateway, and whether one that never reads hurts others.

Compared in one interleaved run, for a screen that watches the city as a whole and for one that shows the command centre
(every bay on the map, events, devices, alarms), while 10,000 bays a second change and are coalesced into ticks:
- our live line as a gateway runs it, fed by the product's own views in another process: share of a core, delay from
  the close of a tick to the screen;
- the same with a client that never reads;
- `websockets.broadcast` of the same payloads to as many connections: share of a core.

Screens are a process of their own, on the same cores.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import uvloop

from actors.engine.cluster import Cluster
from benchmarks.child import Child, child
from benchmarks.report import Claim, Guard, Report, middle
from gateway.workers import VIEWS, namespace_of

SCREENS = 1_000
CHANGES_PER_S = 10_000
FORMS = {
    "city": ["city", "region/region-1"],
    "command centre": ["city", "map", "events", "devices", "alarms"],
}
OURS, STUCK, BARE = "live line", "live line, one stuck", "websockets.broadcast"
FILLED_WITHIN_S = 20.0
SETTLE_S = 0.5

TARGET_SHARE = 0.35
TARGET_STUCK = 1.10
CEILING_STUCK = 1.5
"""Wider than the target, for a machine that is shared."""


class Took(NamedTuple):
    """One window: share of a core, frames a second and bytes a frame, and the delays of frames in ms."""

    share: float
    frames_per_s: float
    frame_bytes: float
    p50_ms: float
    p99_ms: float
    payloads: list[str]


class Stage(NamedTuple):
    """All processes of a run: two lines, each with a thousand screens, and the views."""

    cluster: Cluster
    ours: Child
    bare: Child
    screens: Child
    bare_screens: Child


Found = dict[tuple[str, str], list[Took]]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures both forms."""
    return uvloop.run(_measure(*((3.0, 3) if quick else (8.0, 5)), say))


async def _measure(seconds: float, rounds: int, say: Callable[[str], None]) -> Report:
    found: Found = defaultdict(list)
    made: list[float] = []
    async with _stage() as stage:
        for nth in range(1, rounds + 1):
            for form, topics in FORMS.items():
                say(f"round {nth} of {rounds}: {form}")
                await stage.screens.ask({"do": "follow", "topics": topics})
                made.append(await _round(stage, form, seconds, nth % 2 == 0, found))
    return _report(found, middle(made))


async def _round(stage: Stage, form: str, seconds: float, stuck_first: bool, found: Found) -> float:
    """One window of each variant, in turns; how many changes a second there were."""
    before, start = await _rate(stage, CHANGES_PER_S), asyncio.get_running_loop().time()
    for stuck in (stuck_first, not stuck_first):
        if stuck:
            async with _one_stuck(stage):
                found[form, STUCK].append(await _window(stage.ours, stage.screens, seconds))
        else:
            await asyncio.sleep(SETTLE_S)
            found[form, OURS].append(await _window(stage.ours, stage.screens, seconds))
    passed_s = asyncio.get_running_loop().time() - start
    made = (await _rate(stage, 0) - before) / passed_s
    await asyncio.sleep(SETTLE_S)
    asked = {"payloads": found[form, OURS][-1].payloads, "seconds": seconds + 1}
    playing = asyncio.ensure_future(stage.bare.ask(asked))
    await asyncio.sleep(SETTLE_S)
    found[form, BARE].append(await _window(stage.bare, stage.bare_screens, seconds))
    await playing
    return made


async def _rate(stage: Stage, changes_per_s: int) -> int:
    """Sets the rate; how many changes there were so far."""
    answer = await stage.cluster.call(VIEWS, "rate", msgspec.msgpack.encode(changes_per_s))
    return msgspec.msgpack.decode(answer, type=int)


@asynccontextmanager
async def _one_stuck(stage: Stage) -> AsyncIterator[None]:
    """While this lasts a client of our line does not read, and all its buffers are full."""
    await stage.screens.ask({"do": "stick", "count": 1, "topic": "map"})
    try:
        async with asyncio.timeout(FILLED_WITHIN_S):
            while not await stage.ours.ask(None):
                await stage.screens.ask({"do": "push", "topic": "map"})
        yield
    finally:
        await stage.screens.ask({"do": "unstick"})


async def _window(line: Child, screens: Child, seconds: float) -> Took:
    before, start = line.cpu_s(), asyncio.get_running_loop().time()
    came: dict[str, Any] = await screens.ask({"do": "measure", "seconds": seconds})
    passed_s = asyncio.get_running_loop().time() - start
    return Took(
        (line.cpu_s() - before) / passed_s,
        came["frames"] / passed_s,
        came["bytes"] / max(1, came["frames"]),
        came["p50_ms"],
        came["p99_ms"],
        came["payloads"],
    )


@asynccontextmanager
async def _stage() -> AsyncIterator[Stage]:
    cluster = Cluster(namespace_of("bench-fanout"))
    address = cluster.join(None, processes=2)
    cluster.start(VIEWS, "benchmarks.live.changes:worker", b"")
    try:
        async with (
            child("benchmarks.live.ours", address, cluster.namespace) as ours,
            child("benchmarks.live.bare") as bare,
            child("benchmarks.live.screens") as screens,
            child("benchmarks.live.screens") as bare_screens,
        ):
            await screens.ask({"do": "open", "port": await ours.hear(), "count": SCREENS})
            await bare_screens.ask({"do": "open", "port": await bare.hear(), "count": SCREENS})
            yield Stage(cluster, ours, bare, screens, bare_screens)
    finally:
        cluster.stop(VIEWS)
        cluster.leave()


# -- what was found


def _share(found: Found, form: str, who: str) -> float:
    return middle([took.share for took in found[form, who]])


def _p99(found: Found, form: str, who: str) -> float:
    return middle([took.p99_ms for took in found[form, who]])


def _row(found: Found, form: str, who: str) -> dict[str, Any]:
    took = found[form, who]
    return {
        "screens show": form,
        "who": who,
        "frames/s": round(middle([each.frames_per_s for each in took])),
        "KB a frame": round(middle([each.frame_bytes for each in took]) / 1000, 1),
        "share of a core": f"{_share(found, form, who):.2f}",
        "of broadcast": f"{_share(found, form, who) / _share(found, form, BARE):.2f}",
        "p50 ms": "-" if who == BARE else f"{middle([each.p50_ms for each in took]):.1f}",
        "p99 ms": "-" if who == BARE else f"{_p99(found, form, who):.1f}",
    }


def _stuck(found: Found, form: str) -> float:
    """By how much a stuck client changes the p99 of the others."""
    return _p99(found, form, STUCK) / max(_p99(found, form, OURS), 0.001)


def _report(found: Found, made: float) -> Report:
    city = next(iter(FORMS))
    shares = {form: _share(found, form, OURS) for form in FORMS}
    claims = [
        Claim(
            f"{SCREENS:,} screens at 10 frames/s ({form}), share of a core",
            f"{shares[form]:.2f}",
            f"≤ {TARGET_SHARE}" if form == city else "–",
            f"{shares[form] / _share(found, form, BARE):.2f}x websockets.broadcast",
        )
        for form in FORMS
    ]
    stuck = ", ".join(f"{_stuck(found, form):.2f}x" for form in FORMS)
    claims.append(Claim("p99 of the others beside a client that never reads", stuck, f"≤ {TARGET_STUCK:.2f}x"))
    broken = []
    if (worst := max(_stuck(found, form) for form in FORMS)) > CEILING_STUCK:
        broken.append(f"A stuck client changes the p99 of others {worst:.2f}x: the ceiling is {CEILING_STUCK}x.")
    return Report(
        "fanout",
        f"{SCREENS:,} screens, {made:,.0f} changes/s coalesced into ten frames a second.",
        [_row(found, form, who) for form in FORMS for who in (OURS, STUCK, BARE)],
        ["ms: from the close of a tick in the views to the screen. Views and screens are processes of their own."],
        broken=broken,
        guards=[Guard(f"share of a core that {SCREENS:,} screens cost", shares[city], TARGET_SHARE, most=True)],
        claims=claims,
    )
