"""Large pages: what is asked for, what is left alone, and a kernel that refuses."""

import errno
import mmap
import sys

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


def test_only_large_memory_of_its_own_is_asked_for() -> None:
    assert list(large(SOME)) == [(0x7F0000000000, 8 << 20), (0x7F0004000000, 8 << 20)]


@pytest.mark.parametrize(
    ("says", "knows_how"), [(0, True), (errno.EAGAIN, True), (errno.ENOMEM, True), (errno.EINVAL, False)]
)
def test_a_kernel_that_does_not_know_how_is_not_asked_again(says: int, knows_how: bool) -> None:
    assert collapse(SOME, lambda start, size: says) is knows_how


@pytest.mark.skipif(sys.platform != "linux", reason="there are no such mappings")
def test_what_is_collapsed_is_still_what_it_was() -> None:
    held = mmap.mmap(-1, 8 << 20)
    held[:] = bytes(range(256)) * (len(held) // 256)
    collapse(MAPS.read_text(), kernel())
    assert held[:] == bytes(range(256)) * (len(held) // 256)
    held.close()
