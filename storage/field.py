"""What comes from the street besides facts: operations done offline, files of devices, prints, reported problems."""

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US, Micros
from storage.reading import rows
from storage.rows import Row
from storage.schema.crew import device_files, operations, prints, problems

OPERATIONS_US = 90 * DAY_US
FILES_US = 30 * DAY_US


class OperationRow(Row, frozen=True):
    """What a device did without a line, by its own id; `outcome` is empty until it is known what became of it."""

    device: str
    id: str
    who: str
    kind: str
    body: str
    at_us: Micros
    received_us: Micros
    outcome: str = ""
    code: str = ""
    details: str = ""


class FileRow(Row, frozen=True):
    """A file of a device, without its content."""

    id: str
    who: str
    device: str
    name: str
    kind: str
    sha256: str
    at_us: Micros


class ProblemRow(Row, frozen=True):
    """Something that somebody reported; `state` is open, work_order or false_report."""

    id: str
    kind: str
    lot_id: str
    bay_id: str
    device_id: str
    note: str
    pictures: str
    who: str
    at_us: Micros
    state: str = "open"
    decided_by: str = ""
    decision: str = ""
    decided_us: Micros | None = None


_FILES = [column for column in device_files.columns if column.name != "content"]


class Field:
    """The tables of what comes from the street; every method is one or two statements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def begin(self, operation: OperationRow) -> OperationRow:
        """Keeps an operation before it is applied; the one that has its id already, if there is one."""
        new = insert(operations).values(_columns(operation)).on_conflict_do_nothing()
        mine = (operations.c.device == operation.device) & (operations.c.id == operation.id)
        async with self._engine.begin() as connection:
            await connection.execute(new)
            return (await rows(connection, select(operations).where(mine), OperationRow))[0]

    async def operation(self, device: str, id: str) -> OperationRow | None:
        """One operation."""
        mine = (operations.c.device == device) & (operations.c.id == id)
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, select(operations).where(mine), OperationRow)), None)

    async def noted(self, device: str, id: str, details: str) -> OperationRow:
        """Keeps how an operation is being applied, if nobody has: whoever goes on with it does it the same way."""
        mine = (operations.c.device == device) & (operations.c.id == id)
        first = mine & (operations.c.outcome == "") & (operations.c.details == "")
        async with self._engine.begin() as connection:
            await connection.execute(update(operations).where(first).values(details=details))
            return (await rows(connection, select(operations).where(mine), OperationRow))[0]

    async def finish(self, operation: OperationRow) -> OperationRow:
        """Keeps what became of it; who else has finished it meanwhile is right."""
        mine = (operations.c.device == operation.device) & (operations.c.id == operation.id)
        said = {"outcome": operation.outcome, "code": operation.code, "details": operation.details}
        async with self._engine.begin() as connection:
            await connection.execute(update(operations).where(mine, operations.c.outcome == "").values(said))
            return (await rows(connection, select(operations).where(mine), OperationRow))[0]

    async def tidy(self, now_us: Micros) -> int:
        """Removes operations and files that are too old for any device to send again, or anybody to ask; how many."""
        old = delete(operations).where(operations.c.received_us < now_us - OPERATIONS_US)
        files = delete(device_files).where(device_files.c.at_us < now_us - FILES_US)
        async with self._engine.begin() as connection:
            return (await connection.execute(old)).rowcount + (await connection.execute(files)).rowcount

    async def keep_file(self, row: FileRow, content: bytes) -> FileRow:
        """Keeps a file; the same id again is the same file."""
        new = insert(device_files).values({**_columns(row), "content": content}).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            await connection.execute(new)
            return (await rows(connection, select(*_FILES).where(device_files.c.id == row.id), FileRow))[0]

    async def files(self, after: tuple[int, str] | None, limit: int) -> list[FileRow]:
        """Files, oldest first."""
        query = select(*_FILES).order_by(device_files.c.at_us, device_files.c.id).limit(limit)
        if after is not None:
            at, id = after
            query = query.where(or_(device_files.c.at_us > at, (device_files.c.at_us == at) & (device_files.c.id > id)))
        async with self._engine.connect() as connection:
            return await rows(connection, query, FileRow)

    async def printed(self, ticket: str, about: str) -> int:
        """One more print of this; how many there were before."""
        new = insert(prints).values(ticket=ticket, about=about, n=1)
        more = new.on_conflict_do_update(index_elements=["ticket", "about"], set_={"n": prints.c.n + 1})
        async with self._engine.begin() as connection:
            return int((await connection.execute(more.returning(prints.c.n))).scalar_one()) - 1

    async def report(self, problem: ProblemRow) -> ProblemRow:
        """Keeps a problem; the same id again is the same one."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(problems).values(_columns(problem)).on_conflict_do_nothing())
            return (await rows(connection, _problem(problem.id), ProblemRow))[0]

    async def problem(self, id: str) -> ProblemRow | None:
        """One problem."""
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, _problem(id), ProblemRow)), None)

    async def problems(self, state: str, after: tuple[int, str] | None, limit: int) -> list[ProblemRow]:
        """Problems in this state (empty: all), oldest first."""
        query = select(problems).order_by(problems.c.at_us, problems.c.id).limit(limit)
        query = query.where(problems.c.state == state) if state else query
        if after is not None:
            at, id = after
            query = query.where(or_(problems.c.at_us > at, (problems.c.at_us == at) & (problems.c.id > id)))
        async with self._engine.connect() as connection:
            return await rows(connection, query, ProblemRow)

    async def decide(self, id: str, state: str, who: str, note: str, at: Micros) -> ProblemRow | None:
        """Decides an open problem; one that was decided stays as it was."""
        said = {"state": state, "decided_by": who, "decision": note, "decided_us": at}
        open_ = (problems.c.id == id) & (problems.c.state == "open")
        async with self._engine.begin() as connection:
            await connection.execute(update(problems).where(open_).values(said))
            return next(iter(await rows(connection, _problem(id), ProblemRow)), None)


def _columns(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _problem(id: str) -> Select[tuple[object, ...]]:
    return select(problems).where(problems.c.id == id)
