"""A street section as a collector's device shows it: bays with the stays in them, and the tasks that follow."""

from typing import Any

from actors.messages.bay import BayFace, StaySeen
from gateway.live.topics import RowTopic


class Section:
    """A section's topic. `bays`: [state, since_us, session, plate, colour, entry_us, mark, owes_fen], one a bay;
    `tasks`: [session, entry_us, number, say], one a bay whose stay has no plate; `say` is to be spoken when it comes.
    """

    def __init__(self, lot: str, life: str) -> None:
        self.topic = RowTopic(f"section/{lot}", life, "bays", "tasks")

    def see(self, bay: str, number: str, face: BayFace | None, shown: bool) -> None:
        """A bay's face is now this; `shown`: it is one of the section's, whether or not it has a face."""
        stay = face.stay if face else None
        self.topic.put("bays", bay, _bay(face, stay) if shown else None)
        self.topic.put("tasks", bay, _task(number, stay) if stay and not stay.plate else None)


def _bay(face: BayFace | None, stay: StaySeen | None) -> list[Any]:
    state, since_us = (face.state, face.since_us) if face else ("unknown", 0)
    if stay is None:
        return [state, since_us, "", "", "", None, "", 0]
    return [state, since_us, stay.session, stay.plate, stay.colour, stay.entry_us, mark(stay), stay.owes_fen]


def _task(number: str, stay: StaySeen) -> list[Any]:
    return [stay.session, stay.entry_us, number, f"{number}号泊位有车辆入场，请录入车牌"]


def mark(stay: StaySeen) -> str:
    """The one thing that matters most about the vehicle: it owes, or it is on a list."""
    return "arrears" if stay.owes else stay.list
