"""The sessions of a division, made at our own broker before it lets anybody in.

A broker acknowledges a frame that no session wants. So whoever starts it, or has it divide the topics otherwise, makes
the sessions first: from the first frame on there is one that keeps it, though no gateway listens yet.
"""

import asyncio
from collections.abc import Sequence

import aiomqtt

from gateway.broker import BrokerError
from gateway.ingress.sessions import open_session
from gateway.ingress.shares import Share
from storage.database import Engine
from storage.gateways import ShareRow, divide, running

PATIENCE_S = 2.0
"""How much longer than a lease: a gateway that was killed is taken for one that lives until its lease is over."""
LOOK_EVERY_S = 0.5


class StillTaken(RuntimeError):
    """Gateways go on taking the shares of another division; the text names them."""


def rows_of(shares: Sequence[Share]) -> list[ShareRow]:
    """A division as it is kept."""
    return [ShareRow(share.session, share.name, ",".join(share.filters)) for share in shares]


async def open_sessions(engine: Engine, url: str, world: str, shares: Sequence[Share], lease_s: float) -> None:
    """Makes this division the one that counts, and its sessions at the broker; what the sessions of another one still
    owe, gateways will take first. `StillTaken`, and `BrokerError` if the broker will not have them.
    """
    wanted, clock = rows_of(shares), asyncio.get_running_loop().time
    until = clock() + lease_s + PATIENCE_S
    while not await divide(engine, wanted):
        if clock() >= until:
            seen = await running(engine)
            raise StillTaken(", ".join(sorted({row.holder for row in seen.shares if row.holder})))
        await asyncio.sleep(LOOK_EVERY_S)
    # Known to the gateways before they are there: none is ever left behind at the broker.
    try:
        for share in shares:
            await open_session(url, world, share)
    except aiomqtt.MqttError as error:
        raise BrokerError(f"The broker does not keep the sessions of the shares: {error}") from error
