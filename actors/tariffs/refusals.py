"""What is wrong with a tariff, said in Chinese: by code, with what the English sentence has in backquotes put in."""

import re
from collections.abc import Mapping

ZH: Mapping[str, str] = {
    "below_a_second": "时长须为整秒",
    "cap_twice": "同一周期有两个封顶，不知以哪个为准",
    "classes_and": "一辆车须同时属于几类，这里无法表达",
    "column_missing": "表中缺少需要的列",
    "coupon_twice": "同一张券只能用一次",
    "cycle_unclear": "阶段随封顶周期重新开始，但没有或不止一个有周期的封顶",
    "deduct_charged": "扣减的免费时长从入场算起；请写成价格为 0 的一个阶段",
    "elapsed_counts": "按实际时长算阶段时，每个时段都须计入",
    "elapsed_unclear": "实际时长只能从入场或封顶周期开始算",
    "fare_days": "费率没有说全各类日子",
    "fare_form": "`{0}` 不是按小时的费率",
    "flat_and_stages": "一口价不能再有阶段",
    "flat_limited": "只在部分时间收的一口价无法表达",
    "gaps_unclear": "非收费时段要占用计时单位，各时段的阶段须完全相同",
    "hours_overlap": "同一时段的几个时间窗互相重叠（包括跨到次日）",
    "key_absent": "缺少这种格式须有的 `{0}`",
    "key_missing": "`{0}` 类规则需要 `{1}`",
    "key_unused": "`{0}` 在这类规则里没有意义",
    "ladder_ends": "最后一个阶段须不设上限，且对所有停车有效：不要写 upto_minutes",
    "least_above_cap": "最低收费高于单次封顶",
    "least_part_too_long": "计时单位比最短计费时长还短，永远不会收费",
    "least_part_unused": "这种计法没有不足一个单位的部分可判断",
    "name_twice": "有两个时段都叫 `{0}`，账单上分不清",
    "never_granted": "前面的免费时长已经给了所有这些车，这一条永远用不上",
    "never_in_force": "排在前面的 `{0}` 始终有效，这个时段永远轮不到",
    "no_amount": "`{0}` 不是整分的金额",
    "no_column": "缺少列 `{0}`",
    "no_hours": "时段没有时间窗，永远不会生效",
    "no_json": "这不是 JSON 文件",
    "no_name": "收费规则须有名称",
    "no_price_for_class": "车型 `{0}` 没有价格",
    "no_prices": "没有任何价格；免费的规则请写按次 0 元",
    "no_stages": "时段须有阶段或一口价",
    "no_step": "幅度为零，价格永远不变",
    "no_such_date": "`{0}` 不是日期",
    "no_such_stage": "没有这个阶段",
    "no_such_instant": "`{0}` 不是时间；请写成 2026-03-06T09:30:00，可带时区",
    "no_such_time": "`{0}` 不是一天中的时刻；零点写作 00:00",
    "no_tariff_yet": "入场时还没有生效的版本",
    "not_utf8": "不是 UTF-8 编码的文字",
    "no_unit": "计时单位须有长度",
    "nothing_found": "其中没有 `{0}` 格式应有的内容",
    "nothing_expected": "算例没有写出金额",
    "offset_missing": "入场和离场时间要么都带时区，要么都不带",
    "past_last_tier": "停得比阶梯说明的还久，没有价格",
    "pool_arrival": "合并时长没有单独的一次时段",
    "pool_cap": "合并时长跨越多日，只能用单次封顶",
    "pool_change": "合并时长不能中途换价",
    "pool_charging": "合并时长不能中途换车型",
    "pool_counts": "合并时长各算各的时间",
    "pool_elapsed": "合并时长各算各的时间",
    "pool_flat": "一口价不能合并时长",
    "pool_gaps": "合并时长没有间隔",
    "pool_stages": "合并时长的阶段须按各时段分别累计",
    "prices_missing": "各列没有说明首段或后续的价格",
    "rate_above_one": "折扣券留下应付的比例，最多为 1",
    "rate_form": "每笔费用都须写明时长，其余看不懂",
    "rate_unit": "按 `{0}` 计的费率不是停车价格",
    "rate_unit_period": "按日历单位计的价格无法表达",
    "restriction": "`{0}` 无法表达",
    "rules_differ": "几条规则的计费单位或最长停车不同",
    "several_rates": "几种时间的费率没有用时间窗分开",
    "several_times": "一个单元里同时有 TIME 和 PARKING_TIME，分不清充电与占位",
    "span_form": "这种时间范围无法表达",
    "stage_behind_open": "排在不设上限的阶段之后，永远到不了",
    "stages_out_of_order": "每个阶段须比前一个结束得晚",
    "steering_crossed": "低位须低于高位，下限须低于上限",
    "time_out_of_range": "停车时间须在 1970 年至 2200 年之间",
    "too_many_stays": "一次的停车记录最多 `{0}` 条",
    "too_many_windows": "时间窗太多，没有人看得清",
    "two_currencies": "币种 `{0}` 与 `{1}` 无法比较",
    "units_mixed": "有的部分有计费单位，有的没有",
    "unknown_class": "没有车型 `{0}`",
    "unknown_day": "`{0}` 不是日历认识的日子",
    "unknown_field": "没有字段 `{0}`",
    "unreadable": "无法读取：`{0}`",
    "unknown_zone": "没有时区 `{0}`",
    "week_of_weekends": "一周须有工作日",
    "wrong_form": "内容不是这种格式",
    "wrong_value": "这里的值不对",
    "zone_missing": "两个时间的时区不同，规则须写明 `tz`",
}
"""Code → sentence; a code without one is a mistake that a test finds."""

