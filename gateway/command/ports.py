"""Are our ports free, and if not, whose are they?"""

from collections.abc import Sequence

import psutil

from gateway.command.options import Refusal
from gateway.settings import Settings
from storage.local import port_free


def holder(port: int) -> str:
    """Who listens on a port, as far as this user may see: `python (process 4711)`."""
    try:
        for connection in psutil.net_connections("inet"):
            here = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if here and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # macOS shows other people's connections to root only
    return "another program"


def taken(host: str, port: int, flag: str) -> str | None:
    """What to do about this port, or None when it is free."""
    if port_free(port, host):
        return None
    return f"Port {port} is taken by {holder(port)}. Stop it, or choose another port: {flag} {port + 10}."


def refuse_taken_ports(gateways: Sequence[Settings]) -> None:
    """Raises Refusal if a door of one of these gateways could not be opened."""
    wanted = [(door, flag) for one in gateways for door, flag in ((one.http, "--http-port"), (one.live, "--live-port"))]
    problems = [problem for door, flag in wanted if (problem := taken(door.host, door.port, flag))]
    if problems:
        raise Refusal("\n".join(problems))
