"""What the command asks of the other rooms: a migrated world, its city, its administrator, how many cells it has."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from actors.engine.cluster import Cluster
from actors.engine.mail import Unreachable
from actors.engine.placing import NotPlaced, Placing, Resized
from actors.values import Ref
from gateway.cells import RayCells, shared_names
from gateway.command.options import Refusal
from gateway.http.session import ensure_administrator, replace_password
from gateway.identity import SECRET_BYTES
from gateway.ingress import opening
from gateway.ingress.access import DeviceLogin
from gateway.settings import Settings
from gateway.workers import namespace_of, worker_settings
from sim.city import MELBOURNE, Unsound, load
from storage.condition import UNREACHABLE, database_condition
from storage.database import Engine, open_engine
from storage.desk import Desk, Loaded
from storage.errors import Declined
from storage.journal import PostgresJournal
from storage.lists import Lists
from storage.lot_rules import to_begin_with
from storage.migrations import migrate
from storage.outbox import Outbox
from storage.placement import decided, known_placement, moving
from storage.records import Register
from storage.recoveries import KEPT, Recoveries, Recovery
from storage.session import now_us
from storage.users import Users

T = TypeVar("T")


def check_secret(settings: Settings) -> None:
    """Refusal if the secret that signs tokens is to be in a file and is not: another would be valid nowhere else."""
    file = settings.auth.secret_file
    try:
        sound = not file or len(Path(file).expanduser().read_bytes()) >= SECRET_BYTES
    except OSError:
        sound = False
    if not sound:
        raise Refusal(
            f"auth.secret_file: there are no {SECRET_BYTES} bytes in {file}. Make it once "
            f"(head -c {SECRET_BYTES} /dev/urandom > FILE; chmod 600 FILE) and give the same to every gateway."
        )


def prepare_world(settings: Settings) -> None:
    """Make the world if it is not there, and bring its tables up to date."""
    try:
        apart(migrate(settings.database.url, settings.world))
    except OSError as error:
        raise Refusal(f"The database does not answer ({error}). Is --database-url right, and the server up?") from None


def hold_placement(settings: Settings) -> None:
    """Keep the placement of a first start; refuse another one later, which would leave actors behind in their slots."""
    wanted: dict[str, str] = msgspec.structs.asdict(settings.placement)
    known = _in_world(settings, lambda engine: decided(engine, wanted))
    changed = [kind for kind, placed in wanted.items() if known[kind] != placed]
    if changed:
        before = " and ".join(f"placement.{kind}={known[kind]}" for kind in changed)
        raise Refusal(
            f"The world {settings.world} was first started with {before}, and its actors keep their slots. "
            f"Set {before} again, or start another world: --world NAME."
        )


def check_world(settings: Settings) -> None:
    """Refusal if this world is not there, is not as new as we are, or carries its actors otherwise than we would."""
    try:
        known = apart(database_condition(settings.database.url, settings.world))
    except UNREACHABLE as error:
        raise Refusal(
            f"The database does not answer, or not to us: {error}. Is --database-url right, and the server up?"
        ) from None
    if known.step != known.newest_step:
        at = f"is at step {known.step}" if known.step else "is not there"
        raise Refusal(f"The world {settings.world} {at}, the newest step is {known.newest_step}: start yunparking up.")
    hold_placement(settings)


def new_administrator(settings: Settings) -> str | None:
    """The one-time password of the first administrator, made now; None if there are users already."""
    return _in_world(settings, lambda engine: ensure_administrator(Users(engine), settings.auth.administrator))


def renewed_password(settings: Settings, name: str) -> str:
    """Another one-time password for a user whose own is lost; Refusal if nobody has this name."""
    password = _in_world(settings, lambda engine: replace_password(Users(engine), name, "command"))
    if password is None:
        raise Refusal(f"Nobody in the world {settings.world} is called {name}.")
    return password


def city_file(settings: Settings) -> Path:
    """The city to load: the one of the settings, else the one that comes with the product."""
    return Path(settings.city.file).expanduser() if settings.city.file else MELBOURNE / "city.json.gz"


def read_city(file: Path) -> Register:
    """A checked city out of a file; Refusal says what is wrong with it."""
    try:
        return load(file)
    except OSError as error:
        raise Refusal(f"Cannot read the city file {file}: {error.strerror or error}.") from None
    except Unsound as error:
        raise Refusal("\n".join((f"{file} cannot be loaded:", *error.faults))) from None


def load_city(settings: Settings, register: Register) -> Loaded:
    """Make the world's records be as this city says, all or none."""
    return _in_world(settings, lambda engine: Desk(engine).load("setup", register))


def give_presets(settings: Settings, register: Register) -> None:
    """Give the lots of a city that is about to be loaded rules and tariffs to begin with; not if any has been given."""

    async def publish(engine: Engine) -> None:
        try:
            await Desk(engine).publish("setup", to_begin_with(register, now_us()))
        except Declined as declined:
            if declined.code != "version_conflict":
                raise

    _in_world(settings, publish)


