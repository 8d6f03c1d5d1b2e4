"""The part of the table that is about fleets: devices of one kind and firmware, which may go wrong together."""

from typing import Final

from gateway.http import fleets
from gateway.http.paging import Paged
from gateway.http.route import API, Route, Words

FLEETS: Final = (
    Route(
        "GET",
        f"{API}/fleets",
        "devices",
        "devices.read",
        fleets.listed,
        Words("同型号设备", "Devices by kind and firmware, and whether their departures are believed"),
        reply=fleets.Fleets,
    ),
    Route(
        "GET",
        f"{API}/fleets/{{id}}/held",
        "devices",
        "devices.read",
        fleets.held,
        Words("待定离场预览", "Departures that wait for a decision"),
        query=Paged,
        reply=fleets.Held,
        errors=("not_found", "busy", "outcome_unknown"),
    ),
    Route(
        "POST",
        f"{API}/fleets/{{id}}/decide",
        "devices",
        "fleets.write",
        fleets.decide,
        Words("批量撤销或确认离场", "Reverse or confirm departures that are held, all or some"),
        body=fleets.Decision,
        reply=fleets.Decided,
        errors=("not_found", "busy", "refused", "outcome_unknown"),
        idempotent=True,
    ),
    Route(
        "POST",
        f"{API}/fleets/{{id}}/lift",
        "devices",
        "fleets.write",
        fleets.lift,
        Words("解除隔离", "Believe the fleet again"),
        body=fleets.Lift,
        reply=fleets.FleetShown,
        errors=("not_found", "busy", "refused", "outcome_unknown"),
        idempotent=True,
    ),
)
