"""`websockets.broadcast` and nothing else: sends recorded payloads to everybody, ten times a second, when asked."""

import base64
from itertools import cycle, islice
from typing import Any

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks.child import Answers
from gateway.live.beats import every
from gateway.live.views import TICK_S
from gateway.workers import collect_seldom


async def _serve() -> None:
    answers, connections = Answers(), set[ServerConnection]()

    async def attend(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()
        connections.discard(connection)

    async def play(asked: Any) -> int:
        """`{payloads, seconds}` → how many it sent to everybody."""
        payloads, sent = [base64.b64decode(each) for each in asked["payloads"]], 0
        ticks = every(TICK_S)
        for payload in islice(cycle(payloads), round(asked["seconds"] / TICK_S)):
            await anext(ticks)
            broadcast(connections, payload)
            sent += 1
        return sent

    async with serve(attend, "127.0.0.1", 0, compression=None) as server:
        answers.say(next(iter(server.sockets)).getsockname()[1])
        await answers.serve(play)


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(_serve())
