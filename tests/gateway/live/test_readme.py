"""The README of the live line says what the code does: topics and permissions, alarms, states, codes, limits."""

from pathlib import Path

import msgspec

from gateway.live import lots, wire
from gateway.live.alarms import SEVERITIES
from gateway.live.rights import TOPIC_RULES
from gateway.live.server import SENTENCES

TEXT = (Path(__file__).parents[3] / "gateway" / "live" / "README.md").read_text()
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")]


def row_of(name: str) -> str:
    (row,) = [row for row in ROWS if f"`{name}`" in row.split("|")[1]]
    return row


def test_every_topic_is_there_with_its_permission() -> None:
    for rule in TOPIC_RULES:
        name = rule.name + "<id>" if rule.name.endswith("/") else rule.name
        assert row_of(name).endswith(f"| `{rule.permission}` |")


def test_every_alarm_is_there_with_its_severity() -> None:
    for code, severity in SEVERITIES.items():
        assert row_of(code).split("|")[2].strip() == severity


def test_every_state_code_and_limit_is_there() -> None:
    closes = (wire.BAD_FRAME, wire.NOT_SIGNED_IN, wire.TOO_SLOW, wire.TOO_MUCH)
    assert all(f"| {close} |" in TEXT for close in closes)
    named = [*lots.STATES, *SENTENCES, *(field.name for field in msgspec.structs.fields(wire.Limits))]
    assert [name for name in named if f"`{name}`" not in TEXT] == []
