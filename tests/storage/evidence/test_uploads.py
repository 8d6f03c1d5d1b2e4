"""Uploads with a real database: cut off and gone on with, raced, refused, closed, and what is kept afterwards."""

import asyncio
import os
from hashlib import sha256
from pathlib import Path

import asyncpg
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US, HOUR_US, Micros, Ref
from storage.errors import Declined
from storage.evidence.kept import GRACE_US, Evidence, KeptEvidence
from storage.evidence.media import MEDIA, Limits
from storage.evidence.store import FolderStore
from storage.evidence.uploads import LINGER_US, UNFINISHED_MOST, Uploads

JPEG = b"\xff\xd8\xff\xe0"
STAY = Ref("session", "lot-1/s-1")
SAID = Evidence("", "", "", 0, 5, 0, *STAY, "plate", "pda", "pda-1", "collector", "")


class Clock:
    now: Micros = 1_780_000_000_000_000

    def __call__(self) -> Micros:
        return self.now


class Scene:
    """Uploads of parts of ten bytes, and what they become."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.clock, self.folder = Clock(), folder
        self.store = FolderStore(folder)
        self.uploads = Uploads(engine, self.store, Limits(100, 200), part_bytes=10, now=self.clock)
        self.kept = KeptEvidence(engine, self.store, self.clock)

    async def begin(self, id: str, body: bytes) -> None:
        stands = await self.uploads.begin(id, "collector", "jpeg", len(body), SAID)
        assert (stands.offset, stands.part_bytes) == (0, 10)

    async def bring(self, id: str, body: bytes) -> Evidence:
        await self.begin(id, body)
        for offset in range(0, len(body), 10):
            await self.uploads.take(id, "collector", offset, body[offset : offset + 10])
        return await self.uploads.finish(id, "collector", sha256(body).hexdigest())

    def files(self) -> list[str]:
        return sorted(str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.is_file())


@pytest.fixture
def scene(engine: AsyncEngine, tmp_path: Path) -> Scene:
    return Scene(engine, tmp_path)


def refusal(caught: pytest.ExceptionInfo[Declined]) -> tuple[str, dict[str, str]]:
    return caught.value.code, caught.value.details


async def test_parts_become_one_content_under_its_hash(scene: Scene) -> None:
    body = JPEG + os.urandom(31)
    made = await scene.bring("u-1", body)
    assert made == msgspec.structs.replace(
        SAID,
        id="u-1",
        sha256=sha256(body).hexdigest(),
        media="jpeg",
        bytes=35,
        stored_us=scene.clock.now,
    )
    assert await scene.kept.one("u-1") == made
    assert b"".join([chunk async for chunk in scene.kept.content(made)]) == body
    assert await scene.kept.of(STAY, None, 9) == [made]
    assert await scene.kept.of(STAY, (made.taken_us, made.id), 9) == []
    assert await scene.kept.of(Ref("session", "lot-1/s-2"), None, 9) == []
    again = await scene.uploads.finish("u-1", "collector", sha256(body).hexdigest())
    assert again == made
    assert (await scene.uploads.begin("u-1", "collector", "jpeg", 35, SAID)).finished


async def test_a_cut_upload_goes_on_where_it_was(scene: Scene) -> None:
    body = JPEG + os.urandom(21)
    await scene.begin("u-1", body)
    await scene.uploads.take("u-1", "collector", 0, body[:10])
    assert (await scene.uploads.standing("u-1", "collector")).offset == 10
    for wrong in (0, 20, 5):
        with pytest.raises(Declined) as caught:
            await scene.uploads.take("u-1", "collector", wrong, body[wrong : wrong + 10])
        assert refusal(caught) == ("wrong_offset", {"offset": "10"})
    with pytest.raises(Declined) as caught:
        await scene.uploads.finish("u-1", "collector", sha256(body).hexdigest())
    assert refusal(caught) == ("unfinished", {"offset": "10"})
    await scene.uploads.take("u-1", "collector", 10, body[10:20])
    assert (await scene.uploads.take("u-1", "collector", 20, body[20:])).offset == 25
    assert (await scene.uploads.finish("u-1", "collector", sha256(body).hexdigest())).bytes == 25


async def test_of_two_that_bring_the_same_part_one_is_taken(scene: Scene) -> None:
    body = JPEG + os.urandom(6)
    await scene.begin("u-1", body)
    takes = [scene.uploads.take("u-1", "collector", 0, body) for _ in range(8)]
    said = await asyncio.gather(*takes, return_exceptions=True)
    refused = [each for each in said if isinstance(each, Declined)]
    assert [each.code for each in refused] == ["wrong_offset"] * 7
    assert (await scene.uploads.finish("u-1", "collector", sha256(body).hexdigest())).bytes == 10


async def test_of_many_that_finish_one_makes_the_evidence(scene: Scene, bare: asyncpg.Connection) -> None:
    body = JPEG + os.urandom(6)
    await scene.begin("u-1", body)
    await scene.uploads.take("u-1", "collector", 0, body)
    ends = [scene.uploads.finish("u-1", "collector", sha256(body).hexdigest()) for _ in range(4)]
    said = await asyncio.gather(*ends)
    assert len({each.stored_us for each in said}) == 1
    assert await bare.fetchval("SELECT count(*) FROM evidence") == 1


async def test_a_wrong_hash_begins_anew(scene: Scene) -> None:
    body = JPEG + os.urandom(6)
    await scene.begin("u-1", body)
    await scene.uploads.take("u-1", "collector", 0, body)
    with pytest.raises(Declined) as caught:
        await scene.uploads.finish("u-1", "collector", "0" * 64)
    assert refusal(caught) == ("wrong_hash", {"offset": "0"})
    assert (await scene.uploads.standing("u-1", "collector")).offset == 0
    await scene.uploads.take("u-1", "collector", 0, body)
    assert await scene.uploads.finish("u-1", "collector", sha256(body).hexdigest())


async def test_what_is_too_large_of_another_kind_or_anothers_is_refused(scene: Scene) -> None:
    with pytest.raises(Declined) as caught:
        await scene.uploads.begin("u-1", "collector", "jpeg", 101, SAID)
    assert refusal(caught)[0] == "too_large"
    assert (await scene.uploads.begin("u-2", "collector", "mp4", 101, SAID)).bytes == 101
    await scene.begin("u-3", bytes(20))
    with pytest.raises(Declined) as caught:
        await scene.uploads.take("u-3", "collector", 0, b"\x89PNG\r\n\x1a\n00")
    assert refusal(caught) == ("wrong_media", {"media": "jpeg"})
    for part in (JPEG, JPEG + bytes(16)):
        with pytest.raises(Declined) as caught:
            await scene.uploads.take("u-3", "collector", 0, part)
        assert refusal(caught) == ("wrong_part", {"bytes": "10"})
    for asking in (
        scene.uploads.standing("u-3", "another"),
        scene.uploads.take("u-3", "another", 0, JPEG + bytes(6)),
        scene.uploads.begin("u-3", "another", "jpeg", 9, SAID),
    ):
        with pytest.raises(Declined, match="not_found"):
            await asking


async def test_nobody_begins_without_end(scene: Scene) -> None:
    for n in range(UNFINISHED_MOST):
        await scene.uploads.begin(f"u-{n}", "collector", "jpeg", 9, SAID)
    with pytest.raises(Declined, match="too_many_uploads"):
        await scene.uploads.begin("u-more", "collector", "jpeg", 9, SAID)
    await scene.uploads.begin("u-other", "another", "jpeg", 9, SAID)
    await scene.uploads.begin("u-0", "collector", "jpeg", 9, SAID)


@pytest.mark.parametrize(
    ("media", "head", "good"),
    [
        ("jpeg", b"\xff\xd8\xff\xe1", True),
        ("jpeg", b"\x89PNG\r\n\x1a\n", False),
        ("png", b"\x89PNG\r\n\x1a\n\0\0", True),
        ("webp", b"RIFF\x10\0\0\0WEBPVP8 ", True),
        ("webp", b"RIFF\x10\0\0\0WAVEfmt ", False),
        ("mp4", b"\0\0\0\x18ftypisom", True),
        ("mp4", b"<html>", False),
        ("png", b"", False),
    ],
)
def test_a_kind_is_known_by_its_first_bytes(media: str, head: bytes, good: bool) -> None:
    assert MEDIA[media].begins(head) is good


async def test_what_nobody_goes_on_with_is_closed_and_leaves_nothing(scene: Scene, bare: asyncpg.Connection) -> None:
    await scene.begin("u-1", JPEG + bytes(21))
    await scene.uploads.take("u-1", "collector", 0, JPEG + bytes(6))
    (scene.folder / "parts/u-1/1").write_bytes(b"stored, and its writer died before it was noted")
    scene.clock.now += 2 * HOUR_US
    await scene.begin("u-2", JPEG)
    assert await scene.uploads.tidy(HOUR_US) == 0
    with pytest.raises(Declined, match="not_found"):
        await scene.uploads.take("u-1", "collector", 10, bytes(10))
    scene.clock.now += LINGER_US + 1
    await scene.uploads.take("u-2", "collector", 0, JPEG)
    assert await scene.uploads.tidy(HOUR_US) == 1
    assert scene.files() == ["parts/u-2/0"]
    assert await bare.fetchval("SELECT string_agg(id, ' ') FROM uploads") == "u-2"


async def test_parts_of_what_is_finished_go_and_the_evidence_stays(scene: Scene) -> None:
    body = JPEG + os.urandom(15)
    made = await scene.bring("u-1", body)
    scene.clock.now += LINGER_US + 1
    assert await scene.uploads.tidy(DAY_US) == 1
    assert scene.files() == [f"blobs/{made.sha256[:2]}/{made.sha256}"]
    assert await scene.uploads.finish("u-1", "collector", made.sha256) == made
    assert (await scene.uploads.begin("u-1", "collector", "jpeg", 19, SAID)).finished


async def test_a_content_lies_once_and_goes_with_the_last_that_is_of_it(scene: Scene) -> None:
    body = JPEG + os.urandom(6)
    first = await scene.bring("u-1", body)
    scene.clock.now += 10 * DAY_US
    second = await scene.bring("u-2", body)
    assert first.sha256 == second.sha256
    assert await scene.kept.tidy(5 * DAY_US) == 0
    assert [each.id for each in await scene.kept.of(STAY, None, 9)] == ["u-2"]
    assert b"".join([chunk async for chunk in scene.kept.content(second)]) == body
    scene.clock.now += 6 * DAY_US
    assert await scene.kept.tidy(0) == 0
    assert await scene.kept.tidy(5 * DAY_US) == 1
    await scene.uploads.tidy(DAY_US)
    assert scene.files() == []


async def test_a_content_that_is_being_brought_again_stays(scene: Scene, bare: asyncpg.Connection) -> None:
    """Between noting a content and entering what it is of, nobody removes it, and afterwards it is there."""
    body = JPEG + os.urandom(6)
    await scene.bring("u-1", body)
    scene.clock.now += 10 * DAY_US
    await bare.execute("DELETE FROM evidence")
    await scene.begin("u-2", body)
    await scene.uploads.take("u-2", "collector", 0, body)
    removing = [scene.kept.tidy(0) for _ in range(3)]
    finishing = scene.uploads.finish("u-2", "collector", sha256(body).hexdigest())
    made, _ = await asyncio.gather(finishing, asyncio.gather(*removing))
    assert b"".join([chunk async for chunk in scene.kept.content(made)]) == body
    scene.clock.now += GRACE_US + 1
    assert await scene.kept.tidy(0) == 0
