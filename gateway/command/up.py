"""`yunparking up`: start everything a city needs, watch over it, and leave no process behind."""

import contextlib
import os
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import msgspec

from actors.engine.cluster import AUTH_MODE
from gateway.broker import Broker
from gateway.command import wiring
from gateway.command.children import Children, Program
from gateway.command.lives import Lives, Others
from gateway.command.options import Refusal
from gateway.command.ports import refuse_taken_ports
from gateway.command.running import RAY_FILE, ray_access
from gateway.command.say import Say
from gateway.command.signals import hold_signals, stopped_by_signals
from gateway.command.sluice import Sluice
from gateway.outside.merchants import merchant_files
from gateway.outside.sandbox.program import sandbox_url
from gateway.settings import PREFIX, Settings
from storage.child import last_lines
from storage.postgres import Postgres
from storage.reaching import is_away
from storage.recoveries import Recovery
from storage.session import now_us

READY_S = 120.0
LOOK_EVERY_S = 0.2
MIND_EVERY_S = 5.0
RAY = "Ray"
AT_ONCE_S, SOON_S = 0.5, 3.0
"""Whoever waits longer for an answer (of a gateway; of the database) looks after nobody meanwhile."""


def up_command(settings: Settings, say: Say) -> None:
    """Start everything, load the city if the world is empty, show the address, and watch until Ctrl-C."""
    wiring.check_secret(settings)
    refuse_taken_ports(gateways_of(settings))
    _work_in_long_turns()
    up = Up(settings, say)
    with stopped_by_signals():
        try:
            up.start()
            up.watch()
        except KeyboardInterrupt:
            say.note("info", "stopping")
        finally:
            hold_signals()
            up.stop()
    say.note("done", "everything has stopped")


