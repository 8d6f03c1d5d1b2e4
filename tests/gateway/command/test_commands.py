"""The list of sub-commands: each can be imported, and none brings what only others need."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.command import COMMANDS
from tests.gateway.command.typed import typed

TOP = Path(__file__).parents[3]


def test_help_names_every_sub_command_that_is_not_hidden() -> None:
    said = typed(["--help"])
    assert said.exit_code == 0, said.output
    words = {line.split()[1] for line in said.stdout.splitlines() if line.startswith("│ ") and line[2] != " "}
    assert {each.word for each in COMMANDS if not each.hidden} <= words
    assert not {each.word for each in COMMANDS if each.hidden} & words


@pytest.mark.parametrize("each", COMMANDS, ids=lambda each: each.word)
def test_each_explains_itself(each: tuple[str, ...]) -> None:
    said = typed([each[0], "--help"])
    assert said.exit_code == 0, said.output
    assert f"yunparking {each[0]}" in said.stdout


def test_a_word_that_is_none_is_refused() -> None:
    said = typed(["upp"])
    assert said.exit_code == 2
    assert "No such command 'upp'" in said.output


@pytest.mark.parametrize("word", ["settings", "tariff", "sandbox", "replay"])
def test_who_needs_no_city_waits_for_no_imports_of_one(word: str) -> None:
    program = f"import sys; from gateway.command import app_for; app_for([{word!r}]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=TOP, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & {"ray", "sqlalchemy", "alembic", "aiohttp"}
