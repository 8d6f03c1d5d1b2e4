"""Ports of our own servers."""

import socket
from pathlib import Path

import pytest

from storage import local
from storage.local import free_port, port_free

GIVEN_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not GIVEN_OUT.exists(), reason="this system does not say which ports outgoing connections get")
def test_no_outgoing_connection_is_given_a_port_that_waits_for_its_server() -> None:
    first, last = map(int, GIVEN_OUT.read_text().split())
    assert not set(local.PORTS) & set(range(first, last + 1))


def test_a_port_that_somebody_has_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(local, "PORTS", range(taken, taken + 1))
        assert not port_free(taken)
        with pytest.raises(OSError, match=f"from {taken} to {taken}"):
            free_port()
    assert free_port() == taken
