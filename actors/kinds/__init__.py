"""The kinds of actors a city is made of; what is listed here exists, and is tested the moment it is listed."""

from actors.engine.actor import Actor
from actors.kinds.bay import Bay
from actors.kinds.device import Device
from actors.kinds.lot import Lot
from actors.kinds.session import Session
from actors.kinds.soon import Account, Collector, ParkingPass, Payment
from actors.kinds.vehicle import Vehicle

KINDS: tuple[type[Actor], ...] = (Bay, Lot, Device, Session, Vehicle, Account, ParkingPass, Collector, Payment)
