"""`yunparking replay` and `sandbox`; and how they, and the gateway, run until they are told to stop."""

import asyncio
import contextlib
import faulthandler
import importlib
import logging
import signal

import uvloop

from gateway.command.say import Say
from gateway.settings import Settings

PROGRAMS = {
    "gateway": "gateway.serving:serve_gateway",
    "replay": "gateway.replay:serve_replay",
    "sandbox": "gateway.outside.sandbox.program:serve_sandbox",
}
"""The long-running sub-commands: each is `async def serve(settings)` and ends when it is cancelled."""


def run_program(name: str, settings: Settings) -> None:
    """Be this program until SIGTERM or Ctrl-C; imported only now, for none of them needs what another does.

    SIGUSR1 has it write where each of its threads stands.
    """
    faulthandler.register(signal.SIGUSR1)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    module, _, function = PROGRAMS[name].partition(":")
    serve = getattr(importlib.import_module(module), function)

    async def until_stopped() -> None:
        serving = asyncio.ensure_future(serve(settings))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    uvloop.run(until_stopped())


def replay_command(settings: Settings, say: Say) -> None:
    """Publish the demonstration city's recorded readings at replay.speed, then simulated ones, through the broker."""
    run_program("replay", settings)


def sandbox_command(settings: Settings, say: Say) -> None:
    """Play the providers of payments on this machine; orders are paid at its control door, `/sandbox/pay`."""
    run_program("sandbox", settings)
