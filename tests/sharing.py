"""How two processes share the tests: one has all that need Ray, which wait more than they work; a file stays whole."""

from xdist.scheduler import LoadScopeScheduling

NEED_RAY = (
    "tests/chaos/",
    "tests/city/",
    "tests/gateway/command/",
    "tests/gateway/outside/test_envoys.py",
    "tests/sim/test_four_ways.py",
    "tests/web/test_command_centre.py",
)
"""Files that start the run's Ray, or one of their own."""


def share_of(nodeid: str) -> str:
    """What a test is never parted from: all that need Ray, else its file."""
    return "ray" if nodeid.startswith(NEED_RAY) else nodeid.partition("::")[0]


class Halves(LoadScopeScheduling):
    """Whole shares, in their order, to whoever has nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
