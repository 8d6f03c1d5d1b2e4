"""The tables of a world: what the engine keeps, what the desk keeps, and what is derived from facts."""

from storage.schema import derived, engine, people, records
from storage.schema.naming import METADATA

__all__ = ["METADATA", "derived", "engine", "people", "records"]
