"""What the handlers work with: everything behind the HTTP door, handed in by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import InitVar, dataclass, field
from pathlib import Path

from actors.engine.catalogue import Catalogue
from gateway.http.asking import Post
from gateway.http.cashier import Cashier
from gateway.http.forms import Document
from gateway.http.keeping import Kept
from gateway.http.limits import Buckets
from gateway.http.own.desk import OwnDesk, own_desk
from gateway.http.proxies import Proxies
from gateway.http.session import Doorkeeper
from gateway.identity import Identity
from gateway.lookout import Lookout
from gateway.metrics import Metrics
from gateway.outside.reader import PlateReader, SimulatedReader
from storage.arrears_lists import Arrears
from storage.crew import Crew
from storage.database import Engine
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
from storage.patrols import Patrols
from storage.plates import Plates
from storage.published import Published
from storage.readings import Readings
from storage.recoveries import Recoveries
from storage.stay_lists import Orders
from storage.users import Users

Check = Callable[[], Awaitable[str]]
"""Looks whether one dependency answers: a sentence if it does, an exception if not."""


@dataclass(slots=True)
class House:
    """All that is behind the door; what only reads and writes tables is made of `engine`. `checks` are the dependencies
    by name, `unready` when the log last said of some that they do not answer; `demand` says where the readings come
    from (`replay`, `simulated`, `live`); `ordered` is called when there may be an order for actors to deliver; `pages`
    is the folder of built screens; `description` is the table's own, set when it is served.
    """

    engine: InitVar[Engine]
    identity: Identity
    doorkeeper: Doorkeeper
    metrics: Metrics
    lookout: Lookout
    catalogue: Catalogue
    uploads: Uploads
    evidence: KeptEvidence
    cashier: Cashier
    post: Post | None = None
    reader: PlateReader = field(default_factory=SimulatedReader)
    checks: Mapping[str, Check] = field(default_factory=dict)
    unready: dict[str, float] = field(default_factory=dict)
    demand: Callable[[], str] = lambda: "live"
    ordered: Callable[[], None] = lambda: None
    pages: Path | None = None
    live_port: int = 8081
    live_url: str = ""
    proxies: Proxies = field(default_factory=Proxies)
    general: Buckets = field(default_factory=lambda: Buckets(per_s=200, burst=400))
    kept: Kept = field(default_factory=Kept)
    description: Document = field(default_factory=lambda: Document(b"", "application/json"))
    users: Users = field(init=False)
    lists: Lists = field(init=False)
    history: History = field(init=False)
    desk: Desk = field(init=False)
    recoveries: Recoveries = field(init=False)
    published: Published = field(init=False)
    parked: ParkedMessages = field(init=False)
    plates: Plates = field(init=False)
    crew: Crew = field(init=False)
    fieldwork: Field = field(init=False)
    books: Books = field(init=False)
    gates: GateLists = field(init=False)
    orders: Orders = field(init=False)
    arrears: Arrears = field(init=False)
    patrols: Patrols = field(init=False)
    readings: Readings = field(init=False)
    own: OwnDesk = field(init=False)
    periods: Periods = field(init=False)

    def __post_init__(self, engine: Engine) -> None:
        self.users = Users(engine)
        self.lists = Lists(engine)
        self.history = History(engine)
        self.desk = Desk(engine)
        self.recoveries = Recoveries(engine)
        self.published = Published(engine)
        self.parked = ParkedMessages(engine)
        self.plates = Plates(engine)
        self.crew = Crew(engine)
        self.fieldwork = Field(engine)
        self.books = Books(engine)
        self.gates = GateLists(engine)
        self.orders = Orders(engine)
        self.arrears = Arrears(engine)
        self.patrols = Patrols(engine)
        self.readings = Readings(engine)
        self.own = own_desk(engine)
        self.periods = Periods(engine, self.lookout.clock)

    def live_at(self, host: str) -> str:
        """Where a browser that reached us under this name finds the live frames."""
        return self.live_url or f"ws://{f'[{host}]' if ':' in host else host}:{self.live_port}/"
