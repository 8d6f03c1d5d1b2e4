"""Tables derived from facts: each projection is a name, its tables, and what it makes of what happened.

A projection writes its rows and its place in each slot in one transaction, and can be made again from nothing.
"""

from storage.projections.bays import BayStates, Passages
from storage.projections.devices import DeviceStates
from storage.projections.forms import Happened, Projection
from storage.projections.lots import LotCounts, Occupancy
from storage.projections.projector import Projector, reached

PROJECTIONS: tuple[Projection, ...] = (BayStates(), DeviceStates(), LotCounts(), Occupancy(), Passages())

__all__ = ["PROJECTIONS", "Happened", "Projection", "Projector", "reached"]
