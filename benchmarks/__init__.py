"""Benchmarks: what YunParking does in a second on this machine, each beside something it can be compared with."""
