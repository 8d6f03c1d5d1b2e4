"""The ledger: what was owed, came and went, as entries that sum to zero; made from facts, and only ever added to."""
