"""WeChat's trade bill of a day: lines of text, each field behind a grave accent, amounts in yuan, a sum at the end."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from actors.values import SECOND_US
from gateway.outside.provider import BillLine, Untrusted
from gateway.outside.wechat.moments import CHINA

COLUMNS: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
SUMS: Final = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
BETWEEN: Final = ",`"
"""Between two fields of a line: a comma alone may stand in a name."""
EMPTY: Final = ("", "0")


def read_bill(text: str) -> list[BillLine]:
    """The lines of a bill; Untrusted if it is none, or has not as many lines as it says."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    try:
        names = lines[0].strip().split(",")
        end = next(n for n, line in enumerate(lines) if line.startswith(SUMS.split(",")[0]))
        told = int(_fields(lines[end + 1])[0])
        found = [_line(dict(zip(names, _fields(line), strict=True))) for line in lines[1:end]]
    except (IndexError, StopIteration, KeyError, ValueError, InvalidOperation) as error:
        raise Untrusted("unreadable", f"no trade bill: {error!r}") from error
    if told != len(found):
        raise Untrusted("unreadable", f"the bill says {told} lines and has {len(found)}")
    return found


def _fields(line: str) -> list[str]:
    return line.strip().removeprefix("`").split(BETWEEN)


def _line(row: dict[str, str]) -> BillLine:
    refund = "" if row["商户退款单号"] in EMPTY else row["商户退款单号"]
    moment = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    return BillLine(
        trade=row["商户订单号"],
        ref=row["微信退款单号"] if refund else row["微信订单号"],
        refund=refund,
        fen=fen_of(row["申请退款金额"] if refund else row["订单金额"]),
        fee_fen=fee_of(row["手续费"]),
        at_us=int(moment.timestamp()) * SECOND_US,
        state=row["退款状态"] if refund else row["交易状态"],
    )


def fen_of(yuan: str) -> int:
    """`12.30` yuan in fen; ValueError if that is no whole number of fen."""
    fen = Decimal(yuan) * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} yuan is no whole number of fen")
    return int(fen)


def fee_of(yuan: str) -> int:
    """A fee, which WeChat gives to a thousandth of a fen, rounded to the fen that is booked."""
    return int((Decimal(yuan) * 100).quantize(Decimal(1)))


def yuan_of(fen: int) -> str:
    """Fen as WeChat writes them in bills."""
    return f"{fen / 100:.2f}"
