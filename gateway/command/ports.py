"""Are our ports free, and if not, whose are they?"""

import psutil

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
