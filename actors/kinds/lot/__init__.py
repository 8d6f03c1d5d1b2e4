"""A lot: a street section or an off-street lot. `section` knows who works there,
`counts` its bays, `state` who is inside and what its lanes do;
`entry` and `exit` decide at the lanes, at the `desk` people decide; `emergency` forces all gates open,
and `gates` is the whole.
"""

from actors.kinds.lot.gates import Lot

__all__ = ["Lot"]
