"""How the interface describes itself: the OpenAPI document for programs, and a page of our own for people."""

from importlib.resources import files
from typing import Final

from gateway.http.errors import Problem
from gateway.http.forms import Call, Document, NoQuery
from gateway.http.house import House

FOLDER: Final = files("gateway.http") / "docs_page"
FILES: Final = {
    name: Document((FOLDER / name).read_bytes(), f"{kind}; charset=utf-8")
    for name, kind in (("index.html", "text/html"), ("docs.css", "text/css"), ("docs.js", "text/javascript"))
}


async def page(house: House, call: Call[NoQuery, None]) -> Document:
    """The page itself."""
    return FILES["index.html"]


async def part(house: House, call: Call[NoQuery, None]) -> Document:
    """Its style or its script."""
    found = FILES.get(call.path["file"])
    if found is None:
        raise Problem("not_found")
    return found


async def document(house: House, call: Call[NoQuery, None]) -> Document:
    """The OpenAPI description of the table."""
    return house.description
