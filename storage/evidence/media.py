"""What may be evidence: four kinds of files, known by their first bytes, each no larger than its limit."""

from collections.abc import Callable
from typing import Final, NamedTuple

MEBIBYTE: Final = 1 << 20
HEAD_BYTES: Final = 16
"""How many of the first bytes tell a kind."""


class Media(NamedTuple):
    """One kind of file: its content type, whether it is a picture, and how it begins."""

    content_type: str
    picture: bool
    begins: Callable[[bytes], bool]


MEDIA: Final[dict[str, Media]] = {
    "jpeg": Media("image/jpeg", True, lambda head: head.startswith(b"\xff\xd8\xff")),
    "png": Media("image/png", True, lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    "webp": Media("image/webp", True, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    "mp4": Media("video/mp4", False, lambda head: head[4:8] == b"ftyp"),
}


class Limits(NamedTuple):
    """The most bytes of a picture and of a video."""

    picture_bytes: int = 5 * MEBIBYTE
    video_bytes: int = 50 * MEBIBYTE

    def of(self, media: str) -> int:
        """The most for this kind of file."""
        return self.picture_bytes if MEDIA[media].picture else self.video_bytes


LIMITS: Final = Limits()
