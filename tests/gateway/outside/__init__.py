"""Envoys between real cells, a real table and a provider that counts."""
