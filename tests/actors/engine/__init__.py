"""The engine, on its own."""
