"""Tests of storage, against a real PostgreSQL."""
