"""What is outside: devices behind a broker, gateways with real slot queues, clients with keys, and queries."""

from typing import TYPE_CHECKING, Any

from actors.engine.directory import Directory
from actors.engine.entries import Answer, ByKey, FromDevice, FromStream, Input, Letter
from actors.engine.post import Parcel, SlotQueue
from actors.messages.forms import Message
from actors.values import Ref, shared_slot
from tests.actors.engine.world.network import Courier
from tests.actors.engine.world.toys import Add, Bump, Look, Read

if TYPE_CHECKING:
    from tests.actors.engine.world.world import World


class Waiting:
    """Who waits for the answer to one letter."""

    def __init__(self, gateway: "Gateway", letter: Letter[Any]) -> None:
        self._gateway = gateway
        self._letter = letter

    def done(self) -> bool:
        return False

    def cancel(self) -> bool:
        return False

    def set_result(self, answer: Answer) -> None:
        self._gateway.world.told(self._gateway, self._letter, answer)


class Gateway:
    """One life of a gateway: letters wait in the real queues until their answer comes."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.directory = Directory()
        self.look()
        self.courier = Courier(world.network, world.clock, self.directory, world.random.choice([2, 4, 1000]))
        self.queues: dict[int, SlotQueue] = {}
        for letter in world.broker:  # the session is here now: all that nobody acknowledged comes again, in order
            self.send(letter)

    def look(self) -> None:
        """Reads the placement table."""
        self.directory.cells.update({row.slot: row.cell for row in self.world.tables.placed()})

    def send(self, letter: Letter[Any]) -> None:
        """One more letter for a slot."""
        queue = self.queues.setdefault(letter.slot, SlotQueue(letter.slot))
        queue.parcels.append(Parcel(letter, Waiting(self, letter)))
        self.courier.offer(letter.slot, queue)


class Device:
    """Publishes levels; its numbers grow with gaps, and now and then it boots."""

    def __init__(self, world: "World", number: int, place: str) -> None:
        self.world = world
        self.ref = Ref("gauge", f"{place}/d{number}")
        self.boot, self.n = 1, 0
        self.published: list[Input] = []

    def publish(self) -> Letter[Any]:
        """The next reading."""
        random = self.world.random
        if random.random() < 0.1:
            self.boot, self.n = self.boot + 1, 0
        self.n += random.choice([1, 1, 3, 70])
        source = FromDevice(self.ref, self.boot, self.n)
        self.published.append(source)
        return self.world.say(source, self.ref, Read(random.randrange(2)))


class Stream:
    """A numbered stream without gaps, as a simulator or a replay tool is one."""

    def __init__(self, world: "World", name: str, place: str) -> None:
        self.world = world
        self.name = name
        self.ref = Ref("account", f"{place}/fed")
        self.published: list[Input] = []

    def publish(self) -> Letter[Any]:
        """The next order."""
        source = FromStream(self.name, len(self.published) + 1)
        self.published.append(source)
        return self.world.say(source, self.ref, Add(1, 1))


class Client:
    """Wants one command done once, and asks until it knows."""

    def __init__(self, world: "World", number: int, ref: Ref, message: Message) -> None:
        self.source = ByKey(f"key-{number}", number)
        self.letter = world.say(self.source, ref, message)
        self.reply: bytes | None = None
        self.answered = False


def command(world: "World") -> Message:
    """What a client asks for; sometimes something that breaks an actor."""
    random = world.random
    return Bump(random.choice([-1, -2]) if random.random() < 0.04 else random.randrange(1, 30))


def query(world: "World") -> Letter[Any]:
    """Somebody looks."""
    ref = world.some_account()
    return Letter(shared_slot(ref.key), None, ref, Look())