def _work_in_long_turns() -> None:
    """Who wakes takes no processor from another of us: all children inherit it. Where more of them have work than there
    are processors, they take turns of some milliseconds instead of at each message; where not, nothing changes.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class Up:
    """A running city: our servers, the cells on Ray, the gateway and the replay."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        self._say = say
        self._sensor_url = settings.broker.url
        self._lives = Lives(lambda one: wiring.note_life(self.settings, one, SOON_S), say)
        self._children = Children(say, ended=self._lives.add)
        self._others = Others(self._recent_lives, lambda: self._children.names, say, now_us())
        self._broker: Broker | None = None
        self._sluice: Sluice | None = None
        self._mind_after = 0.0

    def start(self) -> None:
        """Everything in its order; whatever it throws, `stop` cleans up."""
        self._start_database()
        with self._say.step("tables"):
            wiring.prepare_world(self.settings)
            wiring.hold_placement(self.settings)
        self._start_broker()
        sandbox = self._start_sandbox()
        self._load_city()
        with self._say.step("Ray with the cells"):
            self._start_carriers()
        if sandbox:
            self._await_sandbox(sandbox)
        gateways = [(one, self._start_gateway(one)) for one in gateways_of(self.settings)]
        with self._say.step("the gateway and every actor answer"):
            for settings, program in gateways:
                self._await_gateway(settings, program)
        with self._say.step("every actor knows what the register says of it"):
            self._await_told()
        wiring.note_all_back(self.settings)
        if self.settings.replay.enabled:
            self._start_program("replay", _with_broker(self.settings, self._sensor_url), "the replay")
        self._announce()

    def watch(self) -> None:
        """Start again whoever dies, until a signal."""
        while True:
            self._rest()

    def _rest(self) -> None:
        """A moment, in which all that runs already is looked after."""
        time.sleep(LOOK_EVERY_S)
        self._children.look()
        self._lives.look()
        self._mind()

    def stop(self) -> None:
        """Stop all, in the reverse order."""
        self._children.stop()

    def _start_database(self) -> None:
        if self.settings.database.url:
            return
        with self._say.step("PostgreSQL"):
            server = Postgres(self.settings.folder / "postgres", self.settings.database.port)
            self._children.start("PostgreSQL", server)
        database = msgspec.structs.replace(self.settings.database, url=server.url)
        self.settings = msgspec.structs.replace(self.settings, database=database)

    def _start_broker(self) -> None:
        if self.settings.broker.url:
            return
        with self._say.step("MQTT broker"):
            known = self.settings.broker
            parts, folder = self.settings.ingest.parts, self.settings.folder / "broker"
            server = Broker(folder, known.port, known.in_flight, parts, known.sync_ms)
            server.admit(wiring.device_logins(self.settings))
            with server.apart() as url:
                wiring.open_sessions(self.settings, url)
            self._children.start("the broker", server)
        self.settings = _with_broker(self.settings, server.url)
        self._sensor_url = server.sensor_url
        self._broker = server
        self._sluice = Sluice(server, known.most_waiting, self._say)

    def _mind(self) -> None:
        """Who may come in at our own broker: sensors, unless too much waits, and devices that got a password, or lost
        it, since the last look; while the database is away, those of before. And which workers died and are back.
        """
        if time.monotonic() < self._mind_after:
            return
        self._mind_after = time.monotonic() + MIND_EVERY_S
        if self._sluice is not None:
            self._sluice.look(SOON_S)
        try:
            if self._broker is not None:
                self._broker.admit(wiring.device_logins(self.settings, SOON_S))
            self._others.look()
        except Exception as error:  # nothing of this may end who watches
            if not is_away(error):
                self._say.note("warning", f"who may come in and who was away could not be looked at: {error!r}")

    def _recent_lives(self) -> list[Recovery]:
        return wiring.recent_lives(self.settings, SOON_S)

    def _load_city(self) -> None:
        if wiring.export_city(self.settings) is None:
            file = wiring.city_file(self.settings)
            register = wiring.read_city(file)
            given = ("any",) if self.settings.city.file else ("any", "melbourne")
            if self.settings.city.presets in given:
                with self._say.step("rules and tariffs for its lots to begin with"):
                    wiring.give_presets(self.settings, register)
            with self._say.step(f"city {file.name}"):
                wiring.load_city(self.settings, register)

    def _start_carriers(self) -> None:
        """Where Ray is, a file says: it is elsewhere when it was started again, so nobody is given its address."""
        file = self.settings.folder / RAY_FILE
        program = self._start_program("carriers", self.settings, RAY, file.exists, makes=file)
        deadline = time.monotonic() + READY_S
        while not file.exists():
            if not program.lives or time.monotonic() > deadline:
                raise Refusal(f"Ray with the cells did not start; the end of {program.log}:\n{last_lines(program.log)}")
            time.sleep(LOOK_EVERY_S)
            self._mind()
        if auth_mode := ray_access(self.settings).auth_mode:
            os.environ[AUTH_MODE] = auth_mode  # for those who are started from now on
        if (cells := len(wiring.placed_cells(self.settings))) != self.settings.ray.cells:
            said = f"{cells} cells share the actors, as was last decided: yunparking cells N"
            self._say.note("info", said, cells=cells)

    def _start_sandbox(self) -> Program | None:
        """While nobody has saved an account at a provider, payments are tried at a sandbox of ours. Its keys take a
        while, so it is waited for later.
        """
        if not self.settings.payments.sandbox or merchant_files(self.settings)[0].exists():
            return None
        return self._start_program("sandbox", self.settings, "the sandbox")

    def _await_sandbox(self, program: Program) -> None:
        with self._say.step("a sandbox for payments"):
            deadline = time.monotonic() + READY_S
            while not ((url := sandbox_url(self.settings)) and answers(f"{url}/sandbox/orders")):
                if time.monotonic() > deadline:
                    raise Refusal(f"The sandbox is not ready; the end of {program.log}:\n{last_lines(program.log)}")
                self._rest()
        self._say.note("info", f"No account at a payment provider yet: payments go to a sandbox at {url}.", sandbox=url)

    def _start_gateway(self, settings: Settings) -> Program:
        door = f"{local_address(settings)}/health"
        name = f"the {settings.gateway.name}"
        return self._start_program("gateway", settings, name, lambda: answers(door, AT_ONCE_S), upon=RAY)

    def _start_program(
        self,
        word: str,
        settings: Settings,
        name: str,
        answering: Callable[[], bool] = lambda: True,
        *,
        upon: str = "",
        makes: Path | None = None,
    ) -> Program:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        environment = {**inherited, **settings.environment()}
        log = settings.folder / "logs" / f"{name.removeprefix('the ').lower()}.log"
        program = Program([word], environment, log, makes)
        self._children.start(name, program, answering, upon)
        return program

    def _await_gateway(self, settings: Settings, gateway: Program) -> None:
        deadline = time.monotonic() + READY_S
        while not answers(f"{local_address(settings)}/health/ready", patience_s=10):
            if time.monotonic() > deadline:
                raise Refusal(f"The gateway is not ready; the end of {gateway.log}:\n{last_lines(gateway.log)}")
            self._rest()

    def _await_told(self) -> None:
        """A device that speaks before its actor was told of it would count as unknown."""
        least, deadline = wiring.untold(self.settings), time.monotonic() + READY_S
        while waiting := wiring.untold(self.settings):
            if waiting < least:
                least, deadline = waiting, time.monotonic() + READY_S
            elif time.monotonic() > deadline:
                self._say.note("warning", f"{waiting} orders of the register wait for their actors: see doctor")
                return
            self._rest()

    def _announce(self) -> None:
        password = wiring.new_administrator(self.settings)
        address, name = local_address(self.settings), self.settings.auth.administrator
        for further in gateways_of(self.settings)[1:]:
            self._say.note("info", f"The gateway {further.gateway.name} serves {local_address(further)}.")
        self._say.note("info", f"Logs are in {self.settings.folder / 'logs'}. Ctrl-C stops everything.")
        if password:
            self._say.note("info", "First start: keep this password, it is not shown again.")
        signing_in = f"\n  sign in as [bold]{name}[/] with [bold]{password}[/]" if password else ""
        administrator = {"name": name, "password": password} if password else None
        self._say.answer(
            {"kind": "ready", "address": address, "administrator": administrator},
            lambda: f"\n  [bold green]YunParking[/] lives at [bold]{address}[/]{signing_in}\n",
        )


def _with_broker(settings: Settings, url: str) -> Settings:
    """The same settings, for who speaks to the broker by this URL: what only publishes has a login that can no more."""
    return msgspec.structs.replace(settings, broker=msgspec.structs.replace(settings.broker, url=url))


def gateways_of(settings: Settings) -> list[Settings]:
    """The settings of each gateway that `up` starts: the first has those that were given."""
    return [settings, *(_further(settings, number) for number in range(1, settings.gateway.count))]


def _further(settings: Settings, number: int) -> Settings:
    replace = msgspec.structs.replace
    return replace(
        settings,
        gateway=replace(settings.gateway, name=f"{settings.gateway.name}-{number + 1}"),
        http=replace(settings.http, port=settings.http.port + 2 * number),
        live=replace(settings.live, port=settings.live.port + 2 * number),
    )


def local_address(settings: Settings) -> str:
    """The address of the pages as seen from this machine."""
    return f"http://localhost:{settings.http.port}"


def answers(url: str, patience_s: float = 2.0) -> bool:
    """Does this address answer as a healthy gateway does?"""
    try:
        with urllib.request.urlopen(url, timeout=patience_s) as response:  # noqa: S310  # an address of our own
            return bool(response.status == HTTPStatus.OK)
    except OSError:
        return False
