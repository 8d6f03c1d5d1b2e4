"""A small world for the engine: toy actors, a bad network, a bad store, and a checker that sees everything."""
