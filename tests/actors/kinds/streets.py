"""A few streets with sensors and collectors, and cars that come and go there: whole stays in a test's one line."""

from actors.messages.bay import ReportPlate, Sighted
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer, EntryQuery, VehicleAnswer, VehicleFace, VehicleQuery
from actors.values import MINUTE_US, Micros, Ref
from tests.actors.kinds.world import World

T0 = 1_780_272_000_000_000
"""2026-06-01, 08:00 in Shanghai."""

TARIFF = {
    "name": {"zh": "甲", "en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
}
"""2.50 for each begun half hour."""


def at(minute: float) -> Micros:
    """An instant so many minutes after T0."""
    return T0 + int(minute * MINUTE_US)


class Streets(World):
    """Lots 7, 8 and 9 under one tariff; 7 and 8 are in the group `old-town`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = at(-1000)
        self.refer("tariff/a", TARIFF)
        for lot in ("7", "8", "9"):
            groups = ["old-town"] if lot != "9" else []
            self.refer(f"rules/{lot}", {"mode": "sensor_pda", "operator": "north", "groups": groups})
            self.refer(f"tariff-of/{lot}", {"tariff": "a"})

    def park(self, plate: str, bay: str, minute: float) -> Ref:
        """A car comes to a bay (`7/b1`), and a collector notes its plate; its session."""
        place = Ref("bay", bay)
        self.say(place, Sighted("d", False, at(minute) - 1, at(minute) - 1), at=at(minute) - 1)
        self.say(place, Sighted("d", True, at(minute), at(minute)), at=at(minute))
        answer = self.say(place, ReportPlate(plate, "blue", "pda", "p", 100, at(minute), "c1"))
        return Ref("session", answer.session)  # type: ignore[union-attr]

    def leave(self, bay: str, minute: float) -> None:
        """The car is gone."""
        self.say(Ref("bay", bay), Sighted("d", False, at(minute), at(minute)), at=at(minute))

    def stay(self, session: Ref) -> SessionAnswer:
        """A stay as it is."""
        answer = self.say(session, SessionQuery())
        assert isinstance(answer, SessionAnswer)
        return answer

    def costs(self, plate: str, bay: str, start: float, end: float) -> int:
        """What is due after a stay."""
        session = self.park(plate, bay, start)
        self.leave(bay, end)
        return self.stay(session).due_fen

    def vehicle(self, plate: str) -> VehicleFace:
        """A vehicle's face."""
        answer = self.say(Ref("vehicle", plate), VehicleQuery())
        assert isinstance(answer, VehicleAnswer)
        return answer.face

    def entry(self, plate: str, lot: str = "7", minute: float = 0) -> EntryAnswer:
        """How it stands at a gate."""
        answer = self.say(Ref("vehicle", plate), EntryQuery(lot, ("old-town",) if lot != "9" else (), at(minute)))
        assert isinstance(answer, EntryAnswer)
        return answer
