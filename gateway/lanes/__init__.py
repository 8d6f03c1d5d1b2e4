"""Lanes: what decides at a barrier within a second, whoever answers, and tells the city afterwards what it did alone."""
