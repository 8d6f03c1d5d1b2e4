"""The stream's own topic: the actors of which something became true, for topics that concern few."""

TOUCHED = "/touched"
"""Its name; no screen can follow it."""
CONCERNING = frozenset({"session", "account", "vehicle"})
"""Kinds whose facts may change a private topic."""
