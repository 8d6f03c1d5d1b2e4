"""Actors that forget nothing: turns, pages, cells and the lanes between them."""
