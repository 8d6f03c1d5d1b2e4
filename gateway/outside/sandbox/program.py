"""`yunparking sandbox`: the sandbox as a program, its keys, orders and port kept in the data folder."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from actors.values import Micros
from gateway.outside.merchants import SANDBOX_FILE
from gateway.outside.sandbox.keys import Keys, kept_keys
from gateway.outside.sandbox.merchants import sandbox_accounts
from gateway.outside.sandbox.server import HOST, Sandbox
from gateway.settings import Settings
from storage.local import kept_port, write_private
from storage.session import now_us

PORT = "port"

log = logging.getLogger("yunparking.sandbox")


def folder_of(settings: Settings) -> Path:
    """Where the sandbox of these settings keeps what it has."""
    return settings.folder / "sandbox"


def sandbox_url(settings: Settings) -> str:
    """Where the sandbox of this data folder serves, or last served; empty if there was none."""
    try:
        return f"http://{HOST}:{int((folder_of(settings) / PORT).read_text())}"
    except (OSError, ValueError):
        return ""


async def serve_sandbox(settings: Settings, clock: Callable[[], Micros] = now_us) -> None:
    """Serves until cancelled; gateways of this data folder find their accounts in its merchants' file."""
    folder = folder_of(settings)
    keys, port = await asyncio.to_thread(_prepared, settings)
    sandbox = Sandbox(keys, clock, folder / "orders.sqlite")
    try:
        url = f"http://{HOST}:{await sandbox.start(port)}"
        await asyncio.to_thread(
            write_private, settings.folder / SANDBOX_FILE, msgspec.json.encode(sandbox_accounts(keys, url))
        )
        log.info("payments can be tried at %s", url)
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()


def _prepared(settings: Settings) -> tuple[Keys, int]:
    folder = folder_of(settings)
    keys = kept_keys(folder)
    last = sandbox_url(settings).rpartition(":")[2]
    port = kept_port(settings.payments.sandbox_port, int(last or 0))
    if port is None:
        raise OSError(f"port {settings.payments.sandbox_port} is taken: choose another payments.sandbox_port")
    write_private(folder / PORT, str(port).encode())
    return keys, port
