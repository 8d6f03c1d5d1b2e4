"""Whole stays a second, durable: a vehicle comes, its plate is told, it leaves, it pays, and the ledger has it.

Compared in one run: paid in cash, and from a wallet, each word a message to an actor in a Ray cell, the next one said
when the one before is durable; so many stays are under way at once. The projector makes tables and ledger lines
meanwhile, and the clock stops when it has booked the last. Beside them, through the HTTP door of the product as it
runs: stays paid by WeChat at the sandbox, which signs and encrypts as the provider does; the settlement of a
collector's full day at sign-out; and how long a device's write takes at an even pace. Then all of it is looked at: each
stay is paid once, the ledger sums to zero. Left out: MQTT before the actors.
"""

from collections.abc import Callable, Iterator
from typing import Any

import uvloop

from benchmarks.budget import Seconds
from benchmarks.city import own_postgres
from benchmarks.report import Claim, Guard, Report, Section, middle, percentile
from benchmarks.stays import product
from benchmarks.stays.product import ORDERS, WRITES_A_SECOND
from benchmarks.stays.street import CELLS, UNDER_WAY, Street, by_hand, from_wallet, open_town
from gateway.workers import collect_seldom

TARGET = 1_000
TARGETS = {"cash": TARGET, "wallet": TARGET / 2}
"""A wallet's payment is two more durable words and the payment of a price that was held."""
SETTLED_S = 1.0
WRITE_MS = 100

Windows = dict[str, list[tuple[dict[str, float], Seconds]]]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures both ways of paying, turn by turn; then what goes through the product's doors."""
    collect_seldom()
    with own_postgres() as url:
        windows, wrong = uvloop.run(_measure(url, *((5.0, 2) if quick else (15.0, 3)), say))
    return _report(windows, wrong, uvloop.run(product.measure(quick, say)))


async def _measure(url: str, seconds: float, rounds: int, say: Callable[[str], None]) -> tuple[Windows, list[str]]:
    async with open_town(url) as town, town.post() as post:
        street = Street(url, town, post)
        await street.open()
        found: Windows = {"cash": [], "wallet": []}
        for nth in range(rounds):
            for way, pays in (("cash", by_hand), ("wallet", from_wallet)):
                say(f"round {nth + 1} of {rounds}: {way}")
                found[way].append(await street.window(pays, seconds))
        return found, await street.wrong()


def _report(windows: Windows, wrong: list[str], through: product.Found) -> Report:
    rows: list[dict[str, Any]] = [
        {"paid": way, **{name: middle([row[name] for row, _ in found]) for name in found[0][0]}}
        for way, found in windows.items()
    ]
    rates = {row["paid"]: row["stays/s"] for row in rows}
    p99_ms = percentile(through.delays_ms, 99)
    spent = {way: _middles([each for _, each in found]) for way, found in windows.items()}
    guards = [Guard(f"stays a second paid by {way}", rates[way], target) for way, target in TARGETS.items()]
    return Report(
        "sessions",
        f"whole stays through {CELLS} cells, {UNDER_WAY} under way at once, until the ledger has them",
        rows,
        ["A stay is four words (wallet: five), each said when the one before is durable, and its lines in the ledger."],
        [*wrong, *through.wrong],
        [*guards, Guard(f"seconds of the settlement of {ORDERS} orders", through.settled_s, SETTLED_S, most=True)],
        more=[
            Section("sessions: where the CPU went, µs a stay", _shares(spent)),
            Section("sessions: paid by WeChat at the sandbox, through the product's door", [through.wechat]),
            Section("sessions: the same, where the CPU went, µs a stay", _shares({"wechat": through.spent})),
            Section(f"sessions: a device's write at {WRITES_A_SECOND}/s, and a day's settlement", [_waits(through)]),
        ],
        claims=[*_claims(rates, through, p99_ms)],
    )


def _claims(rates: dict[str, float], through: product.Found, p99_ms: float) -> Iterator[Claim]:
    figures = f"{rates['cash']:,.0f}; {rates['wallet']:,.0f}"
    beside = f"paid by WeChat at the sandbox, through HTTP: {through.wechat['stays/s']:,.0f}"
    yield Claim("whole stays a second, durable and booked (cash; wallet)", figures, f"≥ {TARGET:,}", beside)
    settled = f"sign-out of a collector with {ORDERS} orders, settled"
    yield Claim(settled, f"{through.settled_s:.2f} s", f"≤ {SETTLED_S:g} s")
    yield Claim(f"a device's write over HTTP at {WRITES_A_SECOND}/s: p99", f"{p99_ms:,.0f} ms", f"≤ {WRITE_MS} ms")


def _waits(through: product.Found) -> dict[str, Any]:
    delays = {f"p{at} ms": percentile(through.delays_ms, at) for at in (50, 95, 99)}
    return {"writes": len(through.delays_ms), **delays, f"settled {ORDERS} orders, s": through.settled_s}


def _middles(spent: list[Seconds]) -> Seconds:
    parts = {part for each in spent for part in each}
    return {part: middle([each.get(part, 0.0) for each in spent]) for part in parts}


def _shares(spent: dict[str, Seconds]) -> list[dict[str, Any]]:
    """Each part's µs a stay by way of paying, the largest first."""
    first = next(iter(spent.values()))
    parts = sorted(first, key=lambda part: -first[part])
    table = [{"part": part} | {way: round(each.get(part, 0.0)) for way, each in spent.items()} for part in parts]
    return [*table, {"part": "all"} | {way: round(sum(each.values())) for way, each in spent.items()}]
