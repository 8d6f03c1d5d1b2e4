"""A house behind a door of HTTP without workers: a real database, and no actor that answers."""

from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.mail import Unreachable
from gateway.http.cashier import Cashier
from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.session import Doorkeeper
from gateway.identity import ROLES, Identity
from gateway.lookout import Lookout
from gateway.metrics import Metrics
from gateway.outside.merchants import Merchants
from gateway.outside.payments import Payments
from gateway.workers import city as kinds
from storage.evidence.kept import KeptEvidence
from storage.evidence.store import FolderStore
from storage.evidence.uploads import Uploads
from storage.payments import PaymentRecords, RefusedNotifications
from storage.reaching import answers
from storage.users import Users

HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "correct horse"


async def nobody(worker: str, method: str, payload: bytes) -> bytes:
    """There are no workers behind this door."""
    raise Unreachable(worker)


async def inhabited(engine: AsyncEngine) -> None:
    """One user of each role, named as it."""
    users = Users(engine)
    for role in ROLES:
        await users.add(role, HASHER.hash(PASSWORD), role)


def cashier_of(engine: AsyncEngine, clock: Callable[[], int], file: Path) -> Cashier:
    """A cashier whose accounts lie in this file, if there is one."""
    merchants = Merchants((file,), lambda: "http://127.0.0.1", clock)
    records, refused = PaymentRecords(engine), RefusedNotifications(engine)
    return Cashier(merchants, Payments(merchants), records, refused, clock)


def furnished(engine: AsyncEngine, clock: Callable[[], int], pages: Path) -> House:
    """Everything behind the door, patient with the many requests of a test."""
    store = FolderStore(pages.parent / "evidence")
    identity = Identity(b"k" * 32, clock)
    return House(
        engine=engine,
        identity=identity,
        doorkeeper=Doorkeeper(Users(engine), identity, Buckets(per_s=0.1, burst=50), HASHER),
        metrics=Metrics(),
        lookout=Lookout(nobody, list, dict, clock),
        catalogue=kinds(),
        uploads=Uploads(engine, store),
        evidence=KeptEvidence(engine, store),
        cashier=cashier_of(engine, clock, pages.parent / "secrets" / "merchants.json"),
        checks={"database": lambda: answers(engine)},
        demand=lambda: "replay",
        pages=pages,
        general=Buckets(per_s=10_000, burst=10_000),
    )
