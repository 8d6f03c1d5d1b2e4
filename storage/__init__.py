"""What must not be forgotten: the journal, the records and the tables derived from facts."""
