"""`yunparking gateway`, `replay` and `sandbox`: the programs that run until they are told to stop."""

from gateway.command import wiring
from gateway.command.ports import refuse_taken_ports
from gateway.command.running import city_to_serve
from gateway.command.say import Say
from gateway.settings import Settings


def gateway_command(settings: Settings, say: Say) -> None:
    """Serve devices, pages, the HTTP interface and live screens: one more gateway of a running city.

    Without --database-url, --mqtt-url and --ray-address it looks for those that `up` runs on this machine.
    """
    ready = city_to_serve(settings)
    wiring.check_secret(ready)
    wiring.check_world(ready)
    refuse_taken_ports([ready])
    say.note("info", f"The gateway {ready.gateway.name} opens http://localhost:{ready.http.port}. Ctrl-C stops it.")
    wiring.run_program("gateway", ready)


def replay_command(settings: Settings, say: Say) -> None:
    """Publish the demonstration city's recorded readings at replay.speed, then simulated ones, through the broker."""
    wiring.run_program("replay", settings)


def sandbox_command(settings: Settings, say: Say) -> None:
    """Play the providers of payments on this machine; orders are paid at its control door, `/sandbox/pay`."""
    wiring.run_program("sandbox", settings)
