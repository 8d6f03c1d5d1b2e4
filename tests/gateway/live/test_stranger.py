"""A stranger with `websockets` and `msgpack` alone, who has read only the README of the live line, is always right."""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import websockets

README = Path(__file__).parents[3] / "gateway" / "live" / "README.md"
TOPICS = ["city", "map", "events", "devices", "alarms", "lot/20001", "region/east"]


def example() -> dict[str, Any]:
    """The client that the README prints, run as printed."""
    printed = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert printed is not None
    imported = [
        name.name for node in ast.walk(ast.parse(printed[1])) if isinstance(node, ast.Import) for name in node.names
    ]
    assert imported == ["asyncio", "msgpack", "websockets"]
    names: dict[str, Any] = {}
    exec(compile(printed[1], str(README), "exec"), names)
    return names


class Screen:
    """Shows what the example's client holds, and lets a test wait for it."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, int, Any]] = {}
        self._changed = asyncio.Event()

    def show(self, held: dict[str, tuple[str, int, Any]]) -> None:
        self.held = held
        self._changed.set()

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(10):
            while not true(self.held):
                self._changed.clear()
                await self._changed.wait()


@pytest.mark.feature("CMD-05")
async def test_the_printed_client_holds_what_is_true_over_a_cut_line(stage: Any) -> None:
    screen = Screen()
    client = asyncio.create_task(example()["follow"](stage.url, "good", TOPICS, screen.show))
    await screen.until(lambda held: len(held) == len(TOPICS))
    await stage.park("20001000", "occupied")
    await stage.tick()
    await screen.until(lambda held: held["city"][2]["counts"]["occupied"] == 1)
    for connection in list(stage.live._screens):
        connection.connection.transport.abort()
    await stage.park("20001001", "faulty")
    await stage.tick()
    await stage.park("20001001", "free")
    await stage.park("20001002", "faulty")
    await stage.tick()
    await screen.until(lambda held: "20001002" in {alarm[3] for alarm in held["alarms"][2]["open"].values()})
    await stage.park("20002002", "occupied")
    await stage.tick()
    await screen.until(lambda held: held["region/east"][2]["counts"]["occupied"] == 2)
    for topic in TOPICS:
        assert screen.held[topic][2] == stage.whole(topic), topic
    client.cancel()


async def test_the_readme_names_every_key_that_is_spoken(stage: Any) -> None:
    """Every topic, message and field on the line is in the README; and every code of a closing."""
    text = README.read_text()
    async with websockets.connect(stage.url, max_size=None) as line:
        hello = {"t": "hello", "v": 1, "token": "good"}
        subs = [{"t": "sub", "topic": topic} for topic in [*TOPICS, "nothing"]]
        await line.send(msgpack.packb([hello, *subs, {"t": "ping", "id": 1}]))
        heard: list[dict[str, Any]] = []
        while len({message.get("topic") for message in heard}) < len(TOPICS) + 2:
            heard += msgpack.unpackb(await line.recv())
        stage.beat()
        heard += msgpack.unpackb(await line.recv())
    assert {message["t"] for message in heard} == {"welcome", "pong", "gone", "snap", "beat"}
    keys = {key for message in heard for key in message} | {message["t"] for message in heard}
    keys |= {key for message in heard for key in message.get("body", {})} | set(heard[0]["limits"])
    city = next(message["body"] for message in heard if message.get("topic") == "city")
    keys |= {*city["counts"], *city["devices"], *city["rate"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in text and key != "t"] == []