NAMES: Mapping[str, tuple[str, str]] = {
    "int": ("a whole number", "整数"),
    "float": ("a number", "数字"),
    "str": ("text", "文字"),
    "bool": ("true or false", "true 或 false"),
    "array": ("a list", "列表"),
    "object": ("an object", "对象"),
    "null": ("nothing", "空值"),
}
"""What the reader of JSON calls a kind of value, and what people call it."""

SHAPES: Mapping[str, tuple[str, str]] = {
    "currency": ("three capital letters, such as CNY", "三个大写字母，如 CNY"),
    "hours": ("a window such as 08:00-20:00", "时间窗，如 08:00-20:00"),
    "at": ("a time of day such as 05:00", "时刻，如 05:00"),
    "days": ("a date such as 2026-10-01", "日期，如 2026-10-01"),
    "dates": ("a date such as 2026-10-01", "日期，如 2026-10-01"),
    "factors": ('a decimal in quotes, such as "1.5"', '带引号的小数，如 "1.5"'),
    "rate": ('a decimal in quotes, such as "0.8"', '带引号的小数，如 "0.8"'),
    "factor": ('a decimal in quotes, such as "1.5"', '带引号的小数，如 "1.5"'),
}
"""The last name of a path → how its text is written."""

_EXPECTED = re.compile(r"Expected `([^`]*)`(?:, got `([^`]*)`)?(.*)", re.DOTALL)
_BOUND = re.compile(r" (of length )?(>=|<=|<|>) (\S+)")


def value_words(found: str, where: str) -> tuple[str, str]:
    """What the reader of JSON found wrong with a value, as people say it: in English, in Chinese."""
    if found.startswith("Object missing required field"):
        name = found.split("`")[1]
        return f"the field `{name}` is missing", f"缺少字段 `{name}`"
    if found.startswith("Invalid enum value"):
        value = found.removeprefix("Invalid enum value ").strip("'")
        return f"`{value}` is none of the words that are known here", f"`{value}` 不是这里认识的词"
    if found.startswith(("JSON is malformed", "Input data was truncated")):
        return f"this is no JSON: {found.removeprefix('JSON is malformed: ')}", "这不是 JSON"
    wanted = _EXPECTED.match(found)
    if not wanted:
        return ("this number is too large", "数字太大") if "out of range" in found else (found, ZH["wrong_value"])
    kinds, got, rest = wanted.groups()
    words = [word for kind in kinds.split("|") if (word := kind.strip()) != "int" or "float" not in kinds]
    needed = [NAMES.get(word, (word, word)) for word in words]
    if got:
        had = NAMES.get(got, (got, got))
        return f"{_either(needed, 0)} is needed here, not {had[0]}", f"这里需要{_either(needed, 1)}，不是{had[1]}"
    if bound := _BOUND.match(rest):
        length, sign, number = bound.groups()
        least, number = sign.startswith(">"), f"{float(number):.15g}"
        en = f"{'its length' if length else 'it'} must be {'at least' if least else 'at most'} `{number}`"
        return en, f"{'长度' if length else '值'}{'至少' if least else '至多'}为 `{number}`"
    shape = SHAPES.get(re.split(r"[.\[]", re.sub(r"\[[^\]]*\]$", "", where))[-1])
    return (shape and (f"write {shape[0]}", f"请写成{shape[1]}")) or ("it is not written as it must be", "写法不对")


def _either(names: list[tuple[str, str]], language: int) -> str:
    return (" or ", "或")[language].join(name[language] for name in names)


def in_chinese(code: str, sentence: str) -> str:
    """A refusal in Chinese; what its sentence has in backquotes is put in, in the same order."""
    said, _, near = sentence.partition("; did you mean ")
    quoted = [*re.findall(r"`([^`]*)`", said), "", ""]
    return (ZH[code].format(*quoted) if code in ZH else said) + (f"；是否应为 {near.rstrip('?')}？" if near else "")
