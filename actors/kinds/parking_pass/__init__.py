"""A pass. `terms` reckons, `state` remembers, `seats` covers stays, `sale` takes money, `life` hears the holder."""

from actors.kinds.parking_pass.life import ParkingPass

__all__ = ["ParkingPass"]
