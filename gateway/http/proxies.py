"""Who is asking, behind proxies: only a proxy that is trusted may say for whom it asks."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

UNKNOWN = "unknown"


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, by commas; ValueError names the one that is neither."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


class Proxies:
    """The proxies that are trusted. Without any, whoever is connected is the client, whatever it says."""

    def __init__(self, trusted: Iterable[IPv4Network | IPv6Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def client(self, peer: str | None, forwarded: Iterable[str]) -> str:
        """The client's address: the nearest in X-Forwarded-For that is no proxy of ours, read from its end.

        What stands before that the client may have written itself.
        """
        nearest = _address(peer or "")
        if nearest is None:
            return peer or UNKNOWN
        for said in reversed(",".join(forwarded).split(",")):
            if not self._trusts(nearest):
                break
            further = _address(said.strip())
            if further is None:
                break
            nearest = further
        return str(nearest)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address without its port and brackets; one of IPv4 in the clothes of IPv6 is one of IPv4."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
