"""A payment, one attempt with a provider. `state` remembers, `order` gets the money, `refund` gives it back."""

from actors.kinds.payment.order import Payment

__all__ = ["Payment"]
