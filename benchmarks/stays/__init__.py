"""The parts of `benchmarks/sessions.py`: stays of actors alone, and through the doors of a running city."""
