"""The ledger: what was owed, came and went, as entries of lines that sum to zero; only ever added to, made from facts."""
