"""The screens' files: what is kept, what is fresh, what nobody may reach; and the page of the interface."""

from pathlib import Path

import pytest

from gateway.http.house import House
from gateway.http.pages import Pages
from tests.gateway.http.callers import Caller


@pytest.fixture
def built(house: House) -> Path:
    """A folder of pages as the build leaves it."""
    assert house.pages is not None
    (house.pages / "assets").mkdir(parents=True)
    for name, text in (
        ("index.html", "<!doctype html><title>first page</title>"),
        ("assets/index-B3xk9_Qz.js", "1"),
        ("assets/worker-B3xk9_Qz.mjs", "1"),
        ("mark.svg", "<svg/>"),
    ):
        (house.pages / name).write_text(text)
    (house.pages.parent / "secret.txt").write_text("secret")
    return house.pages


async def test_without_built_pages_it_says_how_to_build_them(caller: Caller) -> None:
    said = await caller.get("/")
    assert said.status == 503
    assert b"make web" in said.body


async def test_any_address_of_the_screens_is_their_first_page(built: Path, caller: Caller) -> None:
    for path in ("/", "/lots/L0", "/documents"):
        said = await caller.get(path)
        assert (said.status, said.headers["Cache-Control"]) == (200, "no-cache")
        assert b"first page" in said.body
        assert said.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_files_named_by_their_content_are_kept_for_ever(built: Path, caller: Caller) -> None:
    script = await caller.get("/assets/index-B3xk9_Qz.js")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    module = await caller.get("/assets/worker-B3xk9_Qz.mjs")
    assert module.headers["Content-Type"].startswith("text/javascript")
    assert (await caller.get("/mark.svg")).headers["Cache-Control"] == "no-cache"


async def test_a_script_is_packed_for_those_who_can_unpack(built: Path, caller: Caller) -> None:
    packed = await caller.get("/assets/index-B3xk9_Qz.js", Accept_Encoding="gzip")
    plain = await caller.get("/assets/index-B3xk9_Qz.js", Accept_Encoding="identity")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.body == plain.body == b"1"


async def test_a_missing_file_is_not_the_first_page(built: Path, caller: Caller) -> None:
    said = await caller.get("/assets/index-gone1234.js")
    assert (said.status, said.code) == (404, "no_such_route")


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/%00.txt"])
async def test_nothing_outside_the_folder_is_served(built: Path, caller: Caller, path: str) -> None:
    said = await caller.get(path)
    assert b"secret" not in said.body
    assert said.status in (200, 404)


async def test_a_link_out_of_the_folder_is_not_followed(built: Path, caller: Caller) -> None:
    (built / "link.txt").symlink_to(built.parent / "secret.txt")
    assert (await caller.get("/link.txt")).status == 404


async def test_every_answer_guards_the_browser(built: Path, caller: Caller) -> None:
    for path in ("/", "/health", "/api/v1/nothing", "/docs", "/assets/index-B3xk9_Qz.js"):
        said = await caller.get(path)
        rules = said.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in rules
        assert "script-src 'self';" in rules
        assert "worker-src 'self' blob:" in rules
        assert "ws://127.0.0.1:8081" in rules
        assert said.headers["X-Content-Type-Options"] == "nosniff"
        assert said.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("host", "url", "allowed"),
    [
        ("parking.example", "", "ws://parking.example:8081 wss://parking.example:8081"),
        ("::1", "", "ws: wss:"),
        ("parking.example", "wss://live.example/frames", "wss://live.example"),
        ("a;script-src *", "", ""),
    ],
)
def test_a_browser_may_connect_to_us_and_to_the_live_door(host: str, url: str, allowed: str) -> None:
    rules = Pages(None, 8081, url).guards(host)["Content-Security-Policy"].split("; ")
    assert f"connect-src 'self' {allowed}".rstrip() in rules


async def test_a_strange_host_writes_nothing_into_the_headers(built: Path, caller: Caller) -> None:
    said = await caller.get("/", Host="a;script-src *")
    assert "*" not in said.headers.get("Content-Security-Policy", "")


async def test_the_interface_has_a_page_and_a_document(caller: Caller) -> None:
    for path, kind in (("/docs", "text/html"), ("/docs/docs.css", "text/css"), ("/docs/docs.js", "text/javascript")):
        said = await caller.get(path)
        assert (said.status, said.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    document = await caller.get("/openapi.json")
    assert document.json["openapi"] == "3.1.0"
    again = await caller.get("/openapi.json", If_None_Match=document.headers["ETag"])
    assert again.status == 304
    assert (await caller.get("/docs/secret.txt")).code == "not_found"
