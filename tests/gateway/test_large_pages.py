"""Large pages: what is asked for, what is left alone, and a kernel that refuses."""

import errno
import mmap
import platform
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.large_pages import MAPS, collapse, kernel, large

SOME = """\
7f0000000000-7f0000800000 rw-p 00000000 00:00 0
7f0001000000-7f0001800000 r--p 00000000 00:00 0
7f0002000000-7f0002800000 rw-p 00000000 08:01 77                         /lib/large.so
7f0003000000-7f0003001000 rw-p 00000000 00:00 0
7f0004000000-7f0004800000 rw-p 00000000 00:00 0                          [heap]
7f0005000000-7f0005800000 rw-p 00000000 00:00 0                          [stack]
"""

KERNEL = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
WRITTEN = bytes(range(256)) * ((64 << 20) // 256)


def test_only_large_memory_of_its_own_is_asked_for() -> None:
    assert list(large(SOME)) == [(0x7F0000000000, 8 << 20), (0x7F0004000000, 8 << 20)]


def test_a_mapping_that_is_refused_keeps_no_other_from_it() -> None:
    def refuse_first(start: int, size: int) -> int:
        return errno.EINVAL if start == 0x7F0000000000 else 0

    assert collapse(SOME, refuse_first) == 8 << 20
    assert collapse(SOME, lambda start, size: errno.ENOSYS) == 0


@pytest.fixture
def held() -> Iterator[mmap.mmap]:
    """Memory of this process that was written to, in small pages."""
    if sys.platform != "linux":
        pytest.skip("there are no such mappings")
    with mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as some:
        some[:] = WRITTEN
        yield some


def test_what_is_collapsed_is_still_what_it_was(held: mmap.mmap) -> None:
    collapse(MAPS.read_text(), kernel())
    assert held[:] == WRITTEN


@pytest.mark.skipif(KERNEL < (6, 1), reason="MADV_COLLAPSE came with Linux 6.1")
def test_a_process_with_threads_gets_large_pages(held: mmap.mmap) -> None:
    # The kernel refuses the stack of a thread, for glibc asks it to; a watcher that gave up then never did anything.
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        collapse(MAPS.read_text(), kernel())
        assert in_large_pages() >= 32 << 20
    finally:
        done.set()
        thread.join()


def in_large_pages() -> int:
    """Bytes of this process that lie in large pages."""
    (line,) = (line for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if "AnonHugePages" in line)
    return int(line.split()[1]) * 1024
