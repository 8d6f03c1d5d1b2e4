"""What lanes did by themselves, in a file of their own: on the disk before the barrier moves, gone when it is told."""

import asyncio
import os
from pathlib import Path

import msgspec

from actors.messages.lane import PassedAlone
from actors.values import Micros


class Passage(msgspec.Struct, frozen=True, tag="passage"):
    """One car that a lane let pass by itself: what its lot is to be told."""

    lot: str
    said: PassedAlone


class Told(msgspec.Struct, frozen=True, tag="told"):
    """The lot knows of the lane's passages up to this one."""

    lane: str
    m: int


_lines = msgspec.json.Decoder(Passage | Told)
_encode = msgspec.json.Encoder().encode


class Logbook:
    """Passages that nobody was told of yet, oldest first. Each line of the file is one that became true; a line that
    was cut off by a power cut was never acted upon. With nothing left to tell, the file begins anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._untold: dict[int, Passage] = {}
        self._last = 0
        self._read()
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
        self._writing = asyncio.Lock()

    def untold(self) -> list[Passage]:
        """What has still to be told, oldest first."""
        return [self._untold[m] for m in sorted(self._untold)]

    def number(self, now_us: Micros) -> int:
        """The next number: greater than all before, also than those of a file that was lost, for it is the time."""
        self._last = max(self._last + 1, now_us)
        return self._last

    async def keep(self, passage: Passage) -> None:
        """On the disk, when it returns."""
        async with self._writing:
            await asyncio.to_thread(self._write, _encode(passage) + b"\n")
            self._untold[passage.said.m] = passage

    async def told(self, passage: Passage) -> None:
        """Its lot knows of it."""
        async with self._writing:
            self._untold.pop(passage.said.m, None)
            line = _encode(Told(passage.said.lane, passage.said.m)) + b"\n"
            await asyncio.to_thread(self._write if self._untold else self._begin_anew, line)

    def close(self) -> None:
        """Lets the file go."""
        os.close(self._file)

    def _write(self, line: bytes) -> None:
        os.write(self._file, line)
        os.fsync(self._file)

    def _begin_anew(self, line: bytes) -> None:
        os.ftruncate(self._file, 0)
        self._write(line)

    def _read(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.read_bytes() if self._path.exists() else b""
        whole = written[: written.rfind(b"\n") + 1]
        if len(whole) < len(written):
            self._path.write_bytes(whole)  # the rest was cut off, and its barrier never moved
        for line in whole.splitlines():
            self._take(_lines.decode(line))

    def _take(self, said: Passage | Told) -> None:
        m = said.said.m if isinstance(said, Passage) else said.m
        self._last = max(self._last, m)
        if isinstance(said, Passage):
            self._untold[m] = said
        else:
            self._untold.pop(m, None)
