"""A vehicle, as far as its plate goes. `state` remembers, `standing` says how it stands, `owner` and `life` decide."""

from actors.kinds.vehicle.life import Vehicle

__all__ = ["Vehicle"]
