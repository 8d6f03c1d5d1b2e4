"""Large pages: what is asked for, what is left alone, and what a refusal means."""

import ctypes
import errno
import mmap
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.large_pages import LEAST_BYTES, PIECE_BYTES, collapse, kernel, large, pieces, put_together

SOME = """\
7f0000000000-7f0002000000 rw-p 00000000 00:00 0
7f0010000000-7f0012000000 r--p 00000000 00:00 0
7f0020000000-7f0022000000 rw-p 00000000 08:01 77                         /lib/large.so
7f0030000000-7f0030800000 rw-p 00000000 00:00 0
7f0040000000-7f0042000000 rw-p 00000000 00:00 0                          [heap]
7f0050000000-7f0052000000 rw-p 00000000 00:00 0                          [stack]
"""
KERNEL = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
SIZE = 64 << 20
WRITTEN = bytes(range(256)) * (SIZE // 256)


def test_only_large_memory_of_its_own_is_asked_for() -> None:
    assert list(large(SOME)) == [(0x7F0000000000, 32 << 20), (0x7F0040000000, 32 << 20)]


@pytest.mark.parametrize("says", [0, errno.EINVAL, errno.ENOMEM, errno.ENOSYS])
def test_a_mapping_that_is_refused_keeps_no_other_from_it(says: int) -> None:
    asked: list[tuple[int, int]] = []
    rests: list[float] = []

    def advise(start: int, size: int) -> int:
        assert len(rests) == len(asked), "it has rested after the piece before"
        asked.append((start, size))
        return says

    collapse(SOME, advise, rests.append)
    assert asked == [piece for mapping in large(SOME) for piece in pieces(*mapping)]


def test_pieces_meet_where_large_pages_may() -> None:
    start, size = 0x7F0000001000, LEAST_BYTES + 4096
    parts = list(pieces(start, size))
    assert parts[0] == (start, PIECE_BYTES - 4096)
    assert all(length <= PIECE_BYTES for _, length in parts)
    assert [at % PIECE_BYTES for at, _ in parts[1:]] == [0] * (len(parts) - 1)
    assert [at + length for at, length in parts] == [at for at, _ in parts[1:]] + [start + size]


@pytest.fixture
def mappings() -> Iterator[list[mmap.mmap]]:
    """Two pieces of memory that were written to, in small pages; the first must not have large ones."""
    if sys.platform != "linux":
        pytest.skip("there are no such mappings")
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, SIZE, private) as never, mmap.mmap(-1, SIZE, private) as some:
        for each, advice in ((never, mmap.MADV_NOHUGEPAGE), (some, mmap.MADV_NORMAL)):
            each.madvise(advice)
            each[:] = WRITTEN
        yield [never, some]


def test_what_is_collapsed_is_still_what_it_was(mappings: list[mmap.mmap]) -> None:
    put_together()
    assert [each[:] == WRITTEN for each in mappings] == [True, True]


@pytest.mark.skipif(KERNEL < (6, 1), reason="MADV_COLLAPSE came with Linux 6.1")
@pytest.mark.skipif("[always]" in (MODE.read_text() if MODE.exists() else ""), reason="all memory has large pages here")
def test_after_a_mapping_that_the_kernel_refuses_the_next_one_has_large_pages(mappings: list[mmap.mmap]) -> None:
    refusals: list[int] = []

    def advise(start: int, size: int) -> int:
        refusals.append(kernel()(start, size))
        return refusals[-1]

    maps = "".join(f"{at:x}-{at + SIZE:x} rw-p 00000000 00:00 0\n" for at in map(address, mappings))
    collapse(maps, advise, lambda seconds: None)
    never, some = (len(list(pieces(address(mapping), SIZE))) for mapping in mappings)
    assert refusals == [errno.EINVAL] * never + [0] * some
    assert in_large_pages() >= SIZE // 2


def address(mapping: mmap.mmap) -> int:
    """Where it lies."""
    return ctypes.addressof(ctypes.c_char.from_buffer(mapping))


def in_large_pages() -> int:
    """Bytes of this process that lie in large pages."""
    (line,) = (line for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if "AnonHugePages" in line)
    return int(line.split()[1]) * 1024
