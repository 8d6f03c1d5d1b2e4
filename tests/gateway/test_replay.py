"""The demonstration never speaks for bays that have sensors of their own."""

import msgspec

from gateway.replay import demonstrated
from sim.city import melbourne
from tests.city.small import small_city


def test_only_the_bays_that_come_with_the_product_are_shown() -> None:
    shown, own = melbourne(), small_city()
    both = msgspec.structs.replace(shown, bays=[*shown.bays, *own.bays], devices=[*shown.devices, *own.devices])
    assert demonstrated(both) == shown
    assert demonstrated(own).bays == demonstrated(own).devices == []
