"""All envoys of a world: they carry rows of the table, some two at once, and some are late or never come back."""

from typing import TYPE_CHECKING, Any

from actors.engine.entries import FromOutside, Letter
from actors.engine.journal import Errand
from actors.messages.forms import Command
from tests.actors.engine.world.scale import Key, Scale

if TYPE_CHECKING:
    from tests.actors.engine.world.world import World


class Envoys:
    """What the real envoy does with tasks and leases, the scheduler does here, a step at a time."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.scale = Scale()
        self.held: set[Key] = set()
        self.answers: list[tuple[Errand, Command]] = []

    def step(self) -> None:
        """One of them asks, or comes back with an answer; or it dies, and its lease runs out."""
        random, rows = self.world.random, self.world.tables.errands
        if self.answers and random.random() < 0.5:
            errand, answer = self.answers.pop(random.randrange(len(self.answers)))
            if not (self.world.network.faulty and random.random() < 0.2):
                self._say(errand, answer)
        elif rows:
            key = random.choice(list(rows))
            if key not in self.held or random.random() < 0.2:
                self.held.add(key)
                self.answers.append((rows[key], self.scale.ask(key, rows[key].request)))

    def _say(self, errand: Errand, answer: Command) -> None:
        letter: Letter[Any] = Letter(errand.slot, FromOutside(errand.n), errand.ref, answer)
        self.world.random.choice(self.world.gateways).send(letter)

    def done(self, letter: Letter[Any]) -> None:
        """An answer is durable: its row goes, unless the envoy dies before it can say so."""
        key = letter.slot, letter.input.n  # type: ignore[union-attr]
        self.held.discard(key)
        if not (self.world.network.faulty and self.world.random.random() < 0.2):
            self.world.tables.errands.pop(key, None)
