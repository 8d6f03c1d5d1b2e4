"""Large pages (2 MiB) for a process that holds a city: each reading touches actors all over its memory, and with pages
of 4 KiB the processor spends a seventh of a turn looking up where they lie.

Python asks the system for memory in small pieces and says nothing of large pages; so a thread looks now and then, and
when much has come since, it has the kernel put together what lies together (MADV_COLLAPSE, Linux 6.1 and later). It
changes where bytes lie, not what they are; a kernel that knows no such thing, or may not, leaves all as it was, and so
it does with mappings that must not have large pages (on some, the stacks of threads).
"""

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MADV_COLLAPSE = 25
LEAST_BYTES = 16 << 20
"""Smaller mappings are passed over: stacks (8 MiB by default, and hardly used), tables, what a small process has."""
GROWN_BYTES = 32 << 20
LOOK_EVERY_S = 5.0
PIECE_BYTES = 8 << 20
RESTS = 3.0
"""While a piece is put together nothing else in the process gets memory: it rests so many times as long after each."""
MAPS, STATM = Path("/proc/self/maps"), Path("/proc/self/statm")

Advise = Callable[[int, int], int]
"""Has the kernel collapse (start, length); 0, or the error's number."""
Rest = Callable[[float], object]
"""Waits for so many seconds."""


def seek_large_pages() -> None:
    """From now on, in the background; where there is no such kernel, nothing happens."""
    if STATM.exists():
        threading.Thread(target=_watch, name="large pages", daemon=True).start()


def put_together(rest: Rest = lambda seconds: None) -> None:
    """Now, all that this process has; where there is no such kernel, nothing happens."""
    if MAPS.exists():
        collapse(MAPS.read_text(), kernel(), rest)


def _watch() -> None:
    known = resident()
    while True:
        time.sleep(LOOK_EVERY_S)
        if resident() - known >= GROWN_BYTES:
            put_together(time.sleep)
            known = resident()


def collapse(maps: str, advise: Advise, rest: Rest) -> None:
    """Collapses the large mappings of this process, as `/proc/self/maps` has them, piece by piece.

    What is refused (a mapping that must not, one that has gone, no memory left for it now) keeps no other from it. What
    has come in the place of one that has gone meanwhile is collapsed too, which does no harm.
    """
    for start, size in large(maps):
        for piece in pieces(start, size):
            began = time.perf_counter()
            advise(*piece)
            rest(RESTS * (time.perf_counter() - began))


def pieces(start: int, size: int) -> Iterator[tuple[int, int]]:
    """This mapping as (start, length) of its pieces. They meet where large pages may: none would lie across."""
    end = start + size
    while start < end:
        upto = min(end, (start // PIECE_BYTES + 1) * PIECE_BYTES)
        yield start, upto - start
        start = upto


def large(maps: str) -> Iterator[tuple[int, int]]:
    """Where the process's own memory lies, as (start, length), as far as it is worth it."""
    for line in maps.splitlines():
        where, rights, _, _, inode, *name = line.split()
        start, end = (int(each, 16) for each in where.split("-"))
        own = inode == "0" and rights.startswith("rw") and name in ([], ["[heap]"])
        if own and end - start >= LEAST_BYTES:
            yield start, end - start


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def kernel() -> Advise:
    """The running kernel; others of this process run on while it works."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

    def advise(start: int, size: int) -> int:
        return 0 if libc.madvise(start, size, MADV_COLLAPSE) == 0 else ctypes.get_errno()

    return advise
