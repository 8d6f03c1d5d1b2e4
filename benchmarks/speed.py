"""How fast a core is while something is measured: `python -m benchmarks.speed` says so when its input ends.

A core of a virtual machine is not the same from hour to hour: a neighbour on the same physical core, or in its caches,
may take half of it, and neither the load nor the stolen time shows that. A fixed loop does: it is counted by the
processor time of its thread, so that waiting for a core makes no difference, and sharing one with a neighbour does.
"""

import select
import sys
from statistics import median
from time import thread_time_ns

STEPS = 50_000
EVERY_S = 1.0
"""A look takes some 5 ms: half a percent of one core."""


def steps_a_second() -> float:
    """Steps of a plain loop that a core does in a second of its time."""
    began, total, seen = thread_time_ns(), 0, {}
    for step in range(STEPS):
        total += step & 7
        seen[step & 1023] = total
    return STEPS * 1e9 / (thread_time_ns() - began)


def main() -> None:
    """Looks every second; the last line is the median."""
    looks = [steps_a_second()]
    while not select.select([sys.stdin], [], [], EVERY_S)[0]:
        looks.append(steps_a_second())
    print(median(looks))


if __name__ == "__main__":
    main()
