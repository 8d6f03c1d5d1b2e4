"""What a bay keeps for a stay that has not begun yet."""

from actors.messages.forms import Fact
from actors.values import Micros


class PlateAhead(Fact, frozen=True, gc=False):
    """A device read the plate of a vehicle whose arrival is not believed yet: it waits for the stay."""

    plate: str
    colour: str
    source: str
    device: str
    confidence_pct: int
    seen_us: Micros
