"""The tables of a world: what the engine keeps, what the desk keeps, what is derived from facts (the books too),
pictures and video, collectors and patrols at work, gates that people moved, who runs it, and what the world has decided
about itself."""

from storage.schema import (
    books,
    crew,
    derived,
    engine,
    evidence,
    gates,
    holdings,
    notices,
    patrols,
    payments,
    people,
    plates,
    records,
    running,
    stays,
    world,
)
from storage.schema.naming import METADATA

__all__ = [
    "METADATA",
    "books",
    "crew",
    "derived",
    "engine",
    "evidence",
    "gates",
    "holdings",
    "notices",
    "patrols",
    "payments",
    "people",
    "plates",
    "records",
    "running",
    "stays",
    "world",
]
