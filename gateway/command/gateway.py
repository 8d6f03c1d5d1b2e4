"""`yunparking gateway`: one more gateway of a city that runs."""

from gateway.command import wiring
from gateway.command.ports import refuse_taken_ports
from gateway.command.programs import run_program
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
    run_program("gateway", ready)
