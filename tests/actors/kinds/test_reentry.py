"""Who comes back within the tariff's minutes goes on with the first stay: two parts cost what one stay costs."""

import pytest

from actors.messages.session_facts import Priced
from tests.actors.kinds.streets import TARIFF, Streets

PLATE, OTHER = "京A12345", "京B99999"


def streets(minutes: float = 20, **more: object) -> Streets:
    here = Streets()
    here.refer("tariff/a", {**TARIFF, "free": [{"minutes": 15}], "reentry_minutes": minutes, **more})
    return here


@pytest.mark.parametrize(
    ("second", "due_fen"),
    [
        (("7/b2", 60, 70), 250),  # 0:00–1:10 is three units, of which 0:00–0:50 were two
        (("7/b1", 55, 59), 0),  # the same two
        (("7/b2", 71, 86), 0),  # too late: a stay of its own, whose quarter of an hour is free
        (("7/b2", 71, 87), 250),
        (("9/b1", 60, 70), 0),  # another lot knows nothing of it
    ],
)
def test_coming_back_so_soon_goes_on_with_the_first_stay(second: tuple[str, float, float], due_fen: int) -> None:
    here = streets()
    assert here.costs(PLATE, "7/b1", 0, 50) == 500
    assert here.costs(PLATE, *second) == due_fen
    assert here.costs(OTHER, "8/b1", 100, 110) == 0


def test_a_chain_of_short_visits_has_one_free_quarter_of_an_hour() -> None:
    here = streets()
    dues = [here.costs(PLATE, f"7/b{n}", n * 12, n * 12 + 10) for n in range(4)]
    assert (dues, sum(dues)) == ([0, 250, 250, 0], 500)
    dues += [here.costs(PLATE, f"7/b{n}", n * 12, n * 12 + 10) for n in range(4, 20)]
    assert sum(dues) == 8 * 250, "however often he comes back: 238 minutes are eight half hours"


def test_what_the_earlier_stay_cost_is_taken_off_and_said() -> None:
    here = streets()
    here.costs(PLATE, "7/b1", 0, 50)
    session = here.park(PLATE, "7/b2", 55)
    now = here.stay(session)
    assert (now.charge_fen, now.due_fen) == (500, 0)
    assert now.then_fen == 750
    here.leave("7/b2", 61)
    assert [each.fen for fact in here.said(session, Priced) for each in fact.off] == [500]


def test_without_such_minutes_every_stay_is_its_own() -> None:
    here = streets(0)
    assert [here.costs(PLATE, f"7/b{n}", n * 40, n * 40 + 31) for n in range(2)] == [500, 500]
