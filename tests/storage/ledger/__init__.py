"""The ledger: what facts book, on which day, and what the books keep."""
