"""What the handlers work with: everything behind the HTTP door, handed in by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from actors.engine.catalogue import Catalogue
from gateway.http.asking import Post
from gateway.http.cashier import Cashier
from gateway.http.forms import Document
from gateway.http.keeping import Kept
from gateway.http.limits import Buckets
from gateway.http.own.desk import OwnDesk
from gateway.http.proxies import Proxies
from gateway.http.session import Doorkeeper
from gateway.identity import Identity
from gateway.lookout import Lookout
from gateway.metrics import Metrics
from gateway.outside.reader import PlateReader, SimulatedReader
from storage.arrears_lists import Arrears
from storage.crew import Crew
from storage.desk import Desk
from storage.evidence.kept import KeptEvidence
from storage.evidence.uploads import Uploads
from storage.field import Field
from storage.gates import GateLists
from storage.history import History
from storage.ledger.books import Books
from storage.ledger.periods import Periods
from storage.lists import Lists
from storage.parked import ParkedMessages
from storage.plates import Plates
from storage.published import Published
from storage.recoveries import Recoveries
from storage.stay_lists import Orders
from storage.users import Users

Check = Callable[[], Awaitable[str]]
"""Looks whether one dependency answers: a sentence if it does, an exception if not."""


@dataclass(slots=True)
class House:
    """All that is behind the door. `checks` are the dependencies by name; `demand` says where the readings come
    from (`replay`, `simulated` or `live`); `ordered` is called when there may be an order for actors
    to deliver; `pages` is the folder of built screens; `description` is the table's own, set when it is served.
    """

    identity: Identity
    doorkeeper: Doorkeeper
    users: Users
    lists: Lists
    history: History
    desk: Desk
    metrics: Metrics
    lookout: Lookout
    recoveries: Recoveries
    published: Published
    parked: ParkedMessages
    plates: Plates
    catalogue: Catalogue
    uploads: Uploads
    evidence: KeptEvidence
    cashier: Cashier
    own: OwnDesk
    crew: Crew
    fieldwork: Field
    books: Books
    periods: Periods
    gates: GateLists
    orders: Orders
    arrears: Arrears
    post: Post | None = None
    reader: PlateReader = field(default_factory=SimulatedReader)
    checks: Mapping[str, Check] = field(default_factory=dict)
    demand: Callable[[], str] = lambda: "live"
    ordered: Callable[[], None] = lambda: None
    pages: Path | None = None
    live_port: int = 8081
    live_url: str = ""
    proxies: Proxies = field(default_factory=Proxies)
    general: Buckets = field(default_factory=lambda: Buckets(per_s=200, burst=400))
    kept: Kept = field(default_factory=Kept)
    description: Document = field(default_factory=lambda: Document(b"", "application/json"))

    def live_at(self, host: str) -> str:
        """Where a browser that reached us under this name finds the live frames."""
        return self.live_url or f"ws://{f'[{host}]' if ':' in host else host}:{self.live_port}/"
