"""What a document may not say: each refusal has its own code, and says where."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.tariffs import refusals
from actors.tariffs.calendar import read_calendar
from actors.tariffs.document import read_tariff, write_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.problems import Problem, TariffError

STAGE = {"unit_minutes": 60, "price_fen": 100}
TWO = [{**STAGE, "upto_minutes": 60}, STAGE]
OPEN = {"name": "a", "stages": [STAGE]}
DAY = {**OPEN, "name": "day", "hours": ["08:00-20:00"]}
NIGHT = {**OPEN, "name": "night", "hours": ["20:00-08:00"]}
XY = {**OPEN, "name": "xy", "classes": ["x", "y"]}
HOURLY = [f"{n:02}:00-{n:02}:30" for n in range(24)]
POOL = {"at_period_end": "pool", "stages_restart": "period"}

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("unknown_field", {"periods": [{**OPEN, "hors": []}]}),
    ("wrong_value", {"periods": [OPEN], "units": "begun"}),
    ("wrong_value", {"visit": {"price_fen": -1}}),
    ("no_prices", {}),
    ("no_name", {"name": {}, "periods": [OPEN]}),
    ("unknown_zone", {"periods": [OPEN], "zone": "Asia/Peking"}),
    ("unknown_zone", {"periods": [OPEN], "zone": "../secrets"}),
    ("name_twice", {"periods": [OPEN, OPEN]}),
    ("unknown_day", {"periods": [{**OPEN, "days": ["workng"]}]}),
    ("week_of_weekends", {"periods": [OPEN], "weekend": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}),
    ("no_hours", {"periods": [{**OPEN, "hours": []}]}),
    ("hours_overlap", {"periods": [{**OPEN, "hours": ["08:00-12:00", "11:00-13:00"]}]}),
    ("hours_overlap", {"periods": [{**OPEN, "hours": ["20:00-09:00", "08:00-10:00"]}]}),
    ("no_such_time", {"periods": [{**OPEN, "hours": ["08:00-25:00"]}]}),
    ("too_many_windows", {"periods": [{**OPEN, "name": f"p{n}", "hours": HOURLY} for n in range(9)]}),
    ("wrong_value", {"periods": [{**OPEN, "hours": [*HOURLY, "23:30-23:40"]}]}),
    ("no_such_time", {"periods": [OPEN], "caps": [{"window": "day", "at": "24:00", "amount_fen": 1}]}),
    ("flat_and_stages", {"periods": [{**OPEN, "flat_fen": 1}]}),
    ("no_stages", {"periods": [{"name": "a"}]}),
    ("ladder_ends", {"periods": [{**OPEN, "stages": [{**STAGE, "upto_minutes": 60}]}]}),
    ("stage_behind_open", {"periods": [{**OPEN, "stages": [STAGE, STAGE]}]}),
    ("stages_out_of_order", {"periods": [{**OPEN, "stages": [{**STAGE, "upto_minutes": 90}, *TWO]}]}),
    ("no_unit", {"periods": [{**OPEN, "stages": [{**STAGE, "unit_minutes": 0}]}]}),
    ("below_a_second", {"periods": [{**OPEN, "stages": [{**STAGE, "unit_minutes": 0.01}]}]}),
    ("unknown_class", {"classes": ["small"], "periods": [{**OPEN, "classes": ["smal"]}]}),
    ("cap_twice", {"periods": [OPEN], "caps": [{"window": "visit", "amount_fen": n} for n in (1, 2)]}),
    ("cycle_unclear", {"periods": [OPEN], "stages_restart": "cycle"}),
    ("least_part_unused", {"periods": [OPEN], "units": "exact", "least_part_minutes": 5}),
    ("least_part_too_long", {"periods": [OPEN], "least_part_minutes": 61}),
    ("elapsed_unclear", {"periods": [OPEN], "stage_clock": "elapsed", "stages_restart": "period"}),
    ("elapsed_counts", {"periods": [{**OPEN, "counts": False}], "stage_clock": "elapsed"}),
    ("deduct_charged", {"periods": [OPEN], "free": [{"minutes": 5, "mode": "deduct", "measure": "charged"}]}),
    ("gaps_unclear", {"periods": [OPEN, {"name": "b", "stages": TWO}], "gaps": "count"}),
    ("never_in_force", {"periods": [OPEN, {**OPEN, "name": "b", "hours": ["20:00-08:00"]}]}),
    ("never_in_force", {"periods": [{**OPEN, "classes": ["x", "y"]}, {**OPEN, "name": "b", "classes": ["y"]}]}),
    ("never_granted", {"periods": [OPEN], "free": [{"minutes": 15}, {"minutes": 30, "classes": ["small"]}]}),
    ("never_in_force", {"periods": [{**OPEN, "hours": ["00:00-00:00"]}, {**OPEN, "name": "b"}]}),
    ("never_in_force", {"periods": [DAY, NIGHT, {**OPEN, "name": "b"}]}),
    ("never_in_force", {"periods": [NIGHT, {**OPEN, "name": "b", "hours": ["00:00-07:00"]}]}),
    ("never_in_force", {"periods": [{**OPEN, "days": ["sat", "sun"]}, {**OPEN, "name": "b", "days": ["holiday"]}]}),
    ("never_in_force", {"periods": [DAY, {**DAY, "name": "b"}]}),
    ("never_in_force", {"periods": [OPEN, {**OPEN, "name": "b", "days": ["event:fair"]}]}),
    ("never_in_force", {"periods": [{**OPEN, "classes": ["x"]}, {**OPEN, "classes": ["y"], "name": "b"}, XY]}),
    (
        "never_granted",
        {"periods": [OPEN], "free": [{"minutes": 5, "days": [d]} for d in ("working", "rest", "sat")]},
    ),
    ("no_price_for_class", {"classes": ["small", "large"], "visit": {"price_fen": {"small": 500}}}),
    (
        "no_price_for_class",
        {"classes": ["a", "b"], "visit": {"price_fen": 5, "turns": {"at": "05:00", "price_fen": {"a": 1}}}},
    ),
    ("no_price_for_class", {"classes": ["small", "large"], "periods": [{"name": "a", "flat_fen": {"small": 500}}]}),
    ("least_above_cap", {"periods": [OPEN], "least_fen": 500, "caps": [{"window": "visit", "amount_fen": 300}]}),
    ("pool_stages", {"periods": [OPEN], "at_period_end": "pool"}),
    ("pool_cap", {"periods": [OPEN], **POOL, "caps": [{"window": "day", "amount_fen": 1}]}),
    ("pool_cap", {"periods": [{**OPEN, "cap_fen": 1}], **POOL}),
    ("pool_flat", {"periods": [{"name": "a", "flat_fen": 1}], **POOL}),
    ("pool_counts", {"periods": [{**OPEN, "counts": False}], **POOL}),
    ("pool_arrival", {"periods": [{**OPEN, "stages": [{**TWO[0], "arrival": "occurrence"}, STAGE]}], **POOL}),
    ("pool_change", {"periods": [OPEN], **POOL, "on_change": "cut"}),
    ("pool_charging", {"periods": [OPEN], **POOL, "charging": {"charging": "a", "idle": "b"}}),
    ("pool_gaps", {"periods": [OPEN], **POOL, "gaps": "count"}),
]


@pytest.mark.parametrize(("code", "given"), REFUSED)
def test_nonsense_is_refused_with_its_reason(code: str, given: dict[str, Any]) -> None:
    with pytest.raises(TariffError) as refused:
        Plan(read_tariff({"name": {"en": "x"}, **given}))
    assert code in [problem.code for problem in refused.value.problems]
    assert all(problem.sentence for problem in refused.value.problems)


SENSIBLE: list[dict[str, Any]] = [
    {"periods": [{**OPEN, "days": ["holiday"]}, {**NIGHT, "days": ["holiday"]}, DAY]},
    {"periods": [DAY, {**OPEN, "name": "b", "hours": ["07:00-08:01"]}]},
    {"periods": [{**NIGHT, "days": ["fri"]}, {**OPEN, "name": "b", "days": ["sat"], "hours": ["00:00-08:00"]}]},
    {"periods": [{**OPEN, "days": ["event:fair"]}, {**OPEN, "name": "b", "days": ["event:match"]}]},
    {"periods": [OPEN], "free": [{"minutes": 5, "days": ["working"]}, {"minutes": 9, "days": ["event:fair", "rest"]}]},
    {"periods": [{**OPEN, "days": ["holiday"]}, {**OPEN, "name": "b", "hours": ["20:00-08:00"]}]},
    {"periods": [{**OPEN, "classes": ["x"]}, {**OPEN, "name": "b"}]},
    {"periods": [OPEN], "free": [{"minutes": 30, "classes": ["ev"]}, {"minutes": 15}]},
    {"periods": [OPEN], "least_fen": 300, "caps": [{"window": "visit", "amount_fen": 300}]},
    {
        "classes": ["a", "b"],
        "periods": [{**OPEN, "classes": ["a"], "flat_fen": {"a": 1}, "stages": []}, {**OPEN, "name": "b"}],
    },
]


@pytest.mark.parametrize("given", SENSIBLE)
def test_what_only_looks_like_nonsense_is_taken(given: dict[str, Any]) -> None:
    Plan(read_tariff({"name": {"en": "x"}, **given}))


def test_every_refusal_has_a_sentence_in_chinese() -> None:
    codes = {code for code, _ in REFUSED} | {code for code, _ in written()}
    assert not codes - refusals.ZH.keys()


def test_what_a_sentence_in_chinese_puts_in_is_quoted_in_the_english_one() -> None:
    lacking = []
    for code, sentence in written():
        wanted = {n for n in range(3) if f"{{{n}}}" in refusals.ZH[code]}
        if sentence and len(wanted) > sentence.count("`") // 2:
            lacking.append((code, sentence))
    assert not lacking


def written() -> list[tuple[str, str]]:
    """Each problem that the source names: its code, and its sentence where that is written beside it."""
    here = Path(refusals.__file__).parent
    gateway = here.parent.parent / "gateway"
    found = []
    doors = (gateway / "tariff_forms.py", gateway / "http" / "pricing_files.py")
    for file in (*here.rglob("*.py"), *doors, *(gateway / "command").glob("tariff_*.py")):
        names = ("Senseless",) if file.parent.name == "http" else ("Problem", "refuse")
        tree = ast.parse(file.read_text())
        assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in names and isinstance(node.args[0], ast.Constant):
                sentence = node.args[2] if len(node.args) > 2 else None
                if isinstance(sentence, ast.Name):
                    sentence = next(
                        (
                            one.value
                            for one in reversed(assigned)
                            if one.lineno < node.lineno and _sets(one, sentence.id)
                        ),
                        None,
                    )
                told = sentence if isinstance(sentence, ast.Constant | ast.JoinedStr) else None
                found.append((str(node.args[0].value), ast.unparse(told) if told else ""))
    return found


def _sets(assigned: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in assigned.targets)


UNKNOWN_DAY = (
    "`workng` is no day that a calendar knows; did you mean `working`?",
    "`workng` 不是日历认识的日子；是否应为 `working`？",
)
WORDED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"factors": {"a": "1", "b": 1.5}}, "factors.b", "text is needed here, not a number", "这里需要文字，不是数字"),
    ({"currency": "yuan"}, "currency", "write three capital letters, such as CNY", "请写成三个大写字母，如 CNY"),
    ({"periods": 5}, "periods", "a list is needed here, not a whole number", "这里需要列表，不是整数"),
    ({"visit": {"price_fen": -1}}, "visit.price_fen", "it must be at least `0`", "值至少为 `0`"),
    (
        {"periods": [{"name": "a", "hours": ["8"]}]},
        "periods[0].hours[0]",
        "write a window such as 08:00-20:00",
        "请写成时间窗，如 08:00-20:00",
    ),
    ({"periods": [{}]}, "periods[0]", "the field `name` is missing", "缺少字段 `name`"),
    ({"units": "begun"}, "units", "`begun` is none of the words that are known here", "`begun` 不是这里认识的词"),
    (
        {"least_part_minutes": [5]},
        "least_part_minutes",
        "a number is needed here, not a list",
        "这里需要数字，不是列表",
    ),
    ({"least_part_minutes": 1e9}, "least_part_minutes", "it must be at most `5256000`", "值至多为 `5256000`"),
    ({"periods": [{**OPEN, "days": ["workng"]}]}, "periods[0].days", UNKNOWN_DAY[0], UNKNOWN_DAY[1]),
    (
        {"periods": [OPEN], "caps": [{"window": "day", "at": "24:00", "amount_fen": 1}]},
        "caps[0].at",
        "`24:00` is where a day ends: write midnight as 00:00",
        "`24:00` 不是一天中的时刻；零点写作 00:00",
    ),
    ({"periods": [OPEN], "zone": "Mars/X"}, "zone", "there is no time zone `Mars/X`", "没有时区 `Mars/X`"),
    (
        {"periods": [OPEN, OPEN]},
        "periods[1].name",
        "there are two periods `a`; lines could not be told",
        "有两个时段都叫 `a`，账单上分不清",
    ),
]


@pytest.mark.parametrize(("given", "where", "en", "zh"), WORDED)
def test_a_refusal_is_a_sentence_for_clerks_in_both_languages(
    given: dict[str, Any], where: str, en: str, zh: str
) -> None:
    with pytest.raises(TariffError) as refused:
        Plan(read_tariff({"name": {"en": "x"}, **given}))
    found = {(one.where, one.said("en"), one.said("zh")) for one in refused.value.problems}
    assert (where, en, zh) in found


def test_whatever_stands_in_the_place_of_a_value_nobody_reads_of_types_and_patterns() -> None:
    """No word of the reader's own, in either language, and no path without its key."""
    calendar = {"years": [2026], "days": {"2026-03-06": "makeup"}, "events": [{"name": "x", "dates": ["2026-03-07"]}]}
    documents = [(read_tariff, json.loads(write_tariff(preset))) for preset in PRESETS.values()]
    told = {problem for read, whole in (*documents, (read_calendar, calendar)) for problem in _broken(read, whole)}
    assert len(told) > 300
    for problem in told:
        assert "[...]" not in problem.where
        assert not re.search(r"Expected|Invalid|regex|`(int|str|float|array|object|null|bool)`", problem.said("en"))
        assert re.search("[一-鿿]", problem.said("zh"))
        assert not re.search("[a-z]+ [a-z]+ [a-z]+", problem.said("zh"))


