"""The HTTP door: one table of routes, from which the server, its checks and its description are made."""
