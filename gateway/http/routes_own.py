"""The part of the table that is for owners, and what staff do to their accounts."""

from typing import Final

from gateway.http.own import account, by_plate, messages, stays
from gateway.http.own import shown as own
from gateway.http.own import shown_messages as told
from gateway.http.route import API, Route, Words
from gateway.identity import PUBLIC
from storage.notices.inbox import MessageRow

ASKED: Final = ("refused", "busy", "outcome_unknown")
PAYING: Final = (*ASKED, "not_found", "no_merchant", "provider_refused", "provider_away", "key_used")


def _account(
    method: str, path: str, handler: object, words: Words, body: type | None = None, keyed: bool = False
) -> Route:
    """A route that does something with one's own account and shows it."""
    permission = "own.read" if method == "GET" else "own.write"
    said = {"body": body, "reply": own.AccountShown, "errors": ASKED, "idempotent": keyed}
    return Route(method, f"{API}/own{path}", "own", permission, handler, words, **said)  # type: ignore[arg-type]


ACCOUNT: Final = (
    _account("GET", "/account", account.account, Words("我的账户", "One's own account")),
    _account("POST", "/plates", account.bind, Words("绑定车牌", "Bind a plate"), own.NewPlate, keyed=True),
    _account("PUT", "/plates/default", account.choose, Words("默认车牌", "Choose the default plate"), own.WhichPlate),
    _account("PUT", "/plates/{plate}/ways", account.set_ways, Words("无感支付", "Pay at exit unasked"), own.Ways),
    Route(
        "DELETE",
        f"{API}/own/plates/{{plate}}",
        "own",
        "own.write",
        account.unbind,
        Words("解绑车牌", "Give a plate up"),
        errors=("not_found", *ASKED),
    ),
    Route(
        "GET",
        f"{API}/own/wallet/records",
        "own",
        "own.read",
        account.records,
        Words("钱包明细", "What one's wallet did"),
        query=own.WhichRecords,
        reply=own.Records,
    ),
    Route(
        "GET",
        f"{API}/own/offers",
        "own",
        "own.read",
        account.offers,
        Words("充值优惠", "Offers for top-ups"),
        reply=own.Offers,
    ),
    Route(
        "POST",
        f"{API}/own/top-ups",
        "own",
        "own.write",
        account.top_up,
        Words("钱包充值", "Pay into the wallet"),
        body=own.NewTopUp,
        reply=own.TopUpShown,
        status=201,
        errors=PAYING,
        idempotent=True,
    ),
)

STAYS: Final = (
    Route(
        "GET",
        f"{API}/own/stays",
        "own",
        "own.read",
        stays.listed,
        Words("我的停车", "One's own stays"),
        query=own.WhichStays,
        reply=own.Stays,
        errors=ASKED,
    ),
    Route(
        "GET",
        f"{API}/own/stays/{{lot}}/{{stay}}",
        "own",
        "own.read",
        stays.one,
        Words("停车账单", "One of one's own stays, its price line by line"),
        reply=own.StayDetail,
        errors=("not_found", *ASKED),
    ),
    Route(
        "POST",
        f"{API}/own/payments",
        "own",
        "own.write",
        stays.pay_own,
        Words("支付停车费", "Pay one, several or all of one's own stays"),
        body=own.NewOwnPayment,
        reply=own.OwnPaymentShown,
        status=201,
        errors=PAYING,
        idempotent=True,
    ),
    Route(
        "GET",
        f"{API}/own/bays/{{number}}",
        "own",
        "own.read",
        stays.bay,
        Words("泊位查询", "A bay by its number"),
        reply=own.BayShown,
        errors=("not_found", *ASKED),
    ),
    Route(
        "POST",
        f"{API}/own/bays/{{number}}/stay",
        "own",
        "own.write",
        stays.stand,
        Words("自助停车", "One's own car stands in this bay"),
        body=own.StandsHere,
        reply=own.BayShown,
        errors=("not_found", *ASKED),
        idempotent=True,
    ),
)

