"""The screens' built files, and the headers under which browsers may run them.

Whatever address is neither a route nor a file is the application's first page: its own router reads the address.
"""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

HASHED: Final = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".pbf": "application/x-protobuf",
    ".webmanifest": "application/manifest+json",
}
TEXTS: Final = ("text/", "application/json", "image/svg")
OWN: Final = re.compile(r"/(api|health|docs|metrics|openapi\.json)(/.*)?")

NOT_BUILT: Final = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>云停车 · YunParking</title>
<body><h1>页面尚未构建 · The pages are not built</h1>
<p>服务已在运行。运行 <code>make web</code> 构建页面后刷新本页。</p>
<p>The gateway is running. Run <code>make web</code> to build the screens, then reload this page.</p>
<p><a href="/docs">接口文档 · HTTP interface</a> · <a href="/health/ready">运行状况 · Health</a></p></body></html>
"""


class Pages:
    """The folder of built pages (it may not exist yet) and the headers that every answer carries."""

    def __init__(self, folder: Path | None, live_port: int, live_url: str = "") -> None:
        self._folder = folder.resolve() if folder else None
        self._live_port = live_port
        self._live_url = live_url
        self._packed: dict[Path, bytes] = {}

    def serves(self, request: web.Request) -> bool:
        """Whether this address belongs to the screens: read only, and none of the table's own."""
        return request.method in ("GET", "HEAD") and not OWN.fullmatch(request.path)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The file at this address, or the first page, or what to do when nothing is built."""
        found = self._file(request.path)
        if found is None and "." in request.path.rpartition("/")[2]:
            raise web.HTTPNotFound
        index = found or self._file("/index.html")
        if index is None:
            return web.Response(text=NOT_BUILT, content_type="text/html", charset="utf-8", status=503)
        return await self._sent(index, takes_gzip(request))

    def guards(self, host: str) -> dict[str, str]:
        """The headers of every answer: whom the browser may talk to, and that nobody may frame or sniff it."""
        return {
            "Content-Security-Policy": "; ".join(
                (
                    "default-src 'self'",
                    f"connect-src 'self' {self._live(host)}".rstrip(),
                    "script-src 'self'",
                    "worker-src 'self' blob:",
                    "child-src 'self' blob:",
                    "style-src 'self' 'unsafe-inline'",
                    "img-src 'self' data: blob:",
                    "font-src 'self' data:",
                    "object-src 'none'",
                    "base-uri 'none'",
                    "form-action 'self'",
                    "frame-ancestors 'none'",
                )
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def _live(self, host: str) -> str:
        """Where live frames may come from; a rule cannot name an IPv6 address, so there it names the scheme."""
        if self._live_url:
            return "/".join(self._live_url.split("/")[:3])
        if re.fullmatch(r"[0-9A-Fa-f:.]+", host) and ":" in host:
            return "ws: wss:"
        if not re.fullmatch(r"[A-Za-z0-9.-]+", host):
            return ""
        return f"ws://{host}:{self._live_port} wss://{host}:{self._live_port}"

    def _file(self, path: str) -> Path | None:
        if self._folder is None or "\0" in path:
            return None
        file = (self._folder / path.lstrip("/")).resolve()
        return file if file.is_file() and file.is_relative_to(self._folder) else None

    def _is_hashed(self, file: Path) -> bool:
        """Built files under assets/ carry a hash of what they contain in their name."""
        return file.parent.name == "assets" and HASHED.search(file.name) is not None

    async def _sent(self, file: Path, gzipped: bool) -> web.StreamResponse:
        kind = TYPES.get(file.suffix, "")
        headers = {hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: "Accept-Encoding"}
        if kind:
            headers[hdrs.CONTENT_TYPE] = f"{kind}; charset=utf-8" if kind.startswith(TEXTS) else kind
        if not self._is_hashed(file):
            return web.FileResponse(file, headers=headers)
        headers[hdrs.CACHE_CONTROL] = FOR_EVER
        if not (gzipped and kind.startswith(TEXTS)):
            return web.FileResponse(file, headers=headers)
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=await self._packed_once(file), headers=headers)

    async def _packed_once(self, file: Path) -> bytes:
        """A file whose name tells its content is packed once."""
        if file not in self._packed:
            self._packed[file] = await asyncio.to_thread(lambda: gzip.compress(file.read_bytes(), 6))
        return self._packed[file]


def takes_gzip(request: web.Request) -> bool:
    """Whether the caller names gzip among what it can unpack, and not to rule it out (`q=0`)."""
    named = request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().replace(" ", "").split(",")
    return any(re.fullmatch(r"gzip(;q=(1(\.0*)?|0?\.0*[1-9]\d*))?", one) for one in named)
