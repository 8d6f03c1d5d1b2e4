"""Days as scripts: what a city has to live through, told from beginning to end in virtual time."""
