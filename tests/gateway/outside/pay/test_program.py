"""The sandbox as a program: its keys, port and orders outlive it, and our side finds its accounts by itself."""

import asyncio
from pathlib import Path

import aiohttp

from gateway.outside.merchants import merchant_files, merchants_of
from gateway.outside.provider import Order
from gateway.outside.sandbox.program import sandbox_url, serve_sandbox
from gateway.settings import Settings
from storage.session import now_us
from tests.city.waiting import eventually

TRADE = "a" * 32


async def served(settings: Settings) -> "asyncio.Task[None]":
    """A sandbox that has written its merchants' file."""
    file = merchant_files(settings)[1]
    before = file.stat().st_mtime_ns if file.exists() else 0
    task = asyncio.create_task(serve_sandbox(settings))

    async def written() -> bool:
        assert not task.done()
        return file.exists() and file.stat().st_mtime_ns > before

    await eventually(written, "the sandbox serves")
    return task


def readable_by_others(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.json") if path.stat().st_mode & 0o077]


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_is_found_used_and_goes_on_where_it_was(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    task = await served(settings)
    url = sandbox_url(settings)
    merchants = merchants_of(settings, lambda: "http://127.0.0.1:1", now_us)
    order = Order(TRADE, 100, "停车费", now_us() + 10**9, "native")
    for name in merchants.names():
        await merchants.channel(name).create(order)
    await ended(task)

    task = await served(settings)
    assert sandbox_url(settings) == url
    async with aiohttp.ClientSession() as session:
        paid = await session.post(f"{url}/sandbox/pay", json={"out_trade_no": TRADE})
        assert paid.status == 200
    assert (await merchants.channel("wechat").query(TRADE, "native")).state == "paid"
    assert (await merchants.channel("alipay").query(TRADE, "native")).state == "unpaid"
    assert not await asyncio.to_thread(readable_by_others, tmp_path)
    await merchants.close()
    await ended(task)


async def test_real_accounts_put_the_sandbox_aside(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    task = await served(settings)
    merchants = merchants_of(settings, lambda: "http://127.0.0.1:1", now_us)
    assert merchants.names() == ["aggregate", "alipay", "unionpay", "wechat"]
    await merchants.save("unionpay", {"mchid": "real", "secret": "s" * 32, "url": "http://127.0.0.1:2"})
    assert merchants.names() == ["unionpay"]
    assert merchants.shown("unionpay") == {"mchid": "real", "url": "http://127.0.0.1:2"}
    await merchants.save("unionpay", {"mchid": "other"})
    assert merchants.channel("unionpay").merchant == "other"
    await ended(task)
