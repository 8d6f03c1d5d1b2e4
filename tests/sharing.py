"""How two processes share the tests: one has all that need the run's Ray, which wait more than they work; a file stays
whole.
"""

from xdist.scheduler import LoadScopeScheduling

OWN_CITY = ("tests/city/test_nodes.py", "tests/gateway/command/test_up.py")
"""Files that start cities in processes of their own. They take long and wait much, so they come first of the rest."""
NEED_RAY = (
    "tests/chaos/",
    "tests/city/",
    "tests/gateway/outside/test_envoys.py",
    "tests/sim/test_four_ways.py",
    "tests/web/test_command_centre.py",
)
"""The other files here need the run's Ray; no more than must be, for whoever has these has them to their end."""


def share_of(nodeid: str) -> str:
    """What a test is never parted from: all that need Ray, else its file."""
    file = nodeid.partition("::")[0]
    return "ray" if file.startswith(NEED_RAY) and file not in OWN_CITY else file


def place_of(nodeid: str) -> int:
    """In which order shares are begun, so that nobody waits at the end for one that takes long."""
    share = share_of(nodeid)
    return 0 if share == "ray" else 1 if share in OWN_CITY else 2


class Halves(LoadScopeScheduling):
    """Whole shares, in their order, to whoever has nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
