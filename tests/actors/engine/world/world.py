"""The world of one schedule: everything happens one step at a time, in an order and with faults drawn from a seed."""

from random import Random
from typing import Any

from actors.engine import eras
from actors.engine.entries import Answer, ByKey, FromOutside, Input, Letter
from actors.engine.journal import Duplicate, Placed, Snapshot, Unknown
from actors.messages.forms import Message
from actors.values import Ref, shared_slot
from tests.actors.engine.world.envoys import Envoys
from tests.actors.engine.world.memory import Crash, Statement, Tables, rest
from tests.actors.engine.world.network import Clock, Network, Trip
from tests.actors.engine.world.outside import Client, Device, Gateway, Stream, command, query
from tests.actors.engine.world.processes import Job, Process, from_cells
from tests.actors.engine.world.scale import weighed
from tests.actors.engine.world.screens import Screen
from tests.actors.engine.world.toys import PLACES, TICK_US, account
from tests.actors.engine.world.truth import Truth, check

CELLS = ("cell-0", "cell-1")
DEVICES = 3
WRITES = ("append", "open", "ask", "leave")


class World:
    """Cells, gateways, clients, devices, screens and a store; `step` makes one of them do one thing."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.tidy = Random(-seed - 1)
        self.clock = Clock()
        self.network = Network(self.random)
        self.near = self.random.random() < 0.6
        self.tidies = self.tidy.random() < 0.5
        self.rushes = self.random.random() < 0.4
        self.tables = Tables(lambda pages: self.truth.stored(pages))
        self.truth = Truth(lambda source: self.said.get(source), weighed)
        self.said: dict[Input, tuple[Ref, Message]] = {}
        self.slots = sorted({shared_slot(place) for place in PLACES})
        for slot in self.slots:
            self.tables.rows[slot] = Placed(slot, self.random.choice(CELLS))
        self.jobs: list[Job] = []
        self.late: list[Statement] = []
        self.late_snapshots: list[list[Snapshot]] = []
        self.broker: list[Letter[Any]] = []
        self.clients: list[Client] = []
        self.leases = self.exits = self.faults = 0
        self.registered: dict[str, Process] = {}
        self.processes: list[Process] = []
        for name in CELLS:
            self.start(name)
        self.devices: list[Device | Stream] = [Device(self, number, PLACES[number]) for number in range(DEVICES)]
        self.devices.append(Stream(self, "fed", PLACES[-1]))
        self.gateways = [Gateway(self)]
        self.envoys = Envoys(self)
        self.screen = Screen(self)

    # -- small questions

    def next_lease(self) -> int:
        """A number for a life of a cell."""
        self.leases += 1
        return self.leases

    def some_account(self) -> Ref:
        """One of the accounts that clients know."""
        return account(self.random.choice(PLACES), f"a{self.random.randrange(2)}")

    def say(self, source: Input, ref: Ref, message: Message) -> Letter[Any]:
        """A letter from outside; the checker knows of it."""
        self.said[source] = (ref, message)
        return Letter(shared_slot(ref.key), source, ref, message)

    # -- cells come and go

    def start(self, name: str) -> None:
        """A new life of a cell; an old one may go on, a zombie."""
        process = Process(self, name)
        self.registered[name] = process
        self.processes.append(process)

    def replace(self, dead: Process) -> None:
        """Whoever supervises a dead cell starts it again."""
        self.processes.remove(dead)
        if self.registered[dead.name] is dead:
            self.start(dead.name)

    def leave_behind(self, job: Job) -> None:
        """A process died with a statement under way: it may still be executed."""
        if job.statement is not None and job.statement.name in WRITES and self.random.random() < 0.5:
            self.late.append(job.statement)
        job.drop()

    # -- what is seen

    def told(self, gateway: Gateway, letter: Letter[Any], answer: Answer) -> None:
        """A gateway has the answer to a letter."""
        if letter.input is None:
            return
        durable, reply = self.truth.reply_of(letter.slot, letter.input)
        check(durable, "done, but not in the journal", letter)
        if isinstance(letter.input, FromOutside):
            self.envoys.done(letter)
            return
        if not isinstance(letter.input, ByKey):
            if gateway is self.gateways[-1] and letter in self.broker:
                self.broker.remove(letter)
            return
        check(reply == answer.reply, "the reply is another letter's", letter, answer)
        client = next(client for client in self.clients if client.source == letter.input)
        check(not client.answered or client.reply == answer.reply, "two replies to one key", letter)
        client.answered, client.reply = True, answer.reply

    # -- the store

    def execute(self) -> None:
        """One statement of one coroutine ends, somehow."""
        if not self.jobs:
            return
        place = self.random.randrange(len(self.jobs))
        self.jobs[place], self.jobs[-1] = self.jobs[-1], self.jobs[place]
        job = self.jobs.pop()
        statement = job.statement
        assert statement is not None
        chance = self.random.random() if self.network.faulty and job.owner is not self.screen else 1.0
        if statement.run is rest:
            job.go()
        elif chance < 0.05:
            job.go(error=Unknown())  # it never arrived
        elif chance < 0.10 and statement.name in WRITES:
            self.late.append(statement)  # it is still under way
            job.go(error=Unknown())
        elif chance < 0.13 and statement.name == "open":
            job.go(error=Duplicate())
        else:
            self._execute(job, statement, chance < 0.15)
        if job.owner is self.screen:
            self.screen.show()

    def _execute(self, job: Job, statement: Statement, answer_lost: bool) -> None:
        try:
            value = statement.run(*statement.args)
        except Duplicate as error:
            job.go(error=Unknown() if answer_lost else error)
        except Crash:
            self.jobs.append(job)
            job.owner.die()
        else:
            job.go(value, Unknown() if answer_lost else None)

    def execute_late(self) -> None:
        """A statement whose connection broke long ago is executed after all."""
        if self.late:
            statement = self.late.pop(self.random.randrange(len(self.late)))
            try:
                statement.run(*statement.args)
            except (Duplicate, Crash):
                return

    def keep_snapshot(self) -> None:
        """A snapshot is kept, late, never, or forgotten again: it is a cache."""
        if self.late_snapshots:
            snapshots = self.late_snapshots.pop(self.random.randrange(len(self.late_snapshots)))
            if self.random.random() < 0.8:
                self.tables.save_snapshots(snapshots)
        elif self.tables.kept and self.random.random() < 0.1:
            slot = self.random.choice(list(self.tables.kept))
            if not self.tables.gone:  # without its pages it is all that is left of its slot
                self.tables.kept.pop(slot)

    def keep_house(self) -> None:
        """Eras that are over go, or slots that still need them are asked for a page and a snapshot.

        Not while somebody reads or is about to read again, with a snapshot in hand that these pages follow: who finds a
        hole then dies of it, and finds none in its next life.
        """
        if any(job.asks == "read" for job in self.jobs):
            return
        while self.late_snapshots:
            self.tables.save_snapshots(self.late_snapshots.pop())
        for slot in self.tables.drop(eras.month_of(self.clock.now) - self.tidy.choice([1, 2, 4])):
            self.registered[self.tables.rows[slot].cell].host.mark(slot, self.clock.now)

    # -- the network

    def arrive(self) -> None:
        """One packet arrives."""
        packet = self.network.take()
        if packet is None:
            return
        what, about, content = packet
        if what == "news":
            self.screen.take(about, content)
        elif what == "reply":
            self.truth.seen(about.letters, content)
            about.end(content)
        else:
            self._arrive_at_cell(about)

    def _arrive_at_cell(self, trip: Trip) -> None:
        if from_cells(trip):
            self.truth.left(trip.letters)
        to = trip.process or self.registered.get(trip.cell)
        zombies = [process for process in self.processes if process.name == trip.cell]
        if zombies and self.random.random() < 0.2:
            to = self.random.choice(zombies)
        trip.process = to
        if to is not None and not to.alive:
            to = self.registered[trip.cell] if self.random.random() < 0.5 else None
        if to is None:
            trip.end(None)
        else:
            to.deliver(trip)

    # -- faults

    def fault(self) -> None:
        """Something breaks."""
        chance, random = self.random.random(), self.random
        self.faults += 1
        name, slot = random.choice(CELLS), random.choice(self.slots)
        if chance < 0.3:
            self.registered[name].die()
        elif chance < 0.5:
            self.start(name)
        elif chance < 0.65:
            self.gateways = [*self.gateways[-1:], Gateway(self)]
        elif chance < 0.85:
            carrier = self.registered[self.tables.rows[slot].cell]
            if slot in carrier.host.slots:
                carrier.give(slot, random.choice(CELLS))
        else:
            self.tables.rows[slot] = Placed(slot, random.choice(CELLS))

    # -- steps

    def publish(self) -> None:
        """A device reads, or a client wants something."""
        if self.random.random() < 0.5:
            letter = self.random.choice(self.devices).publish()
            self.broker.append(letter)
            self.gateways[-1].send(letter)
        else:
            self.clients.append(Client(self, len(self.clients), self.some_account(), command(self)))

    def clients_ask(self) -> None:
        """Clients that know no answer ask (again), anywhere; somebody looks."""
        waiting = [client for client in self.clients if not client.answered]
        for client in self.random.sample(waiting, min(2, len(waiting))):
            self.random.choice(self.gateways).send(client.letter)
        if self.random.random() < 0.3:
            self.random.choice(self.gateways).send(query(self))

    def step(self, inputs: bool) -> None:
        """One thing happens."""
        self.clock.now += TICK_US
        chance = self.random.random()
        process = self.random.choice(self.processes)
        if chance < 0.12 and inputs:
            self.publish()
        elif chance < 0.20:
            gateway = self.random.choice(self.gateways)
            gateway.courier.pump()
            if self.random.random() < 0.2:
                gateway.look()
        elif chance < 0.24:
            self.clients_ask()
        elif chance < 0.34:
            process.courier.pump()
            if self.rushes and self.random.random() < 0.3:
                process.rush()
        elif chance < 0.38:
            process.look()
            process.let_go()
        elif chance < 0.50:
            process.work()
        elif chance < 0.66:
            self.execute()
        else:
            self._rare_step(chance, process)

    def _rare_step(self, chance: float, process: Process) -> None:
        if chance < 0.67:
            self.execute_late()
        elif chance < 0.69:
            self.keep_snapshot()
            if self.tidies:
                self.keep_house()
        elif chance < 0.71 and self.network.faulty:
            self.fault()
        elif chance < 0.74:
            self.screen.ask(process if self.random.random() < 0.2 else self.registered[process.name])
        elif chance < 0.76:
            self.envoys.step()
        else:
            self.arrive()
