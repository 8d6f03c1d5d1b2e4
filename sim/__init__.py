"""A city that can be tried: virtual time, demand and replay through the same actors."""
