"""Real cities as data files, and the scripts that made them."""