def open_sessions(settings: Settings, url: str) -> None:
    """Make our own broker, at this address, keep all frames of devices from now on."""
    try:
        world, shares, lease_s = settings.world, settings.shares, settings.ingest.lease_s
        _in_world(settings, lambda engine: opening.open_sessions(engine, url, world, shares, lease_s))
    except opening.StillTaken as taken:
        raise Refusal(
            f"The gateways {taken} run on and divide the topics otherwise: end them first, or leave ingest.parts and "
            "ingest.topics as they were."
        ) from None


def device_logins(settings: Settings, within_s: float | None = None) -> list[DeviceLogin]:
    """The devices that have a password of their own at the broker; TimeoutError if that is not known soon enough."""
    return [DeviceLogin(*row) for row in _in_world(settings, lambda engine: Lists(engine).device_secrets(), within_s)]


def note_life(settings: Settings, one: Recovery, within_s: float) -> None:
    """A life of a child of ours ended; TimeoutError if the database does not take that soon enough."""
    _in_world(settings, lambda engine: Recoveries(engine).note(*one), within_s)


def recent_lives(settings: Settings, within_s: float) -> list[Recovery]:
    """The newest lives that ended; TimeoutError if the database does not say so soon enough."""
    return _in_world(settings, lambda engine: Recoveries(engine).recent(KEPT), within_s)


def note_all_back(settings: Settings) -> None:
    """All of a city that was started answers: nobody of before is away any more."""
    _in_world(settings, lambda engine: Recoveries(engine).all_back(now_us()))


def untold(settings: Settings) -> int:
    """How many orders of the register no actor has taken yet."""
    return _in_world(settings, lambda engine: Outbox(engine).waiting())


def export_city(settings: Settings) -> Register | None:
    """The whole city as it is now; None if none was loaded."""

    async def export(engine: Engine) -> Register | None:
        try:
            return await Desk(engine).export()
        except Declined as declined:
            if declined.code == "not_found":
                return None
            raise

    return _in_world(settings, export)


def placed_cells(settings: Settings) -> dict[str, int]:
    """How many of the shared slots each cell has, by the placement table."""

    async def count(journal: PostgresJournal) -> dict[str, int]:
        return dict(sorted(Counter(row.cell for row in await journal.placed() if row.ref is None).items()))

    return apart(with_journal(settings, count))


def resize(settings: Settings, count: int) -> Resized:
    """Spread the shared slots of a city that runs over so many cells, starting and ending cells as it needs."""
    kinds = _in_world(settings, known_placement)
    dedicated = [kind for kind, placed in kinds.items() if placed == "dedicated"]
    known = msgspec.structs.replace(worker_settings(settings), dedicated_kinds=dedicated)
    cluster = Cluster(namespace_of(settings.world))
    cluster.join(settings.ray.address)
    cells = RayCells(cluster, known)
    try:
        return _in_world(settings, lambda engine: _resize(engine, settings, cells, count))
    except (NotPlaced, Unreachable) as error:
        raise Refusal(f"{error}. What was moved is moved; say it again to go on.") from None
    finally:
        cluster.leave()


async def _resize(engine: Engine, settings: Settings, cells: RayCells, count: int) -> Resized:
    async with moving(engine, settings.world) as mine:
        if not mine:
            raise Refusal("Somebody else is moving the actors of this world right now. Say it again when that is done.")
        return await with_journal(settings, lambda journal: Placing(journal, cells).resize(shared_names(count)))


def actors_of(register: Register, kinds: list[str]) -> list[Ref]:
    """The registered actors of these kinds."""
    every = [Ref("lot", lot.id) for lot in register.lots]
    every += [Ref("bay", f"{bay.lot_id}/{bay.id}") for bay in register.bays]
    every += [Ref("device", f"{device.lot_id}/{device.id}") for device in register.devices]
    return [ref for ref in every if ref.kind in kinds]


def _in_world(settings: Settings, work: Callable[[Engine], Awaitable[T]], within_s: float | None = None) -> T:
    async def run() -> T:
        engine = open_engine(settings.database.url, settings.world, "command", pool=2)
        try:
            async with asyncio.timeout(within_s):
                return await work(engine)
        finally:
            await engine.dispose()

    return apart(run())


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Runs it to its end in a thread of its own: a signal that ends the command is raised between two steps of the
    main thread, never inside the database's driver, which it would break.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def with_journal(settings: Settings, work: Callable[[PostgresJournal], Awaitable[T]]) -> T:
    """The result of something that needs the world's journal."""
    journal = PostgresJournal(settings.database.url, settings.world, "command")
    try:
        return await work(journal)
    finally:
        await journal.close()
