"""What the devices of one bay say of it, and what follows from all of them together."""

import msgspec

from actors.values import Micros


class Opinion(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one device last said: taken or not (None: nothing yet), since when it says so, when it last said so."""

    health: str = "ok"
    occupied: bool | None = None
    since_us: Micros = 0
    seen_us: Micros = 0

    def heard(self, occupied: bool, seen_us: Micros) -> "Opinion":
        """The opinion after the device has said this."""
        since_us = self.since_us if occupied == self.occupied else seen_us
        return Opinion(self.health, occupied, since_us, seen_us)


UNHEARD = Opinion()
"""Of a device that has said nothing yet."""

Opinions = dict[str, Opinion]


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What all healthy devices together say: the newest change, who saw it first, and who contradicts whom."""

    occupied: bool
    since_us: Micros
    device: str
    seen_us: Micros
    newest: str
    against: str | None


def verdict(opinions: Opinions, after_us: Micros, window_us: Micros) -> Verdict | None:
    """Fuses the opinions: of the healthy devices that spoke within `window_us` of the last one, the newest change
    wins, unless another device has gone on saying the opposite after it. None: no healthy device has an opinion.

    The change is dated by the first device that saw it after `after_us`, the bay's own last change.
    """
    if len(opinions) == 1:
        return _of_one(*next(iter(opinions.items())), after_us)
    healthy = {d: o for d, o in opinions.items() if o.health == "ok" and o.occupied is not None}
    if not healthy:
        return None
    latest = max(o.seen_us for o in healthy.values())
    current = {d: o for d, o in healthy.items() if o.seen_us >= latest - window_us}
    newest = max(current, key=lambda d: (current[d].since_us, current[d].seen_us, d))
    change = current[newest]
    same = {d: o for d, o in current.items() if o.occupied == change.occupied}
    seen_us = max(o.seen_us for o in same.values())
    first = min((o.since_us, d) for d, o in same.items() if o.since_us >= min(after_us, change.since_us))
    against = min(
        (d for d, o in current.items() if d not in same and o.seen_us > change.since_us),
        default=None,
    )
    return Verdict(bool(change.occupied), max(first[0], after_us), first[1], seen_us, newest, against)


def _of_one(device: str, said: Opinion, after_us: Micros) -> Verdict | None:
    """The same for the most bays, which have one device."""
    if said.health != "ok" or said.occupied is None:
        return None
    return Verdict(said.occupied, max(said.since_us, after_us), device, said.seen_us, device, None)


def trouble(opinions: Opinions) -> str:
    """`faulty` if all devices report a fault, `stale` if none is left that is well, else nothing."""
    for opinion in opinions.values():
        if opinion.health == "ok":
            return ""
    healths = {o.health for o in opinions.values()}
    if not healths:
        return ""
    return "faulty" if healths == {"fault"} else "stale"
