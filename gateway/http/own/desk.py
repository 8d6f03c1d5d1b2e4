"""What owners' routes need behind the door."""

from dataclasses import dataclass, field

from gateway.http.limits import Buckets
from storage.database import Engine
from storage.holdings import Holdings
from storage.notices.inbox import Contacts, Inbox, Sandbox
from storage.notices.outbox import NoticeRecords
from storage.owners import Owners


@dataclass(slots=True)
class OwnDesk:
    """`tries` bounds how often one client address may ask by a plate without signing in."""

    owners: Owners
    holdings: Holdings
    inbox: Inbox
    contacts: Contacts
    notices: NoticeRecords
    sandbox: Sandbox
    tries: Buckets = field(default_factory=lambda: Buckets(per_s=1 / 30, burst=10))


def own_desk(engine: Engine) -> OwnDesk:
    """All of it over one database."""
    return OwnDesk(
        Owners(engine), Holdings(engine), Inbox(engine), Contacts(engine), NoticeRecords(engine), Sandbox(engine)
    )
