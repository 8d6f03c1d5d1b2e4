"""What the tables and the ledger have to say of stays that all cost the same."""

import asyncio

from storage.session import connect

PRICE_FEN = 500
LOOK_S = 0.05
PATIENCE_S = 120

_BOOKED = "SELECT coalesce(-sum(fen), 0) FROM ledger_lines WHERE account LIKE 'income:%'"
_RECEIVED = "SELECT coalesce(sum(fen), 0) FROM session_payments"
_CLEARING = "SELECT (SELECT coalesce(sum(fen), 0) FROM ledger_lines WHERE account = 'clearing')"
_PAID = "SELECT count(*) FROM sessions WHERE state = 'paid'"


class Books:
    """The ledger and the tables of one world."""

    def __init__(self, url: str, world: str) -> None:
        self._url, self._world = url, world

    async def booked(self, stays: int) -> None:
        """Waits until the ledger and the lists have what was received for so many stays."""
        async with asyncio.timeout(PATIENCE_S):
            for query in (_BOOKED, _RECEIVED):
                while await self._asked(query) < stays * PRICE_FEN:  # noqa: ASYNC110 - another process books it
                    await asyncio.sleep(LOOK_S)

    async def wrong(self, stays: int, apart_fen: int = 0) -> list[str]:
        """What is not as it has to be after so many paid stays, each a sentence. `apart_fen`: what filled wallets and
        stays in clearing, where nobody stands for the provider who paid it in.
        """
        looked = {
            "stays were paid more or less than they cost": f"{_PAID} AND got_fen <> {PRICE_FEN}",
            "stays have more payments than one": "SELECT count(*) - count(DISTINCT session) FROM session_payments",
            "fen is the sum of all lines of the ledger": "SELECT coalesce(sum(fen), 0) FROM ledger_lines",
            "fen is left in clearing": f"{_CLEARING} - {apart_fen}",
            "paid stays are no rows": f"SELECT {stays} - count(*) FROM sessions WHERE state = 'paid'",
        }
        found = {what: await self._asked(query) for what, query in looked.items()}
        return [f"{n:,} {what}" for what, n in found.items() if n]

    async def _asked(self, query: str) -> int:
        line = await connect(self._url, self._world, "benchmark")
        try:
            return int(await line.fetchval(query))
        finally:
            await line.close()
