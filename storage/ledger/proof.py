"""The laws that the ledger keeps, each as one question to the database whose answer is what breaks it.

Three makers are compared: the lines (from what each fact changed), the rows of `sessions` (from what each fact says the
sums are now) and of `session_payments`, and the balances that accounts' actors say they have. All are read at one
moment, at the same places of the journal.
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.errors import Declined
from storage.ledger.periods import places
from storage.projections.checkpoints import TOGETHER
from storage.rows import Row

MOST: Final = 100
"""So many breaches of one law are told: more would tell a person no more."""


class Broken(Row, frozen=True):
    """A breach: of which law, by what, what should be there and what is, in fen."""

    law: str
    what: str
    should_fen: int
    is_fen: int


class Proof(Row, frozen=True):
    """What was proved at which places of the journal (slot → page): the laws that were asked, and what breaks them."""

    places: dict[str, int]
    laws: list[str]
    broken: list[Broken]


LAWS: Final[dict[str, str]] = {
    "entry_is_zero": """
        SELECT concat_ws('-', slot, seq, nth), 0, sum(fen) FROM ledger_lines
        GROUP BY slot, seq, nth HAVING sum(fen) <> 0
    """,
    "stay_as_booked": """
        WITH booked AS (
            SELECT session, -sum(fen) FILTER (WHERE account LIKE 'income:%') AS charge,
                   sum(fen) FILTER (WHERE account LIKE 'discounts:%'
                                       OR (account LIKE 'merchants:%' AND fact = 'Priced')) AS off,
                   sum(fen) FILTER (WHERE account = 'bad_debt') AS written_off,
                   sum(fen) FILTER (WHERE account = 'arrears') AS arrears,
                   -sum(fen) FILTER (WHERE account = 'owed_back') AS owed_back,
                   sum(fen) FILTER (WHERE account = 'receivable') AS open
            FROM ledger_lines WHERE session <> '' GROUP BY session
        )
        SELECT coalesce(stay.session, booked.session) || ' ' || figure, coalesce(should, 0), coalesce(is_, 0)
        FROM sessions AS stay FULL JOIN booked ON booked.session = stay.session
        CROSS JOIN LATERAL (VALUES
            ('charge', charge_fen, charge), ('off', off_fen, off), ('written_off', written_off_fen, written_off),
            ('arrears', arrears_fen, arrears), ('owed_back', excess_fen - returned_excess_fen, owed_back),
            ('open', charge_fen - off_fen - (got_fen - excess_fen) + (returned_fen - returned_excess_fen)
                     - written_off_fen - arrears_fen, open)
        ) AS each(figure, should, is_)
        WHERE coalesce(should, 0) <> coalesce(is_, 0)
    """,
    "charged_is_accounted_for": """
        WITH book AS (
            SELECT split_part(account, ':', 1) AS head, sum(fen) AS fen FROM ledger_lines
            WHERE account NOT LIKE 'merchants:%' OR fact = 'Priced' GROUP BY 1
        ), came AS (
            SELECT coalesce(sum(fen - excess_fen - returned_fen + returned_excess_fen), 0) AS fen FROM session_payments
        )
        SELECT 'received + discounts + bad debt + arrears + open', should, is_ FROM (
            SELECT coalesce(-sum(book.fen) FILTER (WHERE head = 'income'), 0) AS should,
                   (SELECT fen FROM came) + coalesce(sum(book.fen) FILTER (
                       WHERE head IN ('discounts', 'merchants', 'bad_debt', 'arrears', 'receivable')), 0) AS is_
            FROM book
        ) AS sums WHERE should <> is_
    """,
    "owner_gets_at_most_what_came": """
        SELECT session, received, share FROM (
            SELECT lines.session, -sum(lines.fen) AS share,
                   min(got_fen - excess_fen - returned_fen + returned_excess_fen) AS received
            FROM ledger_lines AS lines JOIN sessions ON sessions.session = lines.session
            WHERE lines.fact = 'OwnerShared' AND lines.account LIKE 'merchants:%' GROUP BY lines.session
        ) AS sums WHERE share NOT BETWEEN 0 AND received
    """,
    "wallet_never_below_zero": """
        SELECT account || ' ' || concat_ws('-', slot, seq, nth), 0, left_fen FROM (
            SELECT account, slot, seq, nth,
                   -sum(fen) OVER (PARTITION BY account ORDER BY slot, seq, nth, line) AS left_fen
            FROM ledger_lines WHERE account LIKE 'wallet:%' OR account LIKE 'wallet\\_gift:%'
        ) AS running WHERE left_fen < 0
    """,
    "wallet_as_its_actor_says": """
        WITH booked AS (
            SELECT owner, coalesce(-sum(fen) FILTER (WHERE account LIKE 'wallet:%'), 0) AS money,
                   coalesce(-sum(fen) FILTER (WHERE account LIKE 'wallet\\_gift:%'), 0) AS gift
            FROM ledger_lines WHERE fact = 'WalletMoved' GROUP BY owner
        )
        SELECT coalesce(account, owner) || ' ' || figure, coalesce(should, 0), coalesce(is_, 0)
        FROM wallets FULL JOIN booked ON owner = account
        CROSS JOIN LATERAL (VALUES
            ('money', balance_fen, money), ('gift', balance_gift_fen, gift)
        ) AS each(figure, should, is_)
        WHERE coalesce(should, 0) <> coalesce(is_, 0)
    """,
    "refunds_at_most_paid": """
        SELECT session || ' ' || payment, fen, returned_fen FROM session_payments WHERE returned_fen > fen
        UNION ALL
        SELECT payment, sum(fen) FILTER (WHERE fen > 0), -sum(fen) FILTER (WHERE fen < 0) FROM ledger_lines
        WHERE account LIKE 'transit:%' AND payment <> '' GROUP BY payment HAVING sum(fen) < 0
    """,
}
"""Held at every moment. `stay_as_booked` and `charged_is_accounted_for` say that

    charged = discounts + received (less what was refunded) + bad debt + arrears + open

