"""The words of notices in Chinese and English, and by which channels each goes if its owner chose none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from actors.values import SECOND_US

APP, WECHAT, SMS = "app", "wechat", "sms"
CHANNELS: Final = (APP, WECHAT, SMS)


class Template(NamedTuple):
    """A kind of notice: its channels, its title and its sentence in both languages. In a sentence `…_fen` stands as
    yuan, `…_us` as local time; `lot` is the lot's name.
    """

    channels: tuple[str, ...]
    title_zh: str
    title_en: str
    zh: str
    en: str


TEMPLATES: Final[dict[str, Template]] = {
    "entry": Template(
        (APP, WECHAT),
        "入场通知",
        "Arrived",
        "{plate} 于 {entry_us} 停入{lot} {bay}，开始计时。",
        "{plate} parked in {lot} {bay} at {entry_us}.",
    ),
    "exit": Template(
        (APP, WECHAT),
        "离场通知",
        "Left",
        "{plate} 于 {exit_us} 驶离{lot} {bay}，停车费 {charge_fen} 元，待付 {due_fen} 元。",
        "{plate} left {lot} {bay} at {exit_us}: {charge_fen} yuan, {due_fen} yuan to pay.",
    ),
    "paid": Template(
        (APP, WECHAT),
        "扣费通知",
        "Paid",
        "停车订单 {session}（{plate}，{lot}）已支付 {fen} 元。",
        "{fen} yuan were paid for the stay {session} ({plate}, {lot}).",
    ),
    "returned": Template(
        (APP, WECHAT),
        "退款通知",
        "Refunded",
        "退回钱包 {fen} 元，余额 {balance_fen} 元。",
        "{fen} yuan came back to your wallet; it has {balance_fen} yuan.",
    ),
    "topped_up": Template(
        (APP, WECHAT),
        "充值通知",
        "Topped up",
        "充值 {fen} 元成功，余额 {balance_fen} 元。",
        "{fen} yuan were paid in; the wallet has {balance_fen} yuan.",
    ),
    "arrears": Template(
        (APP, WECHAT, SMS),
        "欠费提醒",
        "Unpaid stay",
        "{plate} 在{lot}的停车费 {fen} 元尚未支付（第 {n} 次提醒），请尽快补缴。",
        "{fen} yuan for {plate} in {lot} are still unpaid (reminder {n}). Please pay soon.",
    ),
    "pass_ends": Template(
        (APP, WECHAT, SMS),
        "包月到期提醒",
        "Your pass ends soon",
        "{plates} 的包月将于 {until_us} 到期，请及时续费。",
        "The pass of {plates} ends at {until_us}. Renew it in time.",
    ),
    "plate_bound": Template((APP,), "车牌已绑定", "Plate added", "{plate} 已绑定到您的账户。", "{plate} is yours now."),
    "plate_audit": Template(
        (APP,),
        "车牌待审核",
        "Plate to be checked",
        "{plate} 已被其他账户绑定，您的申请正在审核。",
        "{plate} belongs to another account; your claim is being looked at.",
    ),
    "plate_refused": Template(
        (APP, WECHAT),
        "车牌审核未通过",
        "Plate refused",
        "{plate} 的绑定申请未通过：{reason}",
        "Your claim on {plate} was refused: {reason}",
    ),
    "plate_released": Template(
        (APP, WECHAT), "车牌已解绑", "Plate removed", "{plate} 已从您的账户解绑。", "{plate} is no longer yours."
    ),
    "locked_car": Template(
        (APP, WECHAT, SMS),
        "锁车提醒",
        "Your locked car",
        "您已锁定的 {plate} 于 {at_us} 试图驶离{lot}。",
        "{plate}, which you have locked, tried to leave {lot} at {at_us}.",
    ),
    "reservation_held": Template(
        (APP, WECHAT),
        "车位预约成功",
        "Your bay is reserved",
        "{lot} {bay} 已为 {plate} 保留，请于 {until_us} 前到达。",
        "{lot} {bay} is kept for {plate} until {until_us}.",
    ),
    "reservation_refused": Template(
        (APP, WECHAT), "车位预约失败", "Not reserved", "{lot} {bay} 无法预约。", "{lot} {bay} cannot be reserved."
    ),
    "reservation_wrong_car": Template(
        (APP, WECHAT, SMS),
        "预约车位被占",
        "Another car took your bay",
        "您预约的{lot} {bay} 已被其他车辆占用，可在预约中改用附近空位。",
        "Another car stands in {lot} {bay}. A free bay nearby is offered with your reservation.",
    ),
    "reservation_expired": Template(
        (APP, WECHAT, SMS),
        "车位预约已过期",
        "Your reservation ran out",
        "{lot} {bay} 的预约已于 {until_us} 过期，车位不再保留。",
        "{lot} {bay} was kept for you until {until_us} and is free for others now.",
    ),
    "share_agreed": Template(
        (APP, WECHAT),
        "共享车位审核通过",
        "Your request was granted",
        "您对{lot} {bay} 共享的申请已通过。",
        "What you asked for about sharing {lot} {bay} was granted.",
    ),
    "share_refused": Template(
        (APP, WECHAT),
        "共享车位审核未通过",
        "Your request was refused",
        "您对{lot} {bay} 共享的申请未通过：{reason}",
        "What you asked for about sharing {lot} {bay} was refused: {reason}",
    ),
    "coupon": Template(
        (APP,),
        "优惠券到账",
        "A coupon for you",
        "您有一张新优惠券，{until_us} 前有效。",
        "A new coupon, good until {until_us}.",
    ),
}


def rendered(template: str, language: str, words: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str]:
    """The title and the sentence in this language (`zh` or `en`)."""
    known = TEMPLATES[template]
    told = {name: _told(name, value, zone) for name, value in words.items()}
    if language == "en":
        return known.title_en, known.en.format(**told)
    return known.title_zh, known.zh.format(**told)


def _told(name: str, value: Any, zone: ZoneInfo) -> str:
    if name.endswith("_fen") or name == "fen":
        sign, fen = ("-" if value < 0 else ""), abs(value)
        return f"{sign}{fen // 100}.{fen % 100:02}"
    if name.endswith("_us"):
        return datetime.fromtimestamp(value / SECOND_US, zone).strftime("%Y-%m-%d %H:%M")
    return str(value)
