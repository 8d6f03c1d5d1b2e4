"""Other actor systems, each in a process of its own: they take the readings of the same small city, and keep nothing.

Two forms of the city are given to each, so that nobody is measured at their worst:
- `same turns`: a device, its bay and its lot, deciding and remembering with the very code of our kinds (`Part`);
- `lean`: a bay and its lot as one would write them by hand (`LeanBay`, `LeanLot`): a flag, a time and a count.
"""

PEERS = ("pykka", "xoscar", "thespian", "ray")
"""Each has a module `on_<name>` here that is run as a program (see `process`)."""
