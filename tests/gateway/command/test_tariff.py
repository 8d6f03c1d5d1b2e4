"""The tariff commands, as somebody types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.command.typed import typed

RULE = {"periods": [{"name": "all", "start": "00:00", "end": "24:00", "tiers": [{"unit": 60, "price": 300}]}]}


def said(*words: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status and the JSON lines of a command."""
    result = typed(["tariff", *words, "--json"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def neutral(folder: Path, rule: dict[str, Any], expected: int) -> str:
    example = {
        "entry": "2026-03-06T09:00:00",
        "exit": "2026-03-06T11:00:00",
        "vehicle": "small",
        "expected_cents": expected,
    }
    file = folder / "tariffs.json"
    file.write_text(json.dumps({"tariffs": [{"id": "one", "currency": "CNY", "rule": rule, "examples": [example]}]}))
    return str(file)


def test_check_is_silent_about_what_is_right_and_shows_what_differs(tmp_path: Path) -> None:
    status, lines = said("check", neutral(tmp_path, RULE, 600))
    assert (status, lines) == (0, [{"kind": "checked", "right": 1, "wrong": 0, "unread": 0}])
    status, lines = said("check", neutral(tmp_path, RULE, 601))
    assert (status, lines[0]["expected"], lines[0]["got"]) == (1, 601, 600)
    assert "¥6.00" in lines[0]["lines"][-1]
    shown = typed(["tariff", "check", neutral(tmp_path, RULE, 601)])
    assert "2 × 1 h at ¥3.00" in shown.stdout


def test_check_names_what_it_cannot_say(tmp_path: Path) -> None:
    status, lines = said("check", neutral(tmp_path, {**RULE, "boundry": 1}, 600))
    assert (status, lines[0]["code"], lines[0]["where"]) == (1, "unknown_field", "boundry")
    status, lines = said("check", str(tmp_path / "none.json"))
    assert (status, lines[0]["code"], lines[-1]["unread"]) == (1, "unreadable", 1)


def test_check_points_at_the_key_that_is_wrong_in_the_file(tmp_path: Path) -> None:
    tiers = [{"unit": 0, "price": 300}]
    _, lines = said("check", neutral(tmp_path, {"periods": [{**RULE["periods"][0], "tiers": tiers}]}, 600))
    assert (lines[0]["code"], lines[0]["where"]) == ("no_unit", "periods[0].tiers[0].unit")


def test_one_file_that_cannot_be_read_is_named_and_stops_no_other(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    status, lines = said("check", str(broken), str(tmp_path / "none.json"), neutral(tmp_path, RULE, 600))
    assert [line["tariff"] for line in lines[:-1]] == [str(broken), str(tmp_path / "none.json")]
    assert (status, lines[-1]) == (1, {"kind": "checked", "right": 1, "wrong": 0, "unread": 2})


def test_a_file_may_begin_with_the_mark_of_a_windows_editor(tmp_path: Path) -> None:
    file = Path(neutral(tmp_path, RULE, 600))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert said("check", str(file))[0] == 0


def test_what_holds_nothing_to_import_says_so(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    result = typed(["tariff", "import", "ocpi", str(file)])
    assert result.exit_code == 2
    assert f"{file}: it holds nothing that the form `ocpi` has [nothing_found]" in result.output
    file.write_bytes(b"\xff\xfe")
    assert "not_utf8" in typed(["tariff", "import", "ocpi", str(file)]).output


def test_words_are_in_the_language_of_the_machine_unless_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stay = ("quote", "day-night", "2026-03-06T09:00:00", "2026-03-06T10:00:00")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    for machine, first in (("zh_CN.UTF-8", "合计 ¥5.00"), ("de_DE.UTF-8", "Charge ¥5.00"), ("", "Charge ¥5.00")):
        monkeypatch.setenv("LANG", machine)
        assert said(*stay)[1][0]["words"][1] == first
    assert said(*stay, "--language", "zh")[1][0]["words"][1] == "合计 ¥5.00"
    assert said(*stay, "--language", "fr")[0] == 2


def test_refusals_and_tables_are_in_the_language_of_the_words(tmp_path: Path) -> None:
    broken, stays = tmp_path / "mine.json", tmp_path / "stays.csv"
    broken.write_text('{"name": {"en": "x"}, "zone": "Mars/X", "periods": [{"name": "a", "flat_fen": 5}]}')
    stays.write_text("entry,exit\n2026-03-06T09:00:00,soon\n")

    def spoken(*words: str) -> str:
        return " ".join(typed(["tariff", *words, "--language", "zh"]).output.split())

    quoted = ("2026-03-06T09:00:00", "2026-03-06T10:00:00")
    assert f"{broken}: zone: 没有时区 `Mars/X` [unknown_zone]" in spoken("quote", str(broken), *quoted)
    assert "没有车型 `tank` [unknown_class]" in spoken("quote", "charging-bay", *quoted, "--vehicle", "tank")
    assert "最多为 1 [rate_above_one]" in spoken("quote", "kerb", *quoted, "--coupon", "rate=1.5")
    assert f"{stays}: line 2: `soon` 不是时间" in spoken("compare", "kerb", "kerb", str(stays))
    stays.write_text("entry,exit\n2026-03-06T09:00:00,2026-03-06T10:00:00\n")
    assert "停车数" in spoken("compare", "kerb", "day-night", str(stays))
    assert f"{stays}: 这不是 JSON 文件 [no_json]" in spoken("import", "ocpi", str(stays))
    assert "1 个一致" in spoken("check", neutral(tmp_path, RULE, 600))


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("[]")
    assert said("check", str(file))[0] == 1


def test_a_preset_is_printed_edited_quoted_and_shown(tmp_path: Path) -> None:
    printed = typed(["tariff", "presets", "day-night"]).stdout
    file, picture = tmp_path / "mine.json", tmp_path / "mine.svg"
    file.write_text(printed.replace('"price_fen": 250', '"price_fen": 300'))
    _, (made,) = said("quote", str(file), "2026-03-06T09:00:00", "2026-03-06T10:00:00", "--coupon", "rate=0.5")
    assert (made["charge_fen"], made["due_fen"], made["next"]["then_fen"]) == (600, 300, 450)
    status, (shown,) = said("show", str(file), "--svg", str(picture), "--hours", "48")
    assert (status, shown["steps"][-1][1], picture.read_text()[:4]) == (0, 10_000, "<svg")
    assert said("quote", "no-such", "2026-03-06", "2026-03-07")[0] == 2
    assert said("quote", str(file), "yesterday", "2026-03-07")[0] == 2


def test_a_stay_at_a_charger_is_quoted_by_how_long_it_was_charged() -> None:
    stay = ("quote", "charging-bay", "2026-03-06T09:00:00", "2026-03-06T10:30:00")
    assert said(*stay)[1][0]["charge_fen"] == 200 + 3 * 600
    assert said(*stay, "--charged", "60")[1][0]["charge_fen"] == 3 * 200 + 600


def test_stays_are_compared(tmp_path: Path) -> None:
    stays = tmp_path / "stays.csv"
    stays.write_text("entry,exit,vehicle\n2026-03-06T09:00:00,2026-03-06T12:00:00,small\n")
    status, (found,) = said("compare", "day-night", "per-day", str(stays), "--svg", str(tmp_path / "chart.svg"))
    assert (status, found["all"]["a_fen"], found["all"]["b_fen"]) == (0, 1500, 1500)
    stays.write_text("from,to\n")
    assert said("compare", "day-night", "per-day", str(stays))[0] == 2


def test_imports_write_documents_that_quote_reads(tmp_path: Path) -> None:
    fares = {"WorkingDay": [{"Period": "00~24", "Fare": "20"}], "Holiday": [{"Period": "00~24", "Fare": "10"}]}
    lots = tmp_path / "lots.json"
    lots.write_text(json.dumps([{"id": str(n), "name": "x", "FareInfo": fares} for n in range(3)]))
    status, lines = said("import", "taipei", str(lots), "--into", str(tmp_path / "made"))
    assert (status, lines[-1]) == (0, {"kind": "import", "read": 3, "documents": 1, "refused": 0})
    _, (made,) = said(
        "quote", str(tmp_path / "made" / "taipei-0001.json"), "2026-03-06T09:00:00", "2026-03-06T10:01:00"
    )
    assert made["charge_fen"] == 4000


def test_a_calendar_comes_from_packages_and_says_what_they_do_not_know() -> None:
    result = typed(["tariff", "calendar", "chinesecalendar", "2025", "2199"])
    made = json.loads(result.stdout)
    assert made["years"] == [2025]
    assert (made["days"]["2025-10-01"], made["days"]["2025-09-28"]) == ("long_holiday", "makeup")
    assert "2199" in result.stderr
    german = json.loads(typed(["tariff", "calendar", "DE-BY", "2026"]).stdout)
    assert german["days"]["2026-12-25"] == "short_holiday"