BY_PLATE: Final = (
    Route(
        "GET",
        f"{API}/plates/{{plate}}/bills",
        "plates",
        PUBLIC,
        by_plate.bills,
        Words("按车牌查询账单", "What can be paid for a plate"),
        query=own.WhichBills,
        reply=own.MaskedBills,
        errors=ASKED,
    ),
    Route(
        "POST",
        f"{API}/plates/{{plate}}/payments",
        "plates",
        PUBLIC,
        by_plate.pay_without_account,
        Words("按车牌缴费", "Pay for a plate without signing in"),
        body=own.BillsPayment,
        reply=own.MaskedPayment,
        status=201,
        errors=("not_signed_in", *PAYING),
        idempotent=True,
    ),
    Route(
        "POST",
        f"{API}/own/plates/{{plate}}/payments",
        "own",
        "own.write",
        by_plate.pay_for_other,
        Words("停车代缴", "Pay for anybody's car"),
        body=own.BillsPayment,
        reply=own.MaskedPayment,
        status=201,
        errors=PAYING,
        idempotent=True,
    ),
)

MESSAGES: Final = (
    Route(
        "GET",
        f"{API}/messages",
        "messages",
        "self.read",
        messages.listed,
        Words("我的消息", "One's own messages"),
        query=told.WhichMessages,
        reply=told.Messages,
    ),
    Route(
        "PATCH",
        f"{API}/messages/{{id}}",
        "messages",
        "self.write",
        messages.opened,
        Words("打开消息", "Open a message"),
        body=told.Opening,
        reply=MessageRow,
        errors=("not_found",),
    ),
    Route(
        "POST",
        f"{API}/messages",
        "messages",
        "messages.write",
        messages.send,
        Words("发送消息", "Write to users"),
        body=told.NewMessage,
        reply=told.MessagesSent,
        status=201,
        errors=("not_found",),
        idempotent=True,
    ),
    Route(
        "GET",
        f"{API}/own/contact",
        "own",
        "own.read",
        messages.contact,
        Words("通知方式", "How one is reached"),
        reply=told.ContactShown,
    ),
    Route(
        "PUT",
        f"{API}/own/contact",
        "own",
        "own.write",
        messages.set_contact,
        Words("设置通知方式", "Say how one is reached"),
        body=told.ContactChange,
        reply=told.ContactShown,
    ),
    Route(
        "GET",
        f"{API}/notices",
        "messages",
        "messages.read",
        messages.notices,
        Words("通知记录", "Notices, newest first"),
        query=told.WhichNotices,
        reply=told.Notices,
    ),
    Route(
        "GET",
        f"{API}/notices/sandbox",
        "messages",
        "messages.read",
        messages.sandbox,
        Words("通知沙箱", "What the sandbox of the providers was given"),
        query=told.WhichSandbox,
        reply=told.SandboxShown,
    ),
)

STAFF: Final = (
    Route(
        "GET",
        f"{API}/accounts/{{account}}",
        "accounts",
        "accounts.read",
        account.anybodys,
        Words("车主账户", "Anybody's account"),
        reply=own.AccountShown,
        errors=ASKED,
    ),
    Route(
        "GET",
        f"{API}/accounts/{{account}}/records",
        "accounts",
        "accounts.read",
        account.anybodys_records,
        Words("车主钱包明细", "What anybody's wallet did"),
        query=own.WhichRecords,
        reply=own.Records,
    ),
    Route(
        "POST",
        f"{API}/accounts/{{account}}/refunds",
        "accounts",
        "refunds.write",
        account.refund,
        Words("充值退款", "Give a top-up back"),
        body=own.Refund,
        reply=own.AccountShown,
        errors=ASKED,
        idempotent=True,
    ),
    Route(
        "PUT",
        f"{API}/accounts/{{account}}/frozen/{{name}}",
        "accounts",
        "refunds.write",
        account.freeze,
        Words("冻结钱包金额", "Freeze a sum of a wallet, or free it"),
        body=own.Freezing,
        reply=own.AccountShown,
        errors=ASKED,
    ),
    Route(
        "GET",
        f"{API}/owner-rules",
        "accounts",
        "accounts.read",
        messages.rules,
        Words("车主规则", "What holds for owners' accounts"),
        reply=told.RulesShown,
    ),
    Route(
        "PUT",
        f"{API}/owner-rules",
        "accounts",
        "accounts.write",
        messages.set_rules,
        Words("设置车主规则", "Say what holds for owners' accounts"),
        body=told.RulesChange,
        reply=told.RulesShown,
        errors=("version_conflict",),
    ),
)

OWN: Final = (*ACCOUNT, *STAYS, *BY_PLATE, *MESSAGES, *STAFF)