to the fen, for each stay and for the city; `open` is what the account `receivable` holds."""

QUIET: Final[dict[str, str]] = {
    "clearing_is_zero": """
        SELECT coalesce(nullif(payment, ''), 'without a payment'), 0, sum(fen) FROM ledger_lines
        WHERE account = 'clearing' GROUP BY payment HAVING sum(fen) <> 0
    """,
    "cash_as_its_collector_says": """
        WITH booked AS (
            SELECT substr(account, 6) AS who, sum(fen) AS fen FROM ledger_lines
            WHERE account LIKE 'cash:_%' GROUP BY account
        ), said AS (
            SELECT collector AS who, sum(fen) AS fen FROM (
                SELECT collector, fen FROM takings WHERE channel = 'cash'
                UNION ALL SELECT collector, -expected_fen FROM hand_overs
            ) AS each GROUP BY collector
        )
        SELECT coalesce(said.who, booked.who), coalesce(said.fen, 0), coalesce(booked.fen, 0)
        FROM said FULL JOIN booked ON booked.who = said.who
        WHERE coalesce(said.fen, 0) <> coalesce(booked.fen, 0)
    """,
}
"""Held when every message between actors has arrived and every payment is decided."""

_SAME_PLACES = text("""
    SELECT count(*) FROM (
        SELECT slot FROM projected WHERE projection = ANY(:names) GROUP BY slot HAVING min(seq) <> max(seq)
    ) AS apart
""")

_BEHIND = text("""
    SELECT name, count(*) FROM unnest(CAST(:names AS text[])) AS name
    JOIN (SELECT slot, max(seq) AS head FROM journal GROUP BY slot) AS pages ON true
    LEFT JOIN projected ON projected.projection = name AND projected.slot = pages.slot
    WHERE coalesce(projected.seq, 0) < head GROUP BY name ORDER BY name
""")


async def prove(engine: AsyncEngine, quiet: bool = False) -> Proof:
    """Asks every law; `not_level` while the tables that are compared stand at different places of the journal."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        if (await connection.execute(_SAME_PLACES, {"names": list(TOGETHER)})).scalar():
            raise Declined("not_level", "A table is being made again: ask when it has caught up")
        laws = _asked(quiet)
        return Proof(await places(connection), list(laws), await _broken(connection, laws))


async def invariants(connection: AsyncConnection, quiet: bool = True) -> list[str]:
    """What is wrong with the money of this world, a sentence each; none if all is well.

    For the end of a day: the projector has caught up, and (`quiet`) every message has arrived and every payment is
    decided. A projection that lacks pages of the journal is told as well, for nothing is proved without them.
    """
    behind = await connection.execute(_BEHIND, {"names": list(TOGETHER)})
    sentences = [f"{name} lacks pages of {slots} slots" for name, slots in behind]
    broken = await _broken(connection, _asked(quiet))
    return sentences + [
        f"{each.law}: {each.what} should be {each.should_fen} fen and is {each.is_fen}" for each in broken
    ]


def _asked(quiet: bool) -> dict[str, str]:
    return {**LAWS, **(QUIET if quiet else {})}


async def _broken(connection: AsyncConnection, laws: dict[str, str]) -> list[Broken]:
    return [
        Broken(law, *(row[0], int(row[1] or 0), int(row[2] or 0)))
        for law, question in laws.items()
        for row in await connection.execute(text(f"{question} LIMIT {MOST}"))
    ]
