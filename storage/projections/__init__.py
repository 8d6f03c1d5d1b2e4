"""Tables derived from facts: each projection is a name, its tables, and what it makes of what happened.

A projection writes its rows and its place in each slot in one transaction, and can be made again from nothing.
"""

from storage.projections.bays import BayStates, Passages
from storage.projections.crew import HandOvers, Shifts, Takings
from storage.projections.devices import DeviceStates
from storage.projections.forms import Happened, Projection
from storage.projections.gates import Emergencies, GateLifts, LanePassages
from storage.projections.holdings import BayShares, Reservations
from storage.projections.ledger import LedgerLines, Wallets
from storage.projections.lots import LotCounts, Occupancy
from storage.projections.notices import Notices, WalletRecords
from storage.projections.passes import Campaigns, PassChanges, Passes
from storage.projections.payments import Payments
from storage.projections.plates import Listings, PlateClaims
from storage.projections.projector import Projector, reached
from storage.projections.sessions import SessionEvidence, SessionFlags, SessionPayments, SessionPlates, Sessions

PROJECTIONS: tuple[Projection, ...] = (
    BayStates(),
    DeviceStates(),
    LotCounts(),
    Occupancy(),
    Passages(),
    LedgerLines(),
    Wallets(),
    Sessions(),
    SessionPlates(),
    SessionPayments(),
    SessionFlags(),
    SessionEvidence(),
    Payments(),
    WalletRecords(),
    Notices(),
    Listings(),
    PlateClaims(),
    Passes(),
    PassChanges(),
    Campaigns(),
    Shifts(),
    Takings(),
    HandOvers(),
    GateLifts(),
    LanePassages(),
    Emergencies(),
    Reservations(),
    BayShares(),
)

__all__ = ["PROJECTIONS", "Happened", "Projection", "Projector", "reached"]
