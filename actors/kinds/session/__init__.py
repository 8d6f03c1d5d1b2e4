"""A parking session: one stay of one vehicle. `state` remembers, `price` reckons, `money` takes, `life` decides."""

from actors.kinds.session.life import Session

__all__ = ["Session"]
