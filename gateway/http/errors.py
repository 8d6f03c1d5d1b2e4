"""Every reason for which HTTP says no: a stable code, its status and a sentence in both languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")


class Reason(NamedTuple):
    """One way to be refused; `code` is what programs read, the sentences are for people."""

    code: str
    status: int
    en: str
    zh: str


REASONS: Final = (
    Reason("invalid_query", 400, "A parameter is missing, unknown or not allowed.", "参数缺失、未知或不合法。"),
    Reason("invalid_body", 400, "The body is not what this route takes.", "请求内容不符合要求。"),
    Reason("invalid_key", 400, "Idempotency-Key is 1 to 64 letters, digits or . _ : -", "幂等键格式不正确。"),
    Reason("tariff_invalid", 400, "The tariff makes no sense: `details` says what and where.", "收费规则不成立。"),
    Reason("steering_invalid", 400, "The rule makes no sense: `details` says what and where.", "浮动规则不成立。"),
    Reason("stays_invalid", 400, "The file of stays cannot be read: `details` says where.", "停车记录文件无法读取。"),
    Reason("unknown_form", 400, "There is no such form: `details.forms` lists them.", "没有这种文件格式。"),
    Reason("file_invalid", 400, "The file cannot be read: `details` says why.", "文件无法读取。"),
    Reason("calendar_invalid", 400, "The calendar makes no sense: `details` says what and where.", "日历不成立。"),
    Reason("examples_invalid", 400, "This is no file of worked examples.", "这不是算例文件。"),
    Reason("not_priceable", 400, "The tariff has no answer to this: `details.code` says why.", "按该规则无法计价。"),
    Reason("unknown_source", 400, "There is no such source of holidays.", "没有该节假日来源。"),
    Reason("not_signed_in", 401, "Sign in first: no valid token came with this.", "请先登录。"),
    Reason("token_expired", 401, "The token has expired: refresh the session.", "登录已过期，请刷新。"),
    Reason("wrong_credentials", 401, "Name or password is wrong.", "用户名或密码错误。"),
    Reason("account_locked", 429, "Too many wrong passwords: wait, or ask for a new one.", "密码错误过多，请稍候。"),
    Reason("session_over", 401, "This session is over: sign in again.", "会话已结束，请重新登录。"),
    Reason("forbidden", 403, "Your role does not allow this.", "没有权限。"),
    Reason("code_unknown", 404, "This is no code of ours.", "二维码无效。"),
    Reason("no_such_route", 404, "There is nothing at this address.", "地址不存在。"),
    Reason("not_found", 404, "There is no such record.", "记录不存在。"),
    Reason("wrong_method", 405, "This address does not take that method.", "不支持该请求方法。"),
    Reason("too_slow", 408, "The body did not arrive in time.", "请求内容传输超时。"),
    Reason("bay_number_taken", 409, "Another bay of the city has this number.", "车位编号已存在。"),
    Reason("id_taken", 409, "Another record has this id.", "标识已存在。"),
    Reason("user_name_taken", 409, "Another user has this name.", "用户名已存在。"),
    Reason("key_used", 409, "This idempotency key was used for something else.", "幂等键已用于其他请求。"),
    Reason("online_elsewhere", 409, "Signed in on another device: `details` names it.", "该账号已在其他设备登录。"),
    Reason("section_taken", 409, "Somebody works on this section: `details` says who.", "该路段已有人签到。"),
    Reason("shift_open", 409, "Another shift is open.", "已有未签退的班次。"),
    Reason("no_shift", 409, "No shift is open.", "尚未签到。"),
    Reason("not_online", 409, "Sign in on this device first.", "请先在此设备登录。"),
    Reason("needs_confirmation", 409, "Ask once more, then send `details.confirm`.", "金额较大，请再次确认。"),
    Reason("nothing_owed", 409, "The plate owes nothing.", "该车没有欠费。"),
    Reason("special_off", 409, "This section takes no special vehicles by hand.", "该路段未开启手动特殊车辆。"),
    Reason("quota_used", 409, "No more stays may go free today: `details.by` says whose.", "今日免费放行额度已用完。"),
    Reason("unknown_reason", 409, "This reason is not in the dictionary.", "原因不在字典中。"),
    Reason("count_differs", 409, "The two counts differ.", "双方清点金额不一致。"),
    Reason("clock_ahead", 409, "The device's clock is ahead of ours.", "设备时间超前。"),
    Reason("another_stay", 409, "Another vehicle stands there now.", "泊位上已是另一车辆。"),
    Reason("earlier_refused", 409, "The operation that it is about led to no stay.", "其依赖的操作未成功。"),
    Reason("bay_full", 409, "There is no room for another vehicle in this bay.", "车位已满。"),
    Reason("which_vehicle", 409, "Several stand there: say the plate that left.", "车位内有多辆车，请指明车牌。"),
    Reason("reservation_active", 409, "One reservation at a time: `details` names yours.", "您已有进行中的预约。"),
    Reason("too_early", 409, "Nobody can reserve so long ahead.", "预约时间过早。"),
    Reason("wrong_times", 409, "It ends before it begins.", "时间不合法。"),
    Reason("not_active", 409, "The reservation is over.", "该预约已结束。"),
    Reason("not_movable", 409, "Another bay is given when a car has taken yours.", "仅在车位被占用时可改用其他车位。"),
    Reason("bay_taken", 409, "A car stands there.", "车位已被占用。"),
    Reason("bay_reserved", 409, "The bay is kept for somebody else.", "车位已被他人预约。"),
    Reason("outside_window", 409, "Its owner does not share the bay then.", "不在共享时段内。"),
    Reason("not_kept", 409, "This bay is neither reserved nor shared.", "该车位未被预约或共享。"),
    Reason("share_there", 409, "The bay is shared, or it was asked for.", "该车位已共享或正在申请。"),
    Reason("no_share", 409, "You do not share this bay now.", "您未共享该车位。"),
    Reason("nothing_asked", 409, "Nothing waits for a decision here.", "没有待审核的申请。"),
    Reason("bay_elsewhere", 409, "The bay lies in another lot than the device.", "车位与设备不在同一车场。"),
    Reason("device_elsewhere", 409, "The device stands in another lot than the lane.", "设备与车道不在同一车场。"),
    Reason("no_gates", 409, "There are no gates there.", "没有可控制的车道。"),
    Reason("unknown_picture", 409, "There is no such evidence: store the picture first.", "抓拍图片不存在。"),
    Reason("turned_away", 409, "The gate stays shut: `details.why` says why.", "暂不能通行。"),
    Reason("too_many_bays", 409, "A device may not watch so many: `details.most` is how many.", "绑定车位过多。"),
    Reason("one_bay_only", 409, "A device of this kind watches one bay.", "该类设备只能绑定一个车位。"),
    Reason("payout_differs", 409, "This payout is booked with other sums: `details`.", "该笔结算已按其他金额入账。"),
    Reason("settlement_differs", 409, "This settlement is booked with another sum: `details`.", "该笔结算金额不一致。"),
    Reason("settlement_too_large", 409, "Only `details.owed_fen` is owed to the merchant.", "超过应付商户金额。"),
    Reason("payout_too_large", 409, "The channel keeps only `details.transit_fen`.", "结算金额超过渠道在途资金。"),
    Reason("period_not_over", 409, "The days of this period are not over yet.", "会计期间尚未结束。"),
    Reason("period_closed", 409, "The period is closed already.", "会计期间已结账。"),
    Reason("period_open", 409, "The period is open.", "会计期间未结账。"),
    Reason("not_level", 409, "A table is being made again: ask when it has caught up.", "数据正在重建，请稍后再试。"),
    Reason("unknown_parent", 409, "What it belongs to is not registered.", "所属对象不存在。"),
    Reason("version_conflict", 409, "The record was changed since you read it.", "记录已被他人修改。"),
    Reason("effective_in_past", 409, "It can take effect from now on, not before.", "生效时间不能早于现在。"),
    Reason("tariff_not_in_force", 409, "The tariff has no version in force then.", "届时该收费规则没有生效版本。"),
    Reason("no_tariff", 409, "The lot has no tariff at that time.", "该车场此时没有收费规则。"),
    Reason("no_charger", 409, "The bay has no charger.", "该泊位没有充电桩。"),
    Reason(
        "not_withdrawable",
        409,
        "Only a version that is still to come, and has one before it, can be withdrawn.",
        "只有尚未生效、且有前一版本的版本才能撤回。",
    ),
    Reason("unfinished", 409, "Parts are missing: `details.offset` is where to go on.", "上传未完成。"),
    Reason("wrong_offset", 409, "The next part begins at `details.offset`.", "分片位置不正确。"),
    Reason("wrong_part", 409, "A part has the size that the upload says, the last what is left.", "分片大小不正确。"),
    Reason("wrong_hash", 409, "The parts do not add up to this hash: begin anew.", "校验值不符，请重新上传。"),
    Reason("no_merchant", 409, "We have no account for this channel.", "该渠道未配置商户。"),
    Reason("provider_refused", 409, "The provider refused: `details.provider` says why.", "支付渠道拒绝了请求。"),
    Reason("refused", 409, "The actor refused: `details.refused` says why.", "操作被拒绝。"),
    Reason(
        "retry_expired",
        409,
        "It was told again long ago, and whether it was taken is not known: look at the actor, then dismiss it.",
        "重发已久且结果不明：请查看对象后了结。",
    ),
    Reason("unreadable_message", 409, "This version cannot read the message.", "当前版本无法读取该消息。"),
    Reason("code_expired", 410, "The code has expired: look at the screen again.", "二维码已过期。"),
    Reason("too_large", 413, "The body is larger than allowed.", "请求内容过大。"),
    Reason("wrong_media", 415, "The file does not begin as one of its kind does.", "文件类型不符。"),
    Reason("not_raw", 415, "The body has to be bytes (application/octet-stream).", "请求内容必须是二进制数据。"),
    Reason("not_json", 415, "The body has to be JSON (application/json).", "请求内容必须是 JSON。"),
    Reason("no_such_range", 416, "It has no such bytes: `details.bytes` is how many.", "请求的范围不存在。"),
    Reason("too_many_uploads", 429, "Finish some of your uploads first.", "未完成的上传过多。"),
    Reason("too_many_requests", 429, "Too many requests: wait a little.", "请求过于频繁，请稍候。"),
    Reason("internal_error", 500, "Something broke here; the trace id tells us where.", "系统内部错误。"),
    Reason("not_reachable", 503, "A part of the system does not answer now.", "系统暂时不可用，请稍候。"),
    Reason(
        "provider_away", 503, "The provider does not answer: ask again, it stays one payment.", "支付渠道暂不可用。"
    ),
    Reason("busy", 503, "Too much is waiting: try again soon.", "系统繁忙，请稍候。"),
    Reason("outcome_unknown", 504, "No answer in time: it may or may not have happened.", "未及时得到结果。"),
)

BY_CODE: Final[dict[str, Reason]] = {reason.code: reason for reason in REASONS}


class Failure(msgspec.Struct, frozen=True):
    """The body of every refusal: a stable code, a sentence in English and in Chinese, what it is about, and the trace
    id to ask us by.
    """

    code: str
    message: str
    message_zh: str
    details: dict[str, str]
    trace_id: str


class Problem(Exception):
    """A refusal on its way to the caller; `message` and `zh` default to the reason's sentences."""

    def __init__(
        self,
        code: str,
        message: str = "",
        details: Mapping[str, str] | None = None,
        retry_after_s: int | None = None,
        zh: str = "",
    ) -> None:
        self.reason = BY_CODE[code]
        self.message_zh = zh or self.reason.zh
        self.message = message or self.reason.en
        self.details = dict(details or {})
        self.retry_after_s = retry_after_s
        super().__init__(f"{code}: {self.message}")


def found(row: T | None) -> T:
    """The row itself; raises `not_found` when there is none."""
    if row is None:
        raise Problem("not_found")
    return row
