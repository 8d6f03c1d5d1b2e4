"""The programs of `fanout`, a process each: views whose bays change at a set rate, lines that send, screens."""
