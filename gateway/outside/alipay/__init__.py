"""Alipay: forms signed with RSA2, one gateway address, and notifications as forms."""
