"""An owner's account. `state` remembers, `wallet` pays, `automatic` pays without being asked, `plates` and `coupons`
are what the owner has; `life` is the rest.
"""

from actors.kinds.account.life import Account

__all__ = ["Account"]
