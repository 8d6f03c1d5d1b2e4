"""The part of the table that is about the ledger."""

from typing import Final

from gateway.http import ledger
from gateway.http.route import API, Route, Words
from storage.ledger.periods import PeriodRow
from storage.ledger.proof import Proof

LEDGER: Final = (
    Route(
        "GET",
        f"{API}/ledger/lines",
        "ledger",
        "ledger.read",
        ledger.lines,
        Words("账本分录", "Lines of the ledger, newest first"),
        query=ledger.WhichLines,
        reply=ledger.Lines,
    ),
    Route(
        "GET",
        f"{API}/ledger/balances",
        "ledger",
        "ledger.read",
        ledger.balances,
        Words("科目余额", "What each account was debited and credited"),
        query=ledger.WhichBalances,
        reply=ledger.Balances,
    ),
    Route(
        "GET",
        f"{API}/ledger/proof",
        "ledger",
        "ledger.read",
        ledger.proof,
        Words("账本核验", "Whether the ledger, the stays and the wallets agree, to the fen"),
        query=ledger.WhichLaws,
        reply=Proof,
        errors=("not_level",),
    ),
    Route(
        "GET",
        f"{API}/ledger/periods",
        "ledger",
        "ledger.read",
        ledger.periods,
        Words("会计期间", "Accounting periods"),
        reply=ledger.Periods,
    ),
    Route(
        "POST",
        f"{API}/ledger/periods/{{period}}/close",
        "ledger",
        "ledger.write",
        ledger.close,
        Words("结账", "Close a period: it takes no line any more"),
        body=ledger.Why,
        reply=PeriodRow,
        errors=("not_found", "period_not_over", "period_closed"),
    ),
    Route(
        "POST",
        f"{API}/ledger/periods/{{period}}/reopen",
        "ledger",
        "ledger.write",
        ledger.reopen,
        Words("反结账", "Open a closed period again"),
        body=ledger.Why,
        reply=PeriodRow,
        errors=("not_found", "period_open"),
    ),
    Route(
        "POST",
        f"{API}/ledger/payouts",
        "ledger",
        "ledger.write",
        ledger.payout,
        Words("渠道结算到账", "Book what a provider paid out into the bank, and the fee that it kept"),
        body=ledger.NewPayout,
        reply=ledger.Payout,
        errors=("payout_differs", "payout_too_large", "refused", "busy", "outcome_unknown"),
        idempotent=True,
    ),
    Route(
        "POST",
        f"{API}/ledger/settlements",
        "ledger",
        "ledger.write",
        ledger.settlement,
        Words("商户结算", "Book what a merchant paid, or was paid"),
        body=ledger.NewSettlement,
        reply=ledger.Settlement,
        errors=("settlement_differs", "settlement_too_large", "refused", "busy", "outcome_unknown"),
        idempotent=True,
    ),
)
