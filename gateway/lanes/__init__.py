"""Lanes: what decides at a barrier within a second, whoever answers, and tells the city later what it did alone."""
