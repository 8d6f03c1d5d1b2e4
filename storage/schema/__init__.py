"""The tables of a world: what the engine keeps, what the desk keeps, what is derived from facts (the books too),
pictures and video, who runs it, and what the world has decided about itself."""

from storage.schema import books, derived, engine, evidence, people, records, running, stays, world
from storage.schema.naming import METADATA

__all__ = ["METADATA", "books", "derived", "engine", "evidence", "people", "records", "running", "stays", "world"]
