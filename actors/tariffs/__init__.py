"""Tariffs: any city's price rules as data, exact to the second, explained line by line."""
