"""The tables of a world: what the engine keeps, what the desk keeps, what is derived from facts, pictures and video,
who runs it, and what the world has decided about itself."""

from storage.schema import derived, engine, evidence, people, records, running, world
from storage.schema.naming import METADATA

__all__ = ["METADATA", "derived", "engine", "evidence", "people", "records", "running", "world"]
