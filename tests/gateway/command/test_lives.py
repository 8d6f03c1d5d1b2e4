"""Lives that ended wait until the database knows of them, and nothing of that ends who watches."""

import json
import socket

import asyncpg
import pytest

from gateway.command import wiring
from gateway.command.lives import PAUSE_S, WAITING_MOST, Lives, Others
from gateway.command.say import Say
from gateway.sections import Database
from gateway.settings import Settings
from storage import session
from storage.reaching import is_away
from storage.recoveries import Recovery

GONE = Recovery("PostgreSQL", 7, 100, None, "was killed by SIGKILL")
FOR_EVER_S = 1e6
BACK = GONE._replace(back_us=900)


class Base:
    """A database that is away for a while, or wants none of it."""

    def __init__(self) -> None:
        self.wrong: Exception | None = None
        self.noted: list[Recovery] = []
        self.asked = 0
        self.now = 50.0

    def note(self, one: Recovery) -> None:
        self.asked += 1
        if self.wrong:
            raise self.wrong
        self.noted.append(one)


@pytest.fixture
def base() -> Base:
    return Base()


@pytest.fixture
def lives(base: Base) -> Lives:
    return Lives(base.note, Say(as_json=True), lambda: base.now)


def test_it_waits_for_the_database_and_is_told_as_it_is_by_then(base: Base, lives: Lives) -> None:
    base.wrong = ConnectionRefusedError("no")
    lives.add(GONE)
    for _ in range(3):
        lives.look()
    assert base.asked == 1, "who does not answer is not asked at each look"
    lives.add(BACK)
    base.wrong, base.now = None, base.now + PAUSE_S
    lives.look()
    lives.look()
    assert base.noted == [BACK]


def test_it_is_told_at_once_and_again_when_it_is_over(base: Base, lives: Lives) -> None:
    for one in (GONE, BACK):
        lives.add(one)
        lives.look()
    assert base.noted == [GONE, BACK]


def test_what_the_database_does_not_want_is_said_and_let_go(
    base: Base, lives: Lives, capsys: pytest.CaptureFixture[str]
) -> None:
    base.wrong = asyncpg.UndefinedTableError("no such table")
    lives.add(GONE)
    lives.look()
    assert "that PostgreSQL had ended could not be noted" in capsys.readouterr().out
    base.wrong = None
    lives.look()
    assert base.noted == []


def test_not_more_wait_than_there_is_room_for(base: Base, lives: Lives) -> None:
    for life in range(WAITING_MOST + 5):
        lives.add(GONE._replace(life=life))
    lives.look()
    assert [one.life for one in base.noted] == list(range(5, WAITING_MOST + 5))


def test_a_database_that_stands_still_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes a connection and never answers is as one who is away: whoever watches goes on watching."""
    monkeypatch.setattr(session, "CONNECT_S", FOR_EVER_S)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://yun@127.0.0.1:{silent.getsockname()[1]}/yun"
        settings = Settings(database=Database(url=url))
        with pytest.raises(TimeoutError) as late:
            wiring.note_life(settings, GONE, within_s=0.1)
    assert is_away(late.value)


def test_of_workers_that_others_saw_die_it_is_said_once_when_they_are_back(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [BACK, Recovery("cell-1", 2, 99_000_000, None, None), Recovery("views", 1, 50, 60, None)]
    others = Others(lambda: rows, lambda: {"PostgreSQL"}, Say(as_json=True), since=80)
    others.look()
    assert capsys.readouterr().out == "", "our own child, one that is not back, one of before we were started"
    rows[1] = rows[1]._replace(back_us=101_540_000)
    rows.insert(0, Recovery("projector", 3, 100, 1_500_100, "Fenced: another process has the lease"))
    others.look()
    others.look()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["worker"], line["away_s"], line["text"]) for line in said] == [
        ("cell-1", 2.5, "cell-1 ended and is back after 2.5 s"),
        ("projector", 1.5, "projector ended and is back after 1.5 s: Fenced: another process has the lease"),
    ]
