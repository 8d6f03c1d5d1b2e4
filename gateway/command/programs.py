"""`yunparking gateway` and `yunparking replay`: the programs that run until they are told to stop."""

from gateway.command import wiring
from gateway.command.say import Say
from gateway.settings import Settings


def gateway_command(settings: Settings, say: Say) -> None:
    """Serve devices, pages, the HTTP interface and live screens; `up` starts it."""
    wiring.run_program("gateway", settings)


def replay_command(settings: Settings, say: Say) -> None:
    """Publish the city's recorded readings at replay.speed, then simulated ones, through the broker."""
    wiring.run_program("replay", settings)
