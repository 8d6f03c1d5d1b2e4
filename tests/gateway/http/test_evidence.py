"""Pictures and video over HTTP: brought in parts, seen again, and refused."""

import os
from hashlib import sha256
from typing import Any

import pytest

from gateway.http.house import House
from storage.evidence.uploads import PART_BYTES
from tests.gateway.http.callers import Caller, Said

JPEG = b"\xff\xd8\xff\xe0"
MP4 = b"\0\0\0\x18ftypisom"
BYTES = {"Content_Type": "application/octet-stream"}


def of(session: str, media: str = "jpeg", **more: Any) -> dict[str, Any]:
    return {"media": media, "taken_us": 7, "kind": "session", "key": session, **more}


async def bring(caller: Caller, said: dict[str, Any], body: bytes, key: str = "") -> Said:
    """A whole upload."""
    begun = await caller(
        "POST", "/api/v1/evidence", {**said, "bytes": len(body)}, Idempotency_Key=key or os.urandom(9).hex()
    )
    assert begun.status == 201, begun.json
    id, offset, size = begun.json["id"], begun.json["offset"], begun.json["part_bytes"]
    while offset < len(body):
        path = f"/api/v1/evidence/{id}/upload?offset={offset}"
        taken = await caller("PATCH", path, body[offset : offset + size], **BYTES)
        assert taken.status == 200, taken.json
        offset = taken.json["offset"]
    return await caller("POST", f"/api/v1/evidence/{id}/finish", {"sha256": sha256(body).hexdigest()})


async def test_an_upload_that_was_cut_goes_on_where_it_was(operator: Caller) -> None:
    body = JPEG + os.urandom(2 * PART_BYTES)
    said = {**of("l/cut-1", role="plate"), "bytes": len(body)}
    begun = await operator("POST", "/api/v1/evidence", said, Idempotency_Key="cut-1")
    path = f"/api/v1/evidence/{begun.json['id']}/upload"
    await operator("PATCH", f"{path}?offset=0", body[:PART_BYTES], **BYTES)
    assert (await operator("POST", "/api/v1/evidence", said, Idempotency_Key="cut-1")).json["offset"] == PART_BYTES
    twice = await operator("PATCH", f"{path}?offset=0", body[:PART_BYTES], **BYTES)
    assert (twice.status, twice.code, twice.json["details"]) == (409, "wrong_offset", {"offset": str(PART_BYTES)})
    stands = (await operator.get(path)).json
    assert (stands["offset"], stands["bytes"], stands["finished"]) == (PART_BYTES, len(body), False)
    early = await operator("POST", path.replace("upload", "finish"), {"sha256": sha256(body).hexdigest()})
    assert (early.status, early.code) == (409, "unfinished")
    made = await bring(operator, of("l/cut-1", role="plate"), body, "cut-1")
    assert (made.status, made.json["who"], made.json["bytes"]) == (200, "operator", len(body))
    seen = await operator.get(made.json["content"])
    assert (seen.status, seen.body, seen.headers["Content-Type"]) == (200, body, "image/jpeg")
    assert (await operator.get(path)).json["finished"]


@pytest.mark.feature("PDA-21")
async def test_an_entry_and_an_exit_take_several_pictures_and_list_them_all(operator: Caller) -> None:
    pictures = [(role, JPEG + os.urandom(100)) for role in ("entry", "entry", "exit", "exit", "exit")]
    brought = [
        (await bring(operator, of("l/several-1", role=role, source="pda", device="pda-7"), body)).json
        for role, body in pictures
    ]
    assert (await bring(operator, of("l/several-2", role="entry"), JPEG)).status == 200
    listed = (await operator.get("/api/v1/evidence?key=l/several-1")).json
    assert sorted(listed["items"], key=str) == sorted(brought, key=str)
    assert {(item["role"], item["device"]) for item in listed["items"]} == {("entry", "pda-7"), ("exit", "pda-7")}
    contents = [(await operator.get(item["content"])).body for item in brought]
    assert contents == [body for _, body in pictures]


