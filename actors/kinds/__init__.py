"""The kinds of actors a city is made of; what is listed here exists, and is tested the moment it is listed."""

from actors.engine.actor import Actor
from actors.kinds.account import Account
from actors.kinds.bay import Bay
from actors.kinds.campaign import Campaign
from actors.kinds.channel import Channel
from actors.kinds.collector import Collector
from actors.kinds.device import Device
from actors.kinds.fleet import Fleet
from actors.kinds.holder import Holder
from actors.kinds.holding import Holding
from actors.kinds.lot import Lot
from actors.kinds.merchant import Merchant
from actors.kinds.parking_pass import ParkingPass
from actors.kinds.payment import Payment
from actors.kinds.session import Session
from actors.kinds.vehicle import Vehicle

KINDS: tuple[type[Actor], ...] = (
    Bay,
    Lot,
    Device,
    Session,
    Vehicle,
    Account,
    ParkingPass,
    Campaign,
    Collector,
    Payment,
    Fleet,
    Holding,
    Holder,
    Channel,
    Merchant,
)

PORTS = frozenset({"payments", "devices"})
"""The ports to the outside that they ask; what no gateway has an adapter for waits."""
