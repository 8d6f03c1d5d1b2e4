"""Who is asking behind proxies: what a trusted one says counts, and what anybody else says does not."""

import pytest

from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.proxies import Proxies, networks
from gateway.settings import SettingsError, load_settings
from tests.gateway.http.callers import Caller

TRUSTED = Proxies(networks("10.0.0.0/8, 192.0.2.7, fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 192.0.2.7"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("fd00::1", ["[2001:db8::5]:4711"], "2001:db8::5"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        (None, ["198.51.100.1"], "unknown"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_is_the_client(
    peer: str | None, forwarded: list[str], client: str
) -> None:
    assert TRUSTED.client(peer, forwarded) == client


def test_without_trusted_proxies_nothing_that_is_said_counts() -> None:
    assert Proxies().client("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"


def test_a_proxy_that_cannot_be_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match=r"http\.trusted_proxies.*'10\.0\.0\.300'"):
        load_settings(environment={}, flags={"http.trusted_proxies": "10.0.0.1,10.0.0.300"})


async def codes(caller: Caller, *clients: str) -> list[int]:
    return [(await caller.get("/health", X_Forwarded_For=client)).status for client in clients]


@pytest.fixture
def impatient(house: House) -> House:
    """A house that lets each client come twice."""
    house.general = Buckets(per_s=0.001, burst=2)
    return house


async def test_limits_count_clients_behind_a_trusted_proxy(impatient: House, caller: Caller) -> None:
    impatient.proxies = Proxies(networks("127.0.0.1"))
    assert await codes(caller, "198.51.100.1", "198.51.100.1", "198.51.100.1", "198.51.100.2") == [200, 200, 429, 200]
    assert await codes(caller, "6.6.6.6, 198.51.100.1") == [429], "nobody becomes another by saying so"


async def test_limits_do_not_believe_anybody_else(impatient: House, caller: Caller) -> None:
    assert await codes(caller, "198.51.100.1", "198.51.100.2", "198.51.100.3") == [200, 200, 429]