@pytest.mark.feature("DEV-05")
async def test_a_patrol_report_is_whole_with_three_pictures_and_a_video(operator: Caller) -> None:
    report = {"source": "patrol", "device": "car-3", "report": "r-1"}
    for role in ("tail", "panorama", "video"):
        body = MP4 + os.urandom(50) if role == "video" else JPEG + os.urandom(50)
        media = "mp4" if role == "video" else "jpeg"
        assert (await bring(operator, of("l/patrol-1", media, role=role, **report), body)).status == 200
    listed = (await operator.get("/api/v1/evidence?key=l/patrol-1")).json
    assert listed["reports"] == [{"report": "r-1", "source": "patrol", "missing": ["head"], "complete": False}]
    await bring(operator, of("l/patrol-1", role="head", **report), JPEG + b"head")
    listed = (await operator.get("/api/v1/evidence?key=l/patrol-1")).json
    assert listed["reports"] == [{"report": "r-1", "source": "patrol", "missing": [], "complete": True}]
    assert {item["role"] for item in listed["items"]} == {"tail", "panorama", "head", "video"}
    for item in listed["items"]:
        assert len((await operator.get(item["content"])).body) == item["bytes"]


async def test_a_list_has_pages(operator: Caller) -> None:
    for taken in (3, 1, 2):
        await bring(operator, {**of("l/pages-1"), "taken_us": taken}, JPEG + bytes([taken]))
    first = (await operator.get("/api/v1/evidence?key=l/pages-1&limit=2")).json
    second = (await operator.get(f"/api/v1/evidence?key=l/pages-1&limit=2&after={first['next']}")).json
    assert [item["taken_us"] for item in (*first["items"], *second["items"])] == [1, 2, 3]
    assert second["next"] is None


async def test_part_of_a_video_can_be_asked_for(operator: Caller) -> None:
    body = MP4 + os.urandom(3_000)
    made = (await bring(operator, of("l/range-1", "mp4", role="video"), body)).json
    seen = await operator.get(made["content"], Range="bytes=100-199")
    assert (seen.status, seen.body) == (206, body[100:200])
    assert seen.headers["Content-Range"] == f"bytes 100-199/{len(body)}"
    assert (await operator.get(made["content"], Range="bytes=-5")).body == body[-5:]
    assert (await operator.get(made["content"], Range="parsecs=1")).body == body
    beyond = await operator.get(made["content"], Range="bytes=9999-")
    assert (beyond.status, beyond.code) == (416, "no_such_range")
    kept = await operator.get(made["content"], If_None_Match=seen.headers["ETag"])
    assert (kept.status, kept.body) == (304, b"")


async def test_what_is_no_picture_too_large_or_damaged_is_refused(operator: Caller) -> None:
    large = await operator("POST", "/api/v1/evidence", {**of("l/x"), "bytes": 6 << 20})
    assert (large.status, large.code) == (413, "too_large")
    script = await operator("POST", "/api/v1/evidence", {**of("l/x", "png"), "bytes": 8})
    path = f"/api/v1/evidence/{script.json['id']}/upload?offset=0"
    said = await operator("PATCH", path, b"<script>", **BYTES)
    assert (said.status, said.code) == (415, "wrong_media")
    said = await operator("PATCH", path, {"not": "raw"})
    assert (said.status, said.code) == (415, "not_raw")
    said = await operator("PATCH", path, bytes(PART_BYTES + 1), **BYTES)
    assert (said.status, said.code) == (413, "too_large")
    said = await operator("PATCH", path, JPEG, **BYTES)
    assert (said.status, said.code, said.json["details"]) == (409, "wrong_part", {"bytes": "8"})
    begun = await operator("POST", "/api/v1/evidence", {**of("l/x"), "bytes": 4})
    path = f"/api/v1/evidence/{begun.json['id']}"
    await operator("PATCH", f"{path}/upload?offset=0", JPEG, **BYTES)
    said = await operator("POST", f"{path}/finish", {"sha256": "0" * 64})
    assert (said.status, said.code) == (409, "wrong_hash")
    assert (await operator.get(f"{path}/upload")).json["offset"] == 0


async def test_an_upload_is_of_who_began_it(caller: Caller, house: House, operator: Caller) -> None:
    begun = await operator("POST", "/api/v1/evidence", {**of("l/x"), "bytes": 4})
    another = Caller(caller.session, house.identity.issue("u-2", "another", "administrator", "s")[0])
    assert (await another.get(f"/api/v1/evidence/{begun.json['id']}/upload")).status == 404


async def test_a_content_that_the_store_lost_is_said_to_be(operator: Caller, house: House) -> None:
    made = (await bring(operator, of("l/lost-1"), JPEG + b"lost")).json
    await house.evidence._store.delete(f"blobs/{made['sha256'][:2]}/{made['sha256']}")
    said = await operator.get(made["content"])
    assert (said.status, said.code) == (404, "not_found")