def _broken(read: Callable[[Any], Any], whole: Any) -> Iterator[Problem]:
    for path in _paths(whole):
        for other in (None, True, -1, 1.5, 10**20, "", "x", [], {"a": {}}, [[]], {"x": -1}):
            try:
                read(_with(whole, path, other))
            except TariffError as error:
                yield from error.problems


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _paths(one, (*path, key))


def _with(whole: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    made = whole.copy()
    made[path[0]] = _with(whole[path[0]], path[1:], other)
    return made


def test_what_is_no_json_is_said_in_both_languages() -> None:
    for text in (b"{", b"\xff\xfe", b'{"least_fen": 1e400}', b"nul"):
        with pytest.raises(TariffError) as refused:
            read_tariff(text)
        assert refused.value.problems[0].said("zh") in ("这不是 JSON", "数字太大")


def test_an_unknown_field_names_the_nearest_known_one() -> None:
    with pytest.raises(TariffError, match=r"periods\[0\]\.unit_minute.*did you mean `unit_minutes`"):
        read_tariff({"name": {"en": "x"}, "periods": [{**OPEN, "unit_minute": 3}]})


def test_a_class_without_a_price_is_never_free() -> None:
    plan = Plan(read_tariff({"name": {"en": "x"}, "visit": {"price_fen": {"small": 500}}}))
    with pytest.raises(TariffError) as refused:
        plan.lane("large")
    assert refused.value.code == "no_price_for_class"


def test_a_calendar_with_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(TariffError) as refused:
        read_calendar({"days": {"2026-02-30": "makeup"}})
    assert refused.value.code == "no_such_date"
