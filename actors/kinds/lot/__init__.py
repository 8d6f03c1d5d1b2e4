"""A lot: a street section or an off-street lot. `section` knows who works there,
`counts` its bays, `state` who is inside and what its lanes do;
`entry`, `exit` and `alone` decide at the lanes, `gates` opens barriers for people.
"""

from actors.kinds.lot.gates import Lot

__all__ = ["Lot"]
