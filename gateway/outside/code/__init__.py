"""Codes of other payers (UnionPay, an aggregator) by one plain protocol of ours: JSON sealed with HMAC-SHA256."""
