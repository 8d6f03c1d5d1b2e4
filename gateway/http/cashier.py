"""What payments need behind the door: our accounts, the port to providers, what is looked up, and what is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from actors.engine.gauges import figure, tally
from actors.values import Micros
from gateway.http.limits import Buckets
from gateway.outside.merchants import Merchants
from gateway.outside.payments import Payments
from storage.payments import PaymentRecords, RefusedNotifications


class PaymentGauges(msgspec.Struct, kw_only=True):
    """What came from providers, by what became of it."""

    notifications_total: Annotated[
        dict[str, int], figure("Notifications of providers, by what became of them", "outcome")
    ]


@dataclass(slots=True)
class Cashier:
    """`doubts` bounds how many notifications of one client that were not believed are kept; all are counted."""

    merchants: Merchants
    port: Payments
    records: PaymentRecords
    refused: RefusedNotifications
    clock: Callable[[], Micros]
    nudge: Callable[[], None] = lambda: None
    doubts: Buckets = field(default_factory=lambda: Buckets(per_s=1, burst=60))
    gauges: PaymentGauges = field(default_factory=lambda: PaymentGauges(notifications_total={}))

    def count(self, outcome: str) -> None:
        """One notification came to this."""
        tally(self.gauges.notifications_total, outcome, 1)

    async def doubt(
        self, channel: str, reason: str, detail: str, client: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """One moved nothing, and why: kept for staff."""
        self.count(reason)
        if not self.doubts.wait_s(client):
            await self.refused.keep(self.clock(), channel, reason, detail[:500], client, headers, body)
